"""Portraits of 256 px in thin ink and in watercolours: structured as the plain ones, and what makes the looks."""

import numpy as np
import pytest
from soat.soat_backend.training.renderers import render_one
from soat.soat_backend.training.renderers.styles import thin_ink, watercolour
from soat.soat_backend.training.renderers.styles.patches import patches, soft_steps

LUMA = np.array([0.2126, 0.7152, 0.0722])
LARGE_STYLES = ["comic", "watercolour"]


def shrink(image, size):
    factor = image.shape[0] // size
    return image.reshape(size, factor, size, factor, *image.shape[2:]).mean(axis=(1, 3))


def steepness(image):
    return np.hypot(*np.gradient(image))


def correlation(first, second):
    return np.corrcoef(first.ravel(), second.ravel())[0, 1]


@pytest.mark.parametrize("style", LARGE_STYLES)
def test_large_portraits_in_a_style_keep_their_structure(style):
    """Light and dark, and the contours of the face, lie where they lie in the plain picture, and in no other."""
    for index in range(3):
        drawn, same, other = (
            render_one(k, name, 256, 0) @ LUMA
            for k, name in ((index, f"portrait-{style}"), (index, "portrait"), (index + 9, "portrait"))
        )
        assert correlation(shrink(drawn, 64)[16:56, 16:48], shrink(same, 64)[16:56, 16:48]) > 0.85
        contours, plain_contours, others = (
            steepness(shrink(image, 64)[20:50, 18:46]) for image in (drawn, same, other)
        )
        assert correlation(contours, plain_contours) > 0.6
        assert correlation(contours, plain_contours) > correlation(contours, others) + 0.2


@pytest.mark.parametrize("style", LARGE_STYLES)
def test_halfway_between_plain_and_style_is_halfway(style):
    """No pixel's distance is so large that a blend would show two pictures: few are black where the other is light."""
    off = np.abs(render_one(0, f"portrait-{style}", 256, 0) @ LUMA - render_one(0, "portrait", 256, 0) @ LUMA)
    assert 8 < off.mean() < 60
    face = off[80:210, 64:192]
    assert np.percentile(face, 95) < 100


def test_watercolours_leave_paper_around_the_wash_and_are_dark_at_its_edge():
    picture = render_one(4, "portrait-watercolour", 256, 0).astype(float)
    assert picture[:6].mean() > 215
    assert np.array_equal(picture, render_one(4, "portrait-watercolour", 256, 0))
    assert np.abs(shrink(picture, 64) - render_one(4, "portrait-watercolour", 64, 0)).max() <= 1


def test_the_pen_draws_around_parts():
    tone, regions = np.full((384, 384), 0.7, np.float32), np.zeros((384, 384), np.uint8)
    regions[:, 192:] = 5
    ink = thin_ink.pen(tone, regions)
    assert ink[:, 190:194].max(1).min() > 0.7
    assert ink[:, :186].max() < 0.01 > ink[:, 198:].max()


def test_patches_keep_contours_and_even_out_the_rest():
    rng = np.random.default_rng(0)
    image = np.full((64, 64, 3), 0.2, np.float32)
    image[:, 32:] = 0.8
    noisy = image + rng.normal(0, 0.03, image.shape).astype(np.float32)
    smooth = patches(noisy, 4)
    assert smooth.shape == image.shape
    assert np.abs(smooth - image).max() < 0.08
    assert (smooth - image).std() < 0.4 * (noisy - image).std()


def test_soft_steps_gather_tones_and_keep_their_order():
    tone = np.linspace(0, 1, 501).astype(np.float32)
    stepped = soft_steps(tone, 5, 6.0)
    assert (np.diff(stepped) > -1e-6).all()
    assert np.abs(stepped - tone).max() < 0.5 / 5
    levels = np.arange(6) / 5
    assert np.abs(soft_steps(levels.astype(np.float32), 5, 6.0) - levels).max() < 1e-3
    assert (np.abs(stepped[:, None] - levels).min(1) < 0.03).mean() > 0.6


def test_watercolour_paints_any_picture():
    image = np.full((64, 64, 3), 0.4, np.float32)
    painted = watercolour.apply(image, np.random.default_rng(0))
    assert painted.shape == image.shape and painted.dtype == np.float32
    assert painted.min() >= 0 and painted.max() <= 1
    assert not np.array_equal(painted, watercolour.apply(image, np.random.default_rng(1)))
