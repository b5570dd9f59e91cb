"""WarpFeatures: what lies at the points comes along, against a plain formulation and by what must stay as it is."""

from __future__ import annotations

import math

import pytest
import torch
from soat.soat_backend.feature_ops import get_features, interpolate, pad_expand, panorama, warp, warped_layer
from soat.soat_backend.feature_ops.warp import Field
from soat.soat_backend.geometry.points import Drag
from soat.soat_backend.latents import sample
from soat.soat_backend.support.errors import FeatureError, SoatError
from soat.soat_backend.synthesis.render import render

FREE = (False, False)
SQUARE = (1.0, 1.0)


@pytest.fixture(autouse=True)
def _inference():
    with torch.inference_mode():
        yield


@pytest.fixture
def features(generator):
    return get_features(generator, sample(generator, 3, 2), "b16.conv0")


def both(features):
    return torch.cat((features.activation, features.rgb_skip), dim=1)


def place(x, y):
    return torch.tensor([y, x], dtype=torch.float64)


def field(drags, size=SQUARE, wraps=FREE, radius=0.15, amount=1.0):
    return Field.of(drags, size, wraps, radius, amount)


def mirrored(position, size):
    position = abs(position) % (2 * size - 2)
    return min(position, 2 * size - 2 - position)


def test_one_short_drag_by_hand(features):
    """Each pixel is read where a Gaussian's part of the way back leads, between four others, mirrored at the edges."""
    drag, radius = Drag((0.9, 0.5), (0.95, 0.47)), 0.2
    x, warped = both(features), both(warp(features, [[drag]], radius=radius))
    side = x.shape[2]
    for row in range(side):
        for column in range(side):
            right, down = (column + 0.5) / side, (row + 0.5) / side
            part = math.exp(-((right - 0.95) ** 2 + (down - 0.47) ** 2) / (2 * radius**2))
            from_x, from_y = (right - 0.05 * part) * side - 0.5, (down + 0.03 * part) * side - 0.5
            left, top = math.floor(from_x), math.floor(from_y)
            expected = sum(
                x[:, :, mirrored(top + j, side), mirrored(left + i, side)]
                * (abs(1 - i - from_x + left) * abs(1 - j - from_y + top))
                for i in (0, 1)
                for j in (0, 1)
            )
            torch.testing.assert_close(warped[:, :, row, column], expected, rtol=0, atol=2e-5)


@pytest.mark.parametrize("radius", [0.05, 0.15, 1.0])
def test_targets_show_what_was_at_their_points(radius):
    drags = [Drag((0.2, 0.3), (0.5, 0.1)), Drag((0.7, 0.7), (0.7, 0.7)), Drag((0.25, 0.4), (0.5, 0.3))]
    whole = field(drags, radius=radius)
    for drag in drags:
        torch.testing.assert_close(whole.sources(place(*drag.target)), place(*drag.start), rtol=0, atol=1e-4)


def test_a_part_of_the_way_and_the_other_way():
    drag = Drag((0.4, 0.5), (0.6, 0.5))
    for amount, end in ((0.5, 0.5), (-1.0, 0.2), (2.0, 0.8)):
        found = field([drag], amount=amount).sources(place(end, 0.5))
        torch.testing.assert_close(found, place(0.4, 0.5), rtol=0, atol=1e-6)


def test_far_places_stay():
    places = torch.rand(200, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    drag = Drag((0.1, 0.1), (0.2, 0.1))
    far = (places - place(0.2, 0.1)).norm(dim=1) > 0.1 + 6 * 0.05
    assert far.any()
    assert (field([drag], radius=0.05).sources(places) - places)[far].abs().max() < 1e-6


@pytest.mark.parametrize(
    "drags",
    [
        [Drag((0.1, 0.5), (0.9, 0.5))],
        [Drag((0.3, 0.5), (0.7, 0.4)), Drag((0.7, 0.5), (0.3, 0.6)), Drag((0.5, 0.9), (0.5, 0.9))],
        [Drag((0.5, 0.5), (0.8, 0.5)), Drag((0.65, 0.54), (0.65, 0.54))],
    ],
    ids=["far", "past each other", "beside an anchor"],
)
def test_nothing_folds_over(drags):
    """Neighbours come from neighbours, in the same sense of rotation everywhere."""
    line = (torch.arange(200, dtype=torch.float64) + 0.5) / 200
    places = torch.stack(torch.meshgrid(line, line, indexing="ij"), dim=-1)
    found = field(drags).sources(places)
    down, right = found[1:, :-1] - found[:-1, :-1], found[:-1, 1:] - found[:-1, :-1]
    assert (down[..., 0] * right[..., 1] - down[..., 1] * right[..., 0]).min() > 0


def test_nothing_to_do_changes_nothing(features):
    still = [[Drag((0.5, 0.5), (0.5, 0.5))]]
    moved = [[Drag((0.5, 0.5), (0.6, 0.5))]]
    assert warp(features, [[]]) is features
    assert warp(features, still) is features
    assert warp(features, moved, amount=0.0) is features
    nowhere = warp(features, moved, mask=torch.zeros(1, 1, 4, 4))
    assert torch.equal(both(nowhere), both(features))


def test_a_mask_says_how_far_each_place_may_come_along(features):
    drags = [[Drag((0.4, 0.5), (0.5, 0.5))]]
    everywhere = warp(features, drags, mask=torch.ones(1, 1, 4, 4))
    assert torch.equal(both(everywhere), both(warp(features, drags)))
    left = torch.zeros(1, 1, 16, 16)
    left[..., :8] = 1.0
    masked = both(warp(features, drags, mask=left))
    assert torch.equal(masked[..., 8:], both(features)[..., 8:])
    assert torch.equal(masked[..., :8], both(everywhere)[..., :8])


def test_points_of_each_picture(generator, features):
    lists = [[Drag((0.4, 0.5), (0.5, 0.5))], [Drag((0.5, 0.2), (0.5, 0.4)), Drag((0.9, 0.9), (0.9, 0.9))]]
    together = both(warp(features, lists))
    for index, some in enumerate(lists):
        alone = get_features(generator, sample(generator, 3 + index), "b16.conv0")
        torch.testing.assert_close(together[index : index + 1], both(warp(alone, [some])), rtol=0, atol=1e-5)
    # One picture, warped in two ways.
    one = get_features(generator, sample(generator, 3), "b16.conv0")
    assert torch.equal(both(warp(one, lists))[:1], both(warp(one, lists[:1])))
    assert render(warp(one, lists)).shape[0] == 2
    # A frame that happens not to move is no exception.
    assert warp(one, lists, amount=0.0).batch == warp(one, [[]], mask=torch.ones(2, 1, 4, 4)).batch == 2


def test_on_a_canvas_that_wraps_there_is_no_edge(generator):
    wide = panorama(generator, sample(generator, 0, 3), "b16.conv0", wrap=True)
    over = warp(wide, [[Drag((0.98, 0.5), (1.0, 0.4)), Drag((0.2, 0.5), (0.2, 0.5))]])
    rolled = wide.with_tensors(lambda x: x.roll(12, 3))
    moved = warp(rolled, [[Drag((0.23, 0.5), (0.25, 0.4)), Drag((0.45, 0.5), (0.45, 0.5))]])
    torch.testing.assert_close(both(over).roll(12, 3), both(moved), rtol=0, atol=1e-4)
    assert over.wrap_x


def test_places_are_parts_of_the_canvas_and_radii_of_a_picture(features):
    """The same drag on a canvas of two pictures, the right one the map's mirror image: the left one is as it was."""
    wide = pad_expand(features, 0.0, 1.0, 0.0, 0.0, "reflect")
    alone = warp(features, [[Drag((0.4, 0.5), (0.5, 0.4))]], radius=0.05)
    there = warp(wide, [[Drag((0.2, 0.5), (0.25, 0.4))]], radius=0.05)
    torch.testing.assert_close(both(there)[..., :16], both(alone), rtol=0, atol=1e-5)


def test_mixed_generators_come_along(make_generator):
    """Warped after an even mixture, or mixed evenly after both were warped: one map."""
    generators = [make_generator(seed=seed) for seed in (0, 1)]
    a, b = (get_features(each, sample(each, 3), "b16.conv0") for each in generators)
    drags = [[Drag((0.4, 0.5), (0.5, 0.4))]]
    first = warp(interpolate(a, b, 0.5), drags)
    second = interpolate(warp(a, drags), warp(b, drags), 0.5)
    torch.testing.assert_close(render(first), render(second), rtol=0, atol=1e-4)
    # Where one lies beside the other, the border is warped as the maps are, at this layer and at those to come.
    beside = warp(interpolate(a, b, 1.0, shape="left_to_right"), drags)
    assert float((render(beside) - render(interpolate(a, b, 1.0, shape="left_to_right"))).abs().max()) > 1e-3
    for branch in beside.branches:
        weights = branch.weight.at(beside.grid)
        assert weights.shape[2:] == (16, 16)
    total = sum(branch.weight.at(beside.grid) for branch in beside.branches)
    torch.testing.assert_close(total, torch.ones_like(total), rtol=0, atol=1e-6)


def test_the_layer_of_a_quarter_of_the_resolution(generator):
    assert warped_layer(generator).sampling_rate * 4 == generator.layers.last.sampling_rate
    assert warped_layer(generator).name.endswith("conv0")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"radius": 0.0}, "^radius: expected"),
        ({"amount": 2.5}, "^amount: expected"),
        ({"drags": [[Drag((0.1, 0.1), (0.5, 0.5)), Drag((0.9, 0.9), (0.5, 0.5))]]}, "points 1 and 2 end at one place"),
        ({"drags": [[]] * 3}, "lists for 3 pictures, and there are 2"),
    ],
)
def test_what_cannot_be_done_is_refused(features, given, message):
    with pytest.raises(SoatError, match=message):
        warp(features, **{"drags": [[Drag((0.5, 0.5), (0.6, 0.5))]], **given})


def test_masks_that_do_not_fit_are_refused(features):
    with pytest.raises(FeatureError, match="batch of 3"):
        warp(features, [[Drag((0.5, 0.5), (0.6, 0.5))]], mask=torch.ones(3, 1, 4, 4))
