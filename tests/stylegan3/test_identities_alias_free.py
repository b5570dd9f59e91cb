"""What must hold of StyleGAN3 on any canvas, whatever the weights are."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
import torch
from alias_free_models import SETTINGS, random_alias_free
from soat.soat_backend.feature_ops import (
    Placement,
    get_features,
    grid,
    interpolate,
    pad_expand,
    panorama,
    shift_blend,
    stitch,
    transform,
)
from soat.soat_backend.generators import StyleGAN3
from soat.soat_backend.latents import sample
from soat.soat_backend.support.errors import FeatureError
from soat.soat_backend.synthesis.loop import begin_again, synthesize
from soat.soat_backend.synthesis.render import plan, render

LIMIT = 1e-5
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def _no_gradients():
    with torch.no_grad():
        yield


def assert_near(actual: torch.Tensor, expected: torch.Tensor, limit: float = LIMIT) -> None:
    assert actual.shape == expected.shape
    error = (actual - expected).abs().max().item()
    assert error <= limit, f"max error {error:.2e}"


def of_seed(generator, layer: str, *seeds: int):
    maps = [get_features(generator, sample(generator, seed, truncation_psi=1.0), layer) for seed in seeds]
    return maps[0] if len(maps) == 1 else maps


@pytest.mark.parametrize("layer", ["input", "L1", "L3", "L5"])
def test_a_blend_with_nothing_or_all_of_another_is_a_plain_picture(short, layer):
    a, b = of_seed(short, layer, 1, 2)
    for alpha, plain in ((0.0, a), (1.0, b)):
        assert torch.equal(render(interpolate(a, b, alpha, first_layer="input", last_layer="L5")), render(plain))
        assert torch.equal(render(interpolate(a, b, alpha)), render(plain))


def test_a_blend_with_itself_is_itself(short):
    a = of_seed(short, "L1", 1)
    mask = torch.rand(1, 1, 20, 30)
    # Apart from rounding: where one of both counts alone, the other isn't run, and windows are other windows' blocks.
    size = render(a).std()
    assert_near(render(interpolate(a, a, 0.3, "left_to_right")) / size, render(a) / size)
    assert_near(render(interpolate(a, a, 1.0, mask=mask)) / size, render(a) / size)


@pytest.mark.parametrize("layer", ["input", "L2"])
def test_a_batch_is_its_pictures(short, layer):
    both = get_features(short, sample(short, 4, batch_size=2), layer)
    for index in range(2):
        assert_near(render(both)[index : index + 1], render(of_seed_of(short, 4 + index, layer)))
        assert_near(render(both.item(index)), render(both)[index : index + 1])


def of_seed_of(generator, seed: int, layer: str):
    return get_features(generator, sample(generator, seed), layer)


def canvases(generator, layer: str):
    """Canvases of several kinds, longer than their tiles' halos."""
    a, b = of_seed(generator, layer, 1, 2)
    yield pad_expand(a, 2.0, 1.5, 0.0, 0.5, "continue")
    four = sample(generator, 7, batch_size=4)
    yield panorama(generator, four, layer, wrap=True)
    yield grid(generator, four, 2, layer, wrap_x=True, wrap_y=True)
    wide = stitch([a, b, a, b], "horizontal", 1.0)
    yield interpolate(wide, stitch([b, b, a, a], "horizontal", 1.0), 1.0, "left_to_right", "L1", "L4")


@pytest.mark.parametrize("name", ["short", "steep"])
@pytest.mark.parametrize("layer", ["input", "L2"])
def test_tiles_are_the_whole(name, layer):
    generator, cut = random_alias_free(SETTINGS[name]), 0
    for features in canvases(generator, layer):
        whole, tiled = render(features), plan(features, 16)
        assert tiled.in_tiles
        cut += sum(part.cut != part.canvas.window for each in tiled.parts() for part in (each.pieces or [each]))
        size = whole.std().clamp_min(1.0)
        assert_near(render(features, 16) / size, whole / size)
    assert cut, "no tile was less than its canvas, so that nothing was tested"


@pytest.mark.parametrize("layer", ["L0", "L2", "L4"])
def test_a_canvas_that_wraps_has_no_place_of_its_own(short, layer):
    features = panorama(short, sample(short, 3, batch_size=2), layer, wrap=True)
    samples = features.sampling_rate // 4
    moved = transform(features, Placement(right=samples / features.inner.width))
    assert_near(render(moved), render(features).roll(samples * 32 // features.sampling_rate, 3))


def test_moving_the_input_moves_the_picture(short):
    """By whole samples of the input: the same values, but for what comes in at the edges."""
    plain = of_seed(short, "input", 5)
    moved = transform(plain, Placement(right=0.25, down=-0.125))
    k, j = round(0.25 * plain.sampling_rate), round(0.125 * plain.sampling_rate)
    assert_near(moved.activation[..., :-j, k:], plain.activation[..., j:, :-k])
    # Of a wider canvas far from its edges, to what the edges still do there.
    wide, wide_moved = (pad_expand(each, 2.0, 2.0, 2.0, 2.0, "continue") for each in (plain, moved))
    assert_near(render(wide_moved)[..., 60:100, 60:100], render(wide)[..., 64:104, 52:92], 1e-4)


def test_a_continued_canvas_is_as_wide_as_it_gets(short):
    """What is continued twice, or on one side after the other, is what is continued at once."""
    plain = of_seed(short, "L3", 6)
    at_once = pad_expand(plain, 0.5, 0.25, 0.0, 1.0, "continue")
    left = pad_expand(plain, 0.5, 0.0, 0.0, 0.0, "continue")
    both = pad_expand(left, 0.0, 0.25 / 1.5, 0.0, 1.0, "continue")
    assert_near(render(both), render(at_once))
    assert torch.equal(render(pad_expand(plain, 0.0, 0.0, 0.0, 0.0, "continue")), render(plain))
    input_layer = pad_expand(of_seed(short, "input", 6), 0.5, 0.25, 0.0, 1.0, "continue")
    assert_near(render(input_layer), render(at_once))


def test_mirrors_at_the_input_are_mirrors(short):
    plain = of_seed(short, "input", 2)
    assert_near(transform(plain, Placement(flip_horizontal=True)).activation, plain.activation.flip(3))
    assert_near(transform(plain, Placement(rotate=180)).activation, plain.activation.flip(2, 3))
    assert_near(transform(plain, Placement(rotate=90)).activation, plain.activation.rot90(-1, (2, 3)))


def test_turns_at_the_input_add_up(short):
    plain = of_seed(short, "input", 2)
    twice = transform(transform(plain, Placement(rotate=20)), Placement(rotate=15))
    assert_near(twice.activation, transform(plain, Placement(rotate=35)).activation)


def test_what_was_edited_is_not_made_anew(short):
    plain = of_seed(short, "L2", 2)
    edited = shift_blend(plain)
    with pytest.raises(FeatureError, match="were edited"):
        pad_expand(edited, mode="continue")
    at_input = shift_blend(of_seed(short, "input", 2))
    turned = transform(at_input, Placement(rotate=180))
    assert torch.equal(turned.activation, at_input.activation.flip(2, 3))


def test_stitched_pictures_keep_their_far_ends(short):
    a, b = of_seed(short, "L3", 1, 2)
    joined = render(stitch([a, b], "horizontal", 0.5))
    assert joined.shape == (1, 3, 32, 64)
    hard = stitch([a, b], "horizontal", 0.0)
    margin = a.layer.margin
    width = a.inner.width
    assert torch.equal(hard.activation[..., : margin + width], a.activation[..., : margin + width])
    assert torch.equal(hard.activation[..., margin + width :], b.activation[..., margin:])


def test_two_generators_of_one_shape_blend(short):
    other = random_alias_free(SETTINGS["short"], seed=9)
    a, b = of_seed(short, "L1", 1), of_seed(other, "L1", 1)
    assert torch.equal(render(interpolate(a, b, 1.0)), render(b))
    assert short.fingerprint == other.fingerprint
    assert render(interpolate(a, b, 0.5)).isfinite().all()


def test_bfloat16_is_near_float32(short):
    narrow = StyleGAN3(short.config, name="narrow", dtype=torch.bfloat16)
    narrow.load_state_dict(short.state_dict())
    exact, rounded = (render(of_seed(each.eval(), "L2", 1)) for each in (short, narrow))
    assert (exact - rounded).square().mean().sqrt() <= 0.02 * exact.std()


def test_weights_kept_in_half_precision_are_those_rounded(short):
    """As files of ours have them."""
    half, rounded = copy.deepcopy(short).half(), copy.deepcopy(short).half().float()
    assert torch.equal(render(of_seed(half, "L2", 1)), render(of_seed(rounded, "L2", 1)))
    moved = (transform(of_seed(each, "input", 1), Placement(rotate=30.0, right=0.2)) for each in (half, rounded))
    assert torch.equal(*map(render, moved))


def test_going_on_from_any_layer_is_the_same(short):
    first = of_seed(short, "input", 3)
    whole = render(first)
    for layer in short.layers.with_features[1:]:
        assert torch.equal(render(synthesize(first, until=layer)), whole)
    assert torch.equal(render(replace(first, untouched=False)), whole)


def loudness_along(features) -> torch.Tensor:
    """Root mean square of a map over its channels and rows, at each column of the canvas."""
    above, left = features.layer.margins(features.canvas)
    height, width = features.inner.height, features.inner.width
    inner = features.activation.float()[:, :, above : above + height, left : left + width]
    return inner.square().mean((0, 1, 2))


@pytest.mark.parametrize("wrap", [False, True])
def test_fourier_features_are_as_loud_over_a_seam_as_beside_it(wrap):
    """Their mean has half the power in its middle, since neighbours' phases have nothing in common."""
    power = []
    for seed in range(16):
        generator = random_alias_free(SETTINGS["short"], seed)
        power.append(loudness_along(panorama(generator, sample(generator, seed, 2), "input", wrap=wrap)))
    loud = torch.stack(power).mean(0).sqrt()
    beside = loud[torch.tensor([0, 1, -2, -1]) % len(loud)] if not wrap else loud[[7, 8, 23, 24]]
    seam = loud[14:18].mean()
    assert 0.9 <= float(seam / beside.mean()) <= 1.1


def test_over_a_seam_waves_have_weights_whose_squares_sum_to_1(short):
    """Against the two pictures' own waves on the whole canvas, each with its weight."""
    a, b = of_seed(short, "input", 1, 2)
    joined = stitch([a, b], blend_width=1.0)
    alone = [pad_expand(a, 0.0, 1.0, mode="continue"), pad_expand(b, 1.0, 0.0, mode="continue")]
    rate, margin = a.sampling_rate, a.layer.margin
    rise = torch.zeros(2 * rate)
    rise[rate // 2 : 3 * rate // 2] = torch.linspace(0, 1, rate)
    rise[3 * rate // 2 :] = 1.0
    rise = torch.nn.functional.pad(rise[None, None], (margin, margin), mode="replicate")[0, 0]
    norm = (rise.square() + (1 - rise).square()).sqrt()
    expected = alone[0].activation * ((1 - rise) / norm) + alone[1].activation * (rise / norm)
    assert_near(joined.activation, expected)
    # Beside the seam each is its own, bit for bit.
    end = margin + rate // 2
    assert torch.equal(joined.activation[..., :end], alone[0].activation[..., :end])
    assert torch.equal(joined.activation[..., -end:], alone[1].activation[..., -end:])


def test_edited_waves_are_as_loud_where_they_are_stitched(short):
    """Edited maps fade over their margins, by the same weights."""
    a, b = (replace(each, untouched=False) for each in of_seed(short, "input", 1, 2))
    joined, margin, rate = stitch([a, b]), a.layer.margin, a.sampling_rate
    half = min(margin, rate // 2)
    rise = torch.linspace(0, 1, 2 * half)
    norm = (rise.square() + (1 - rise).square()).sqrt()
    end = margin + rate
    left = torch.cat((a.activation[..., end - half : end], a.activation[..., end : end + half]), 3)
    right = b.activation[..., margin - half : margin + half]
    expected = (left * (1 - rise) + right * rise) / norm
    assert_near(joined.activation[..., end - half : end + half], expected)


def test_blends_of_stitched_waves_are_made_of_all_of_them(short):
    """Nothing or all of another is a plain one bit for bit, and what was blended can be made anew as it is."""
    a, b, c, d = of_seed(short, "input", 1, 2, 3, 4)
    one, other = stitch([a, b]), stitch([c, d], blend_width=0.5)
    for alpha, plain in ((0.0, one), (1.0, other)):
        assert torch.equal(interpolate(one, other, alpha, first_layer="input").activation, plain.activation)
    mixed = interpolate(one, other, 0.4)
    assert mixed.is_of_places
    again = begin_again(mixed, 1.0, 2.0)
    assert torch.equal(again.activation, mixed.activation)
    size = render(one).std()
    assert_near(interpolate(one, one, 0.3).activation, one.activation)
    assert_near(render(interpolate(one, one, 0.3)) / size, render(one) / size)
