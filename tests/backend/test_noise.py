"""Noise as a field over the canvas: the same place has the same noise, however it is come to."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from plain import noise_at
from soat.soat_backend.feature_ops import get_features, pad_expand, panorama, shift_blend, stitch
from soat.soat_backend.generators.stylegan2.layer_table import stylegan2_layers
from soat.soat_backend.geometry.canvas import Canvas, Window
from soat.soat_backend.latents import sample
from soat.soat_backend.synthesis.crop import crop
from soat.soat_backend.synthesis.feature_map import FeatureMap
from soat.soat_backend.synthesis.noise import NoiseField, field

LAYER = stylegan2_layers(32).find("b16.conv1")
BUFFER = torch.randn(16, 16, generator=torch.Generator().manual_seed(5))


def sampled(noise: NoiseField, canvas: Canvas, window: Window | None = None, batch: int = 1) -> torch.Tensor:
    return noise.sample(LAYER, BUFFER, canvas, window or canvas.window, batch)


def expected_field(seed: int, rows, columns) -> torch.Tensor:
    return torch.tensor([[noise_at(seed, LAYER.style_index, y, x) for x in columns] for y in rows])


# --- the field -------------------------------------------------------------------------------------------------------


def test_field_values():
    """Saved pictures rely on these for good: no release may change them."""
    values = field(7, 3, np.array([-2, 0, 5]), np.array([-1, 0, 1000]))
    expected = [
        [-1.985892, 1.485382, -2.089394],
        [0.956056, 0.418948, -0.520699],
        [-0.220647, -1.470804, 0.668841],
    ]
    assert values.dtype == np.float32
    np.testing.assert_allclose(values, expected, rtol=0, atol=2e-6)


def test_field_is_the_formula():
    rows, columns = np.arange(-40, 40, 7), np.arange(-3, 90, 11)
    for seed, layer_index in ((0, 0), (2**32 - 1, 25), (2**70 + 3, 1), (-5, 2)):
        expected = [[noise_at(seed, layer_index, int(y), int(x)) for x in columns] for y in rows]
        np.testing.assert_allclose(field(seed, layer_index, rows, columns), expected, rtol=0, atol=2e-6)


@pytest.mark.parametrize(("seed", "layer_index"), [(0, 0), (1, 0), (0, 1), (12345, 17)])
def test_field_is_standard_normal(seed, layer_index):
    """Bounds are some five standard errors of 200 x 200 independent values."""
    values = field(seed, layer_index, np.arange(-100, 100), np.arange(-100, 100)).astype(np.float64)
    assert abs(values.mean()) < 0.025
    assert abs(values.std() - 1) < 0.018
    assert abs((values**3).mean()) < 0.1
    assert abs((values**4).mean() - 3) < 0.25
    assert 3.5 < np.abs(values).max() < 6.5


@pytest.mark.parametrize("shift", [(0, 1), (1, 0), (1, 1), (1, -1), (0, 2), (4, 0), (0, 64)])
def test_neighbours_are_uncorrelated(shift):
    values = field(3, 4, np.arange(200), np.arange(200)).astype(np.float64)
    moved = np.roll(values, shift, (0, 1))
    assert abs((values * moved).mean()) < 0.025


def test_seeds_and_layers_are_uncorrelated():
    places = np.arange(200)
    base = field(3, 4, places, places).astype(np.float64)
    others = [(4, 4), (3, 5), (4, 3), (2, 4), (3 + 2**31, 4)]
    for seed, layer_index in others:
        assert abs((base * field(seed, layer_index, places, places)).mean()) < 0.025


def test_field_has_no_mirror_image():
    """y and x play different parts: (y, x) and (x, y) are unrelated."""
    values = field(3, 4, np.arange(200), np.arange(200)).astype(np.float64)
    above = np.triu_indices(200, 1)
    assert abs((values * values.T)[above].mean()) < 0.036


# --- sampled on a canvas ---------------------------------------------------------------------------------------------


def test_const_is_the_buffer_inside_the_picture():
    assert torch.equal(sampled(NoiseField(), Canvas(16, 16)), BUFFER[None, None])


def test_const_on_a_larger_canvas():
    """The buffer where the picture lies, around it the field of the seed by the place from the picture's corner."""
    noise = sampled(NoiseField("const", 9, top=0.25, left=1.0), Canvas(24, 40))
    assert noise.shape == (1, 1, 24, 40)
    around = expected_field(9, range(-4, 20), range(-16, 24))
    inside = torch.zeros(24, 40, dtype=torch.bool)
    inside[4:20, 16:32] = True
    assert torch.equal(noise[0, 0, 4:20, 16:32], BUFFER)
    torch.testing.assert_close(noise[0, 0][~inside], around[~inside], rtol=0, atol=2e-6)


def test_random_items_have_consecutive_seeds():
    noise = sampled(NoiseField("random", 40), Canvas(16, 16), batch=3)
    assert noise.shape == (3, 1, 16, 16)
    for item in range(3):
        alone = sampled(NoiseField("random", 40 + item), Canvas(16, 16))
        assert torch.equal(noise[item], alone[0])
        torch.testing.assert_close(noise[item, 0], expected_field(40 + item, range(16), range(16)), rtol=0, atol=2e-6)


def test_none_is_none():
    assert sampled(NoiseField("none", 40), Canvas(16, 16)) is None


@pytest.mark.parametrize("mode", ["const", "random"])
@pytest.mark.parametrize("canvas", [Canvas(24, 40), Canvas(24, 40, wrap_x=True), Canvas(24, 40, True, True)])
@pytest.mark.parametrize("window", [Window(0, 0, 24, 40), Window(3, 5, 7, 11), Window(20, 37, 4, 3)])
def test_window_is_a_part_of_the_whole(mode, canvas, window):
    noise = NoiseField(mode, 9, top=0.25, left=0.5)
    whole, part = sampled(noise, canvas, batch=2), sampled(noise, canvas, window, batch=2)
    rows = slice(window.top, window.top + window.height)
    columns = slice(window.left, window.left + window.width)
    assert torch.equal(part, whole[:, :, rows, columns])


@pytest.mark.parametrize("mode", ["const", "random"])
def test_window_over_the_seam_of_a_canvas_that_wraps(mode):
    canvas = Canvas(24, 40, wrap_y=True, wrap_x=True)
    noise = NoiseField(mode, 9, top=0.25, left=0.5)
    whole, part = sampled(noise, canvas), sampled(noise, canvas, Window(20, 35, 10, 9))
    assert torch.equal(part, torch.roll(whole, (-20, -35), (2, 3))[:, :, :10, :9])


def test_picture_over_the_seam():
    """A picture that starts left of the seam goes on at the other end of the canvas."""
    noise = sampled(NoiseField("const", 9, left=2.0), Canvas(16, 40, wrap_x=True))
    assert torch.equal(noise[0, 0, :, 32:], BUFFER[:, :8])
    assert torch.equal(noise[0, 0, :, :8], BUFFER[:, 8:])


def test_periodic_part_is_the_canvas_repeated():
    """A part cut out of a canvas that wraps has the whole's noise, wherever it was cut."""
    whole = sampled(NoiseField("const", 9, top=0.25, left=0.5), Canvas(24, 40, wrap_y=True, wrap_x=True))
    cut = NoiseField("const", 9, top=0.25, left=0.5).moved(0.25, 0.75).periodic(1.5, 2.5)
    part = sampled(cut, Canvas(48, 80))
    assert torch.equal(part, torch.roll(whole, (4, 12), (2, 3)).repeat(1, 1, 2, 2))


# --- through the edits -----------------------------------------------------------------------------------------------


def noise_of(features: FeatureMap, branch: int = 0) -> torch.Tensor:
    """A branch's noise at the features' own layer, all over the canvas."""
    chosen, layer = features.branches[branch], features.layer
    buffer = chosen.generator.module(layer).noise_const
    return chosen.noise.sample(layer, buffer, features.canvas, features.canvas.window, features.batch)


@pytest.fixture
def features(make_generator):
    generator = make_generator()
    latent = sample(generator, 3, batch_size=2)
    return lambda mode: get_features(generator, latent, "b8.conv1", mode, 9)


@pytest.mark.parametrize("noise_mode", ["const", "random"])
@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular", "zeros", "stretch"])
def test_pad_leaves_the_noise_of_a_place(features, mode, noise_mode):
    before = features(noise_mode)
    after = pad_expand(before, 0.5, 0.25, 0.125, 1.0, mode)
    assert torch.equal(noise_of(after)[:, :, 1:9, 4:12], noise_of(before))
    twice = pad_expand(pad_expand(before, 0.25, 0.25, 0.125, 0.0, mode), 0.25 * 2 / 3, 0.0, 0.0, 8 / 9, mode)
    assert twice.canvas == Canvas(17, 14) and after.canvas == Canvas(17, 14)
    assert torch.equal(noise_of(twice), noise_of(after))


@pytest.mark.parametrize("direction", ["horizontal", "vertical"])
def test_stitched_pictures_keep_their_noise_and_all_branches_have_it(features, direction):
    before = features("const")
    joined = stitch([before, before, before], direction)
    assert len(joined.branches) == 3
    axis = 3 if direction == "horizontal" else 2
    for branch in range(3):
        assert torch.equal(noise_of(joined, branch), torch.cat([noise_of(before)] * 3, axis))


def test_pictures_stitched_to_a_padded_one_keep_their_noise(features):
    before = features("const")
    padded = pad_expand(before, 0.5, 0.25)
    joined = stitch([before, padded])
    for branch in range(2):
        noise = noise_of(joined, branch)
        assert torch.equal(noise[..., :8], noise_of(before)) and torch.equal(noise[..., 12:20], noise_of(before))
        # Around them is the first one's field, which goes on over the whole canvas.
        assert torch.equal(noise[..., 20:], noise_of(pad_expand(before, 0, 14 / 8))[..., 20:])


def test_random_noise_is_one_field_over_a_stitched_canvas(features, make_generator):
    before = features("random")
    joined = stitch([before, before])
    for branch in range(2):
        assert torch.equal(noise_of(joined, branch), noise_of(pad_expand(before, 0.0, 1.0)))
    generator = make_generator()
    three = panorama(generator, sample(generator, 3, batch_size=3), "b8.conv1", noise_mode="random", noise_seed=9)
    assert torch.equal(noise_of(three, 0), noise_of(three, 2))


def test_shift_leaves_the_noise(features):
    before = features("const")
    assert torch.equal(noise_of(shift_blend(before, 0.25, 0.25)), noise_of(before))


def test_crop_has_the_noise_of_the_whole(features, make_generator):
    large = pad_expand(features("const"), 0.5, 0.5, 0.5, 0.0)
    assert torch.equal(noise_of(crop(large, Window(2, 3, 8, 9))), noise_of(large)[:, :, 2:10, 3:12])
    generator = make_generator()
    around = panorama(generator, sample(generator, 3, batch_size=3), "b8.conv1", wrap=True)
    for branch in range(3):
        cut = noise_of(crop(around, Window(0, -4, 8, 12)), branch)
        assert torch.equal(cut, torch.roll(noise_of(around, branch), 4, 3)[:, :, :, :12])
