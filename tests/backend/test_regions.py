"""Soft regions against their definitions, pixel by pixel."""

from __future__ import annotations

import math

import pytest
import torch
from soat.soat_backend.feature_ops.regions import Region, combine_masks
from soat.soat_backend.support.errors import FeatureError, SoatError

CLOSE = {"rtol": 0, "atol": 1e-6}


def by_pixel(height, width, value):
    return torch.tensor([[[[float(value(y + 0.5, x + 0.5)) for x in range(width)] for y in range(height)]]])


def test_box_rises_linearly_inside():
    def value(y, x):
        depth_y, depth_x = min(y - 4, 12 - y), min(x - 8, 24 - x)
        return min(max(depth_y, 0) / 2, 1) * min(max(depth_x, 0) / 2, 1)

    region = Region(0.25, 0.25, 0.5, 0.5, feather=0.25)
    torch.testing.assert_close(region.mask(16, 32), by_pixel(16, 32, value), **CLOSE)


@pytest.mark.parametrize("feather", [0.0, 0.2, 0.5])
def test_ellipse_is_round_and_rises_linearly_inside(feather):
    def value(y, x):
        depth = 8 - math.hypot(y - 14, x - 10)
        return min(depth / (feather * 16), 1) if depth > 0 and feather else depth > 0

    region = Region(2 / 24, 6 / 24, 16 / 24, 16 / 24, feather, shape="ellipse")
    torch.testing.assert_close(region.mask(24, 24), by_pixel(24, 24, value), rtol=0, atol=1e-5)


def test_gaussian_falloff_is_the_hard_box_blurred_with_a_kernel_of_half_its_side():
    """As the reference does: an odd kernel of about half the box, sigma equal to its length, borders mirrored."""
    taps = [math.exp(-0.5 * (offset / 9) ** 2) for offset in range(-4, 5)]
    hard = torch.zeros(32, 32, dtype=torch.float64)
    hard[8:24, 8:24] = 1

    def value(y, x):
        total = 0.0
        for i, tap_y in enumerate(taps):
            for j, tap_x in enumerate(taps):
                total += tap_y * tap_x * hard[abs(int(y) + i - 4) % 32, abs(int(x) + j - 4) % 32]
        return total / sum(taps) ** 2

    mask = Region(0.25, 0.25, 0.5, 0.5, feather=0.5, falloff="gaussian").mask(32, 32)
    torch.testing.assert_close(mask, by_pixel(32, 32, value), rtol=0, atol=1e-5)


def test_gaussian_falloff_at_the_canvas_edge_stays_one_there():
    mask = Region(0, 0, 1, 0.5, feather=0.5, falloff="gaussian").mask(32, 32)
    assert mask[0, 0, 0].min() == pytest.approx(1.0, abs=1e-6)


def test_a_region_may_begin_beyond_the_canvas():
    """So that its edge doesn't fade there."""
    sky = Region(-0.5, -0.5, 2.0, 1.0, feather=0.1).mask(20, 20)
    assert sky[0, 0, :8].min() == 1.0 and sky[0, 0, 10:].max() == 0.0


@pytest.mark.parametrize("shape", ["box", "ellipse"])
@pytest.mark.parametrize("falloff", ["linear", "gaussian"])
def test_an_empty_region_is_zero(shape, falloff):
    assert Region(0.5, 0.5, 0.0, 0.3, 0.5, shape, falloff).mask(16, 16).abs().max() == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [({"x": 1.5}, "x"), ({"feather": 0.6}, "feather"), ({"shape": "star"}, "shape"), ({"falloff": "hard"}, "falloff")],
)
def test_numbers_out_of_range_and_unknown_words_are_refused(change, said):
    with pytest.raises(SoatError, match=f"RegionMask, {said}"):
        Region(**change, node="RegionMask")


def test_combinations():
    first, second = torch.tensor([[[[0.0, 0.5, 1.0]]]]), torch.tensor([[[[0.75, 0.25, 0.5]]]])
    assert combine_masks(first, second, "add").flatten().tolist() == [0.75, 0.5, 1.0]
    assert combine_masks(first, second, "subtract").flatten().tolist() == [0.0, 0.5, 0.5]
    assert combine_masks(first, second, "intersect").flatten().tolist() == [0.0, 0.25, 0.5]
    with pytest.raises(SoatError, match="combine"):
        combine_masks(first, second, "xor")
    with pytest.raises(SoatError, match="batch of 2, the other of 3"):
        combine_masks(first.expand(2, -1, -1, -1), second.expand(3, -1, -1, -1), "add")


def test_a_mask_in_other_units_is_refused(node):
    with pytest.raises(FeatureError, match="RegionMask: the mask has values outside 0 to 1"):
        node("RegionMask", mask=torch.full((1, 8, 8), 5.0))


def test_parts_in_a_chain_through_the_node(node):
    left = node("RegionMask", x=0.0, y=0.0, width=0.25, height=1.0, feather=0.0, resolution=16)
    both = node("RegionMask", x=0.75, y=0.0, width=0.25, height=1.0, feather=0.0, mask=left)
    assert both.shape == (1, 16, 16)
    assert both[0, 3].tolist() == [1.0] * 4 + [0.0] * 8 + [1.0] * 4
    hole = node("RegionMask", x=0.0, y=0.5, width=1.0, height=0.5, feather=0.0, mask=both, combine="subtract")
    assert hole.sum() == both.sum() / 2
    turned = node("RegionMask", x=0.0, y=0.0, width=0.25, height=1.0, feather=0.0, invert=True, resolution=16)
    assert torch.equal(turned, 1.0 - left)
