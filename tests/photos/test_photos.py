"""Squares cut and put back: identities, and a slow plain formulation."""

from __future__ import annotations

import math

import pytest
import torch
from soat.nodes import NODE_CLASS_MAPPINGS
from soat.soat_backend.pictures.photos import Crop, cut, paste, square_crop
from soat.soat_backend.support.errors import SoatError


def smooth_picture(height=120, width=160, channels=3):
    y, x = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
    planes = [torch.sin(x / (9 + k)) * torch.cos(y / (7 + 2 * k)) for k in range(channels)]
    return torch.stack(planes)[None]


def test_a_whole_square_at_its_own_size_is_its_pixels():
    picture = torch.randn(1, 3, 50, 70, generator=torch.Generator().manual_seed(0))
    crop = square_crop(70, 50, x=0.5, y=0.0, size=0.8)
    assert crop.side == 40 and crop.bounds() == (15, 0, 55, 40)
    torch.testing.assert_close(cut(picture, crop, 40), picture[:, :, :40, 15:55], rtol=0, atol=1e-5)


@pytest.mark.parametrize("factor", [2, 4])
def test_half_the_size_is_the_mean_of_pixels(factor):
    picture = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    expected = torch.nn.functional.avg_pool2d(picture, factor)
    # Away from the edge, where nothing beyond it counts.
    found = cut(picture, square_crop(64, 64), 64 // factor)
    torch.testing.assert_close(found[..., 2:-2, 2:-2], expected[..., 2:-2, 2:-2], rtol=0, atol=1e-4)


def test_turned_squares_are_sampled_where_they_lie():
    """Against the picture's own formula at the points that the square's pixels lie on."""
    picture = smooth_picture()
    angle, half, size = 0.4, 30.0, 90
    crop = Crop((80.0, 60.0), (half * math.cos(angle), half * math.sin(angle)), 160, 120)
    u = ((torch.arange(size) + 0.5) / size * 2 - 1) * half
    across, along = u[None, :], u[:, None]
    x = 80 + across * math.cos(angle) - along * math.sin(angle)
    y = 60 + across * math.sin(angle) + along * math.cos(angle)
    expected = torch.stack([torch.sin(x / (9 + k)) * torch.cos(y / (7 + 2 * k)) for k in range(3)])[None]
    assert (cut(picture, crop, size) - expected).abs().max() < 0.01


def test_what_is_cut_and_put_back_unchanged_is_the_picture():
    picture = smooth_picture()
    for angle in (0.0, 0.3, 2.0):
        crop = Crop((70.0, 55.0), (40 * math.cos(angle), 40 * math.sin(angle)), 160, 120)
        back = paste(picture, cut(picture, crop, 160), crop, feather=0.1)
        assert (back - picture).abs().max() < 0.01
    # Also where the square reaches far beyond the picture, where it is invented and dropped again.
    crop = Crop((10.0, 110.0), (50.0, 20.0), 160, 120)
    back = paste(picture, cut(picture, crop, 216), crop, feather=0.1)
    # The blur of borders reaches a third as far in as out.
    assert (back - picture)[..., :95, 25:].abs().max() < 0.05


def test_outside_the_square_nothing_changes_and_inside_all_does():
    picture = smooth_picture()
    crop = square_crop(160, 120, x=0.25, y=1.0, size=0.5)
    back = paste(picture, torch.full((1, 3, 10, 10), 9.0), crop, feather=0.0)
    left, top, right, bottom = (int(edge) for edge in crop.bounds())
    torch.testing.assert_close(back[..., top:bottom, left:right], torch.full((1, 3, 60, 60), 9.0))
    back[..., top:bottom, left:right] = picture[..., top:bottom, left:right]
    assert torch.equal(back, picture)


def test_the_feather_rises_from_the_edge():
    picture = torch.zeros(1, 1, 100, 100)
    crop = square_crop(100, 100)
    row = paste(picture, torch.ones(1, 1, 100, 100), crop, feather=0.2)[0, 0, 50]
    t = torch.clamp((torch.arange(50) + 0.5) / 20, max=1.0)
    torch.testing.assert_close(row[:50], t * t * (3 - 2 * t), rtol=0, atol=1e-4)
    torch.testing.assert_close(row, row.flip(0), rtol=0, atol=1e-5)


def test_a_mask_says_what_is_put_back():
    picture = torch.zeros(1, 1, 80, 80)
    mask = torch.zeros(1, 1, 8, 8)
    mask[..., 4:] = 1
    back = paste(picture, torch.ones(1, 1, 80, 80), square_crop(80, 80), feather=0.0, mask=mask)[0, 0]
    assert not back[:, :34].any() and (back[:, 46:] == 1).all()


def test_beyond_borders_it_is_mirrored_and_ever_more_blurred():
    picture = torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    crop = Crop((32.0, 0.0), (40.0, 0.0), 64, 64)  # 40 pixels above the picture, 8 to either side
    found = cut(picture, crop, 80)[0, 0]
    inside = found[40 + 10 :, 8:-8]  # 10 pixels and more from the upper border
    spread = [float((found[row, 20:-20]).std()) for row in (2, 20, 36)]
    assert spread[0] < spread[1] + 0.02 < 0.1 and float(inside.std()) > 0.2
    assert spread[0] < 0.02
    median = float(picture[..., :56, :].median())
    assert float(found[0].mean()) == pytest.approx(median, abs=0.05)


def test_crops_far_larger_than_the_picture_work():
    picture = torch.rand(1, 3, 3, 5)
    found = cut(picture, Crop((2.0, 1.0), (100.0, 30.0), 5, 3), 64)
    assert found.shape == (1, 3, 64, 64) and found.isfinite().all() and found.min() >= 0 and found.max() <= 1
    assert cut(torch.rand(1, 3, 1, 1), square_crop(1, 1), 16).shape == (1, 3, 16, 16)


def test_refusals():
    picture = torch.zeros(1, 3, 20, 30)
    crop = square_crop(30, 20)
    with pytest.raises(SoatError, match="cut out of a picture of 30 x 20, and this one is 40 x 20"):
        paste(torch.zeros(1, 3, 20, 40), torch.zeros(1, 3, 8, 8), crop)
    with pytest.raises(SoatError, match="has to be a square, got 16 x 8"):
        paste(picture, torch.zeros(1, 3, 8, 16), crop)
    with pytest.raises(SoatError, match=r"size: expected a number from 0\.01 to 1"):
        square_crop(30, 20, size=0)


@pytest.mark.parametrize("aspect", [0.5, 0.6, 5 / 3, 4.0])
def test_a_rectangle_of_any_shape_is_its_pixels_and_put_back_the_picture(aspect):
    """It is the largest of that shape, on whole pixels, and lies where it should."""
    picture = torch.randn(1, 3, 51, 70, generator=torch.Generator().manual_seed(0))
    crop = square_crop(70, 51, x=1.0, y=0.0, aspect=aspect)
    left, top, right, bottom = (round(edge) for edge in crop.bounds())
    width, height = right - left, bottom - top
    assert (right, top) == (70, 0) and (width == 70 or height == 51)
    assert abs(width - height * aspect) <= max(1.0, aspect) / 2 + 1e-6
    torch.testing.assert_close(crop.bounds(), (float(left), float(top), float(right), float(bottom)))
    found = cut(picture, crop, (height, width))
    torch.testing.assert_close(found, picture[:, :, top:bottom, left:right], rtol=0, atol=1e-4)
    for feather in (0.0, 0.2):
        assert (paste(picture, found, crop, feather) - picture).abs().max() < 1e-3
    back = paste(picture, torch.full_like(found, 9.0), crop, feather=0.0)
    torch.testing.assert_close(back[:, :, top:bottom, left:right], torch.full_like(found, 9.0))
    back[:, :, top:bottom, left:right] = picture[:, :, top:bottom, left:right]
    assert torch.equal(back, picture)


def test_a_turned_rectangle_comes_back():
    picture = smooth_picture()
    crop = Crop((80.0, 60.0), (30 * math.cos(0.4), 30 * math.sin(0.4)), 160, 120, half_height=20.0)
    assert crop.side == pytest.approx(60) and crop.sides == pytest.approx((40, 60))
    back = paste(picture, cut(picture, crop, (160, 240)), crop, feather=0.1)
    assert (back - picture).abs().max() < 0.01
    # Its lower side's middle, where the mask is.
    mask = torch.zeros(1, 1, 8, 8)
    mask[..., 4:, :] = 1
    found = paste(torch.zeros(1, 1, 120, 160), torch.ones(1, 1, 16, 24), crop, 0.0, mask)[0, 0]
    x, y = 80 - 18 * math.sin(0.4), 60 + 18 * math.cos(0.4)
    assert found[int(y), int(x)] == 1 and found[int(120 - y), int(160 - x)] == 0


def test_the_feather_of_a_rectangle_is_as_wide_on_every_side():
    crop = square_crop(200, 100, aspect=2.0)
    found = paste(torch.zeros(1, 1, 100, 200), torch.ones(1, 1, 100, 200), crop, feather=0.2)[0, 0]
    torch.testing.assert_close(found[50, :50], found[:50, 100], rtol=0, atol=1e-5)
    t = torch.clamp((torch.arange(50) + 0.5) / 20, max=1.0)
    torch.testing.assert_close(found[50, :50], t * t * (3 - 2 * t), rtol=0, atol=1e-4)


def test_through_the_nodes_what_is_cut_for_people_and_put_back_is_the_photo(node, make_generator):
    people = make_generator(16, constant=(4, 2))
    photo = torch.rand(2, 64, 90, 3, generator=torch.Generator().manual_seed(0))
    cut_out = NODE_CLASS_MAPPINGS["SquareCrop"]().crop(image=photo, x=0.3, size=64, aspect=0.5)
    assert cut_out[0].shape == (2, 64, 32, 3)
    back = node("PasteBack", image=photo, edited=cut_out[0], crop=cut_out[1])
    assert (back - photo).abs().max() <= 1e-4
    # What such a generator makes fits too, whatever its size.
    picture = node(
        "Render",
        features=node("GetFeatures", generator=people, latent=node("SampleLatent", generator=people, batch_size=2)),
    )
    pasted = node("PasteBack", image=photo, edited=picture, crop=cut_out[1], feather=0.0)
    columns = slice(round(0.3 * (90 - 32)), round(0.3 * (90 - 32)) + 32)
    assert torch.equal(pasted[:, :, 60:], photo[:, :, 60:]) and not torch.equal(
        pasted[:, :, columns], photo[:, :, columns]
    )
    # Saved workflows know nothing of a shape.
    square = NODE_CLASS_MAPPINGS["SquareCrop"]().crop(image=photo, x=0.3, y=0.5, square=1.0, size=64)[0]
    assert square.shape == (2, 64, 64, 3)


def test_what_has_another_shape_is_not_put_back():
    crop = square_crop(60, 90, aspect=0.5)
    with pytest.raises(SoatError, match="has to be 45 x 90 or as wide for its height, got 16 x 16"):
        paste(torch.zeros(1, 3, 90, 60), torch.zeros(1, 3, 16, 16), crop)
    with pytest.raises(SoatError, match="got 32 x 16"):
        paste(torch.zeros(1, 3, 90, 60), torch.zeros(1, 3, 16, 32), crop)
    for name, value in (("aspect", 0.0), ("aspect", 11.0)):
        with pytest.raises(SoatError, match=r"aspect: expected a number from 0\.1 to 10"):
            square_crop(60, 90, **{name: value})
