"""TransformFeatures: geometry against plain indexing and rotation by hand, bending against its definition."""

from __future__ import annotations

import math

import pytest
import torch
from soat.soat_backend.feature_ops import Placement, bend, get_features, interpolate, panorama, stitch, transform
from soat.soat_backend.latents import sample
from soat.soat_backend.support.errors import FeatureError, SoatError
from soat.soat_backend.support.index_ranges import parse_picks
from soat.soat_backend.synthesis.render import render


@pytest.fixture(autouse=True)
def _inference():
    with torch.inference_mode():
        yield


@pytest.fixture
def features(generator):
    return get_features(generator, sample(generator, 3, 2), "b8.conv1")


def apply(features, **placement):
    return transform(features, Placement(**placement))


def both(features):
    return torch.cat((features.activation, features.rgb_skip), dim=1)


EXACT = {
    "flip_horizontal": ({"flip_horizontal": True}, lambda x: x.flip(3)),
    "flip_vertical": ({"flip_vertical": True}, lambda x: x.flip(2)),
    "half turn": ({"rotate": 180}, lambda x: x.flip(2, 3)),
    "quarter turn clockwise": ({"rotate": 90}, lambda x: x.rot90(-1, (2, 3))),
    "quarter turn back": ({"rotate": -90}, lambda x: x.rot90(1, (2, 3))),
    "to the right": ({"right": 0.25}, lambda x: torch.cat((x[..., 1:3].flip(3), x[..., :6]), dim=3)),
    "up": ({"down": -0.125}, lambda x: torch.cat((x[:, :, 1:], x[:, :, 6:7]), dim=2)),
    "twice as large": (
        {"scale": 2.0},
        lambda x: torch.nn.functional.interpolate(x, scale_factor=2, mode="bilinear")[:, :, 4:12, 4:12],
    ),
}


@pytest.mark.parametrize("name", EXACT)
def test_placements_that_plain_indexing_can_do(features, name):
    placement, plainly = EXACT[name]
    torch.testing.assert_close(both(apply(features, **placement)), plainly(both(features)), rtol=0, atol=1e-6)


@pytest.mark.parametrize("angle", [-1e-15, 1e-15, 360 - 1e-13, -90 - 1e-14])
def test_angles_next_to_quarter_turns_are_those(features, angle):
    """As moving values come, by way of sums."""
    nearest = 90.0 * round(angle / 90)
    torch.testing.assert_close(
        both(apply(features, rotate=angle)), both(apply(features, rotate=nearest)), rtol=0, atol=1e-5
    )


def test_any_angle_by_hand(features):
    angle, scale, right, down = 25.0, 1.3, 0.1, -0.05
    moved = apply(features, rotate=angle, scale=scale, right=right, down=down, flip_horizontal=True)
    x = features.activation.double()
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))

    def reflected(index):
        index = abs(index)
        return 14 - index if index > 7 else index

    for row in range(8):
        for column in range(8):
            # From the result's pixel back: move, turn, scale, mirror, about the middle.
            v, u = row + 0.5 - 4 - down * 8, column + 0.5 - 4 - right * 8
            along_x, along_y = (cosine * u + sine * v) / scale, (cosine * v - sine * u) / scale
            source_y, source_x = along_y + 3.5, -along_x + 3.5
            top, left = math.floor(source_y), math.floor(source_x)
            expected = 0.0
            for y, weight_y in ((top, 1 - source_y + top), (top + 1, source_y - top)):
                for z, weight_x in ((left, 1 - source_x + left), (left + 1, source_x - left)):
                    expected = expected + weight_y * weight_x * x[:, :, reflected(y), reflected(z)]
            torch.testing.assert_close(
                moved.activation[:, :, row, column].double(), expected, rtol=0, atol=2e-5, msg=f"{row} {column}"
            )


def test_nothing_to_do_is_the_same_object(features):
    assert apply(features, rotate=360) is features
    assert apply(features) is features


def test_there_and_back_is_the_picture(generator, features):
    there = apply(features, rotate=90, flip_vertical=True)
    back = apply(apply(there, rotate=-90), flip_vertical=True)
    assert torch.equal(render(back), render(features))


def test_blends_go_along(generator):
    """Mirroring a left-right blend is the blend of the mirrored maps, from right to left: their weights mirror too."""
    a, b = (get_features(generator, sample(generator, seed), "b8.conv1", "none") for seed in (1, 2))
    mixed = interpolate(a, b, shape="left_to_right")
    flipped = apply(mixed, flip_horizontal=True)
    mirrored = [apply(m, flip_horizontal=True) for m in (a, b)]
    # The other way round: b's weight falls from left to right where a's rises.
    expected = interpolate(mirrored[1], mirrored[0], shape="left_to_right")
    torch.testing.assert_close(render(flipped), render(expected), rtol=0, atol=2e-5)


def test_weights_sum_to_one_after_a_turn_under_a_mask(generator):
    """Equal branches, however mixed, are the picture of one."""
    one = get_features(generator, sample(generator, 1), "b8.conv1", "none")
    mask = torch.linspace(0, 1, 64).reshape(1, 1, 8, 8)
    placement = Placement(rotate=33.0, scale=0.8)
    mixed = transform(interpolate(one, one, shape="left_to_right"), placement, mask=mask)
    plain = transform(one, placement, mask=mask)
    torch.testing.assert_close(render(mixed), render(plain), rtol=0, atol=2e-5)


def test_a_mask_is_where_it_shows(features):
    mask = torch.zeros(1, 1, 8, 8)
    mask[..., 4:] = 1.0
    moved = transform(features, Placement(flip_vertical=True), mask=mask)
    assert torch.equal(both(moved)[..., :4], both(features)[..., :4])
    assert torch.equal(both(moved)[..., 4:], both(features).flip(2)[..., 4:])


def test_some_channels_move_alone(features):
    moved = transform(features, Placement(flip_horizontal=True), channels="0, 2:4")
    chosen = [0, 2, 3]
    for channel in range(features.activation.shape[1]):
        before = features.activation[:, channel]
        assert torch.equal(moved.activation[:, channel], before.flip(2) if channel in chosen else before)
    assert torch.equal(moved.rgb_skip, features.rgb_skip)


def test_borders(features):
    x = both(features)
    for border, filled in (("replicate", x[..., :1].expand(-1, -1, -1, 2)), ("circular", x[..., -2:])):
        moved = transform(features, Placement(right=0.25), border=border)
        assert torch.equal(both(moved), torch.cat((filled, x[..., :6]), dim=3))


def test_a_canvas_that_wraps_is_rolled_and_goes_on_wrapping(generator):
    wide = panorama(generator, sample(generator, 0, 3), "b8.conv1", wrap=True)
    moved = apply(wide, right=1 / 3)
    assert torch.equal(both(moved), both(wide).roll(8, 3)) and moved.wrap_x
    assert not apply(wide, rotate=10).wrap_x and not apply(wide, scale=1.1).wrap_x
    assert transform(wide, Placement(rotate=10), mask=torch.zeros(1, 1, 4, 4)).wrap_x


def test_batches_of_masks(generator):
    one = get_features(generator, sample(generator, 1), "b8.conv1")
    masks = torch.stack([torch.zeros(1, 4, 4), torch.ones(1, 4, 4)])
    moved = transform(one, Placement(flip_horizontal=True), mask=masks)
    assert torch.equal(moved.activation[0], one.activation[0])
    assert torch.equal(moved.activation[1], one.activation[0].flip(2))
    assert transform(one, Placement(), mask=masks).batch == 2  # A frame that happens not to move is no exception.
    two = get_features(generator, sample(generator, 1, 2), "b8.conv1")
    with pytest.raises(FeatureError, match="batch of 3"):
        transform(two, Placement(flip_horizontal=True), mask=torch.zeros(3, 1, 4, 4))


# --- bending ---------------------------------------------------------------------------------------------------------


def test_gain(features):
    assert torch.equal(bend(features, "gain", -2.0).activation, features.activation * -2.0)


def test_invert_keeps_mean_and_deviation(features):
    x, y = features.activation, bend(features, "invert", 1.0).activation
    for moment in (torch.mean, torch.std):
        torch.testing.assert_close(moment(y, dim=(2, 3)), moment(x, dim=(2, 3)), rtol=0, atol=1e-5)
    mean = x.mean(dim=(2, 3), keepdim=True)
    torch.testing.assert_close(y - mean, mean - x, rtol=0, atol=1e-5)
    torch.testing.assert_close(bend(features, "invert", 0.5).activation, mean.expand_as(x), rtol=0, atol=1e-5)


@pytest.mark.parametrize("radius", [0, 1, 2, 20])
@pytest.mark.parametrize("how", ["dilate", "erode"])
def test_dilate_and_erode_by_hand(features, how, radius):
    x, y = features.activation, bend(features, how, radius).activation
    extreme = torch.amax if how == "dilate" else torch.amin
    for row in range(8):
        for column in range(8):
            window = x[:, :, max(row - radius, 0) : row + radius + 1, max(column - radius, 0) : column + radius + 1]
            assert torch.equal(y[:, :, row, column], extreme(window, dim=(2, 3)))


def test_dilate_reaches_around_a_canvas_that_wraps(generator):
    wide = panorama(generator, sample(generator, 0, 2), "b8.conv1", wrap=True)
    rolled = torch.roll(wide.activation, 5, 3)
    bent = bend(wide, "dilate", 2).activation
    plain = bend(stitch([wide]), "dilate", 2).activation
    assert torch.equal(bent, plain)
    expected = torch.nn.functional.max_pool2d(rolled, 5, 1, 2).roll(-5, 3)
    assert torch.equal(bent[..., :3], expected[..., :3])


def test_threshold_gives_the_means_above_and_below(features):
    x, y = features.activation, bend(features, "threshold", 0.5).activation
    for item in range(x.shape[0]):
        for channel in range(x.shape[1]):
            plane = x[item, channel]
            above = plane > plane.mean() + 0.5 * plane.std(correction=0)
            expected = torch.where(above, plane[above].mean(), plane[~above].mean())
            torch.testing.assert_close(y[item, channel], expected, rtol=0, atol=1e-5)


def test_bending_under_a_mask_and_on_some_channels(features):
    mask = torch.zeros(1, 1, 8, 8)
    mask[..., :2] = 0.5
    bent = bend(features, "gain", 3.0, channels="1", mask=mask)
    expected = features.activation.clone()
    expected[:, 1, :, :2] *= 2.0
    torch.testing.assert_close(bent.activation, expected, rtol=0, atol=1e-6)
    assert torch.equal(bent.rgb_skip, features.rgb_skip)


@pytest.mark.parametrize(
    ("how", "amount"), [("gain", 11), ("invert", 1.5), ("dilate", -1), ("erode", 33), ("threshold", 6), ("blur", 1)]
)
def test_amounts_out_of_range_and_unknown_bends_are_refused(features, how, amount):
    with pytest.raises(SoatError, match=r"^bend(_amount.*)?: expected"):
        bend(features, how, amount)


def test_the_node_places_then_bends(node, features):
    edited = node("TransformFeatures", features=features, flip_horizontal=True, bend="gain", bend_amount=2.0)
    assert torch.equal(edited.activation, features.activation.flip(3) * 2.0)
    with pytest.raises(SoatError, match="expected one of none, gain"):
        node("TransformFeatures", features=features, bend="melt")


# --- picks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "picked"),
    [
        ("3", [3]),
        ("0, 4,2", [0, 4, 2]),
        ("-1", [9]),
        ("2:5", [2, 3, 4]),
        ("::4", [0, 4, 8]),
        ("::-3", [9, 6, 3, 0]),
        ("8:99, 0, 0", [8, 9, 0, 0]),
    ],
)
def test_picks(text, picked):
    assert parse_picks(text, 10, "here") == picked


@pytest.mark.parametrize("text", ["", "a", "10", "-11", "1.5", "1:2:3:4", "1:a", "::0", "1,,2", "5:5"])
def test_what_picks_nothing_is_refused(text):
    with pytest.raises(SoatError, match=r"^here: .*0 to 9"):
        parse_picks(text, 10, "here")
