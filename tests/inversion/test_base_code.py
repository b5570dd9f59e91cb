"""Base codes: what InvertImage's `features` are, with one and without, and what other nodes make of them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

import pytest
import torch
from soat.nodes import NODE_CLASS_MAPPINGS, host
from soat.soat_backend.feature_ops import get_features
from soat.soat_backend.generators.fingerprint import weights_digest
from soat.soat_backend.geometry.canvas import Window
from soat.soat_backend.inversion import InversionSettings, invert
from soat.soat_backend.inversion.base_code import deviations
from soat.soat_backend.inversion.base_search import phases
from soat.soat_backend.latents import sample, select, to_style_space
from soat.soat_backend.support.errors import SoatError
from soat.soat_backend.synthesis.crop import crop
from soat.soat_backend.synthesis.render import render

QUICK = {"steps": 8, "candidates": 3, "patience": 0}
OUTPUTS = ("latent", "reconstruction", "report", "generator", "features")
LAYERS = ("b4.conv1", "b8.conv0", "b8.conv1", "b16.conv1")


def run(**inputs):
    with torch.inference_mode():
        found = NODE_CLASS_MAPPINGS["InvertImage"]().invert(**{**QUICK, **inputs})
    return dict(zip(OUTPUTS, found, strict=True))


@pytest.fixture
def image(node, make_generator):
    """Two pictures that the generator can't make: its own, moved around the edge by a third and mirrored."""
    generator = make_generator()
    latent = node("SampleLatent", generator=generator, seed=4, batch_size=2)
    made = node("Render", features=node("GetFeatures", generator=generator, latent=latent))
    return torch.cat((made[:1].roll(11, 2), made[1:].flip(2)))


def styles_of(features):
    return [style for branch in features.branches for style in branch.styles]


def test_without_a_base_code_its_features_are_those_of_the_found_code(node, make_generator, image):
    generator = make_generator()
    found = run(generator=generator, image=image)
    again = node("GetFeatures", generator=generator, latent=found["latent"])
    assert found["features"].layer.name == "b4.conv1" and found["features"].untouched
    assert torch.equal(found["features"].activation, again.activation)
    assert all(map(torch.equal, styles_of(found["features"]), styles_of(again)))
    picture = node("Render", features=found["features"])
    torch.testing.assert_close(picture, found["reconstruction"], rtol=0, atol=1e-4)


@pytest.mark.parametrize("layer", LAYERS)
def test_its_features_make_the_reconstruction(node, make_generator, image, layer):
    generator = make_generator()
    before = weights_digest(generator)
    found = run(generator=generator, image=image, base_layer=layer)
    features = found["features"]
    assert features.layer.name == layer and features.batch == 2 and not features.untouched
    assert features.generator is generator is found["generator"] and weights_digest(generator) == before
    picture = node("Render", features=features)
    torch.testing.assert_close(picture, found["reconstruction"], rtol=0, atol=1e-5)
    lines = found["report"].splitlines()
    for index, line in enumerate(lines):
        # Of what isn't yet limited to black and white.
        mse = float((render(features)[index] / 2 + 0.5 - image[index].movedim(2, 0)).square().mean())
        assert float(line.split("MSE ")[1].split(",")[0]) == pytest.approx(mse, abs=6e-6)
        assert "base code " in line and "8 steps" in line
    # The styles are the latent's, and the map is another than what that makes.
    own = to_style_space(generator, found["latent"]).codes
    later = [each.style_index for each in generator.layers if each.style_index > features.layer.style_index]
    assert all(torch.equal(features.branches[0].styles[index], own[index]) for index in later)
    anchor = get_features(generator, found["latent"], layer)
    assert not torch.allclose(features.activation, anchor.activation, atol=1e-3)


def test_it_fits_what_codes_cannot(make_generator, alexnet, image):
    generator = make_generator()
    pictures = image.permute(0, 3, 1, 2) * 2 - 1
    settings = InversionSettings(steps=80, patience=0, at_once=2)
    alone = invert(generator, pictures, alexnet, settings)
    layers = ("b4.conv1", "b8.conv1", "b16.conv1")
    with_base = [invert(generator, pictures, alexnet, replace(settings, base_layer=layer)) for layer in layers]
    gained = [
        sum(own.psnr - other.psnr for own, other in zip(found.reports, alone.reports, strict=True)) / 2
        for found in with_base
    ]
    assert gained[0] > 0.5 and gained[1] > 2.5 and gained[2] > 6 and gained == sorted(gained)


def test_its_weight_keeps_it_near_the_found_code(make_generator, alexnet, image):
    generator = make_generator()
    pictures = image.permute(0, 3, 1, 2)[:1] * 2 - 1
    settings = InversionSettings(steps=40, patience=0, base_layer="b8.conv1")
    free, held, bound = (
        invert(generator, pictures, alexnet, replace(settings, base_weight=weight)) for weight in (0.0, 0.3, 1e6)
    )
    offsets = [found.reports[0].base for found in (free, held, bound)]
    assert offsets[0] > 1.3 * offsets[1] > 0 and offsets[2] < 0.01
    # What it says is how far the map is, in deviations of random codes' maps.
    alone = invert(generator, pictures, alexnet, replace(settings, base_layer=None, steps=phases(40)[0]))
    anchor, usual = get_features(generator, alone.latent, "b8.conv1"), deviations(generator, free.features.layer)
    squares = [
        ((own - found) / deviation).square().mean()
        for own, found, deviation in (
            (free.features.activation, anchor.activation, usual.activation),
            (free.features.rgb_skip, anchor.rgb_skip, usual.rgb_skip),
        )
    ]
    assert offsets[0] == pytest.approx(float(sum(squares)) ** 0.5, rel=1e-3)
    torch.testing.assert_close(bound.features.activation, anchor.activation, rtol=0, atol=0.05)


@pytest.mark.parametrize("space", ["style_space", "w_plus"])
def test_what_no_later_layer_reads_stays_as_it_was_found(make_generator, alexnet, image, space):
    generator = make_generator()
    pictures = image.permute(0, 3, 1, 2)[:1] * 2 - 1
    settings = InversionSettings(space=space, steps=16, patience=0, candidates=3, prior_weight=1.0)
    before = invert(generator, pictures, alexnet, replace(settings, steps=phases(16)[0])).latent
    after = invert(generator, pictures, alexnet, replace(settings, base_layer="b8.conv1")).latent
    if space == "style_space":
        same = [torch.equal(a, b) for a, b in zip(before.codes, after.codes, strict=True)]
        # b4.conv1, b4.torgb, b8.conv0, b8.conv1
        assert same == [True] * 4 + [False] * (len(same) - 4)
    else:
        # Those of b4.conv1, b8.conv0 and b8.conv1; b8.torgb has the next one.
        same = [torch.equal(a, b) for a, b in zip(before.codes[0][0], after.codes[0][0], strict=True)]
        assert same == [True] * 3 + [False] * (len(same) - 3)


def test_a_batch_is_each_of_it_alone(make_generator, alexnet, image):
    generator = make_generator()
    pictures = image.permute(0, 3, 1, 2) * 2 - 1
    settings = InversionSettings(**QUICK, base_layer="b8.conv1")
    together = invert(generator, pictures, alexnet, settings)
    at_once = invert(generator, pictures, alexnet, replace(settings, at_once=2))
    for index in range(2):
        alone = invert(generator, pictures[index][None], alexnet, settings)
        assert torch.equal(alone.features.activation[0], together.features.activation[index])
        assert torch.equal(alone.pictures[0], together.pictures[index])
        torch.testing.assert_close(at_once.pictures[index], alone.pictures[0], rtol=0, atol=1e-3)


@pytest.mark.parametrize("calls", [1, 3, 7, 9])
def test_an_interrupt_keeps_the_best_so_far(node, make_generator, image, monkeypatch, calls):
    """Among the first codes, and in each of the three phases; the second picture is then what it would begin with."""

    @contextmanager
    def progress(*_):
        answers = iter([True] * (calls - 1) + [False])
        yield lambda *_: next(answers)

    monkeypatch.setattr(host, "stoppable_progress", progress)
    found = run(generator=make_generator(), image=image, base_layer="b8.conv1")
    assert [line.split(": ")[-1] for line in found["report"].splitlines()] == ["stopped, the best so far", "not begun"]
    assert f"{calls - 1} steps" in found["report"].splitlines()[0]
    picture = node("Render", features=found["features"])
    torch.testing.assert_close(picture, found["reconstruction"], rtol=0, atol=1e-5)


def test_steps_are_counted_through_all_phases(make_generator, alexnet, image):
    seen = []
    settings = InversionSettings(**{**QUICK, "candidates": 0}, base_layer="b8.conv1")
    pictures = image.permute(0, 3, 1, 2)[:1] * 2 - 1
    invert(make_generator(), pictures, alexnet, settings, watch=lambda done, total, *_: seen.append((done, total)))
    assert seen == [(done, 8) for done in range(9)]
    assert phases(8) == (4, 2, 2) and phases(7) == (5, 1, 1) and phases(0) == (0, 0, 0)


def test_with_noise_maps_and_tuning(node, make_generator, image):
    generator = make_generator()
    before = weights_digest(generator)
    found = run(generator=generator, image=image[:1], base_layer="b8.conv1", noise_maps=True, tune_steps=4)
    assert found["generator"] is not generator and weights_digest(generator) == before
    assert found["features"].generator is found["generator"]
    picture = node("Render", features=found["features"])
    torch.testing.assert_close(picture, found["reconstruction"], rtol=0, atol=1e-5)
    assert "12 steps" in found["report"]


def test_a_mask_leaves_a_part_to_the_generator(make_generator, alexnet, image):
    """What is masked out changes nothing of what is found, however far from the model it is."""
    generator = make_generator()
    pictures = image.permute(0, 3, 1, 2)[:1] * 2 - 1
    mask = torch.ones(1, 1, 32, 32)
    mask[:, :, :, 16:] = 0.0
    other = pictures.clone()
    other[:, :, :, 16:] = 1.0
    settings = InversionSettings(**QUICK, base_layer="b16.conv1")
    one, two = (invert(generator, each, alexnet, settings, mask) for each in (pictures, other))
    assert torch.equal(one.features.activation, two.features.activation)


# --- in other nodes --------------------------------------------------------------------------------------------------


@pytest.fixture
def found(make_generator, image):
    return run(generator=make_generator(), image=image[:1], base_layer="b8.conv1")


def test_padded_and_cut_out_again_it_is_itself(node, found):
    features = found["features"]
    padded = node("PadExpand", features=features, left=0.5, right=0.25, top=0.0, bottom=1.0, mode="reflect")
    assert node("Render", features=padded).shape == (1, 64, 56, 3)
    cut = crop(padded, Window(0, 4, 8, 8))
    assert torch.equal(cut.activation, features.activation) and torch.equal(cut.rgb_skip, features.rgb_skip)
    assert torch.equal(render(cut), render(features))


@pytest.mark.parametrize(
    ("node_id", "inputs"),
    [
        ("TransformFeatures", {"rotate": 0.0, "scale": 1.0, "translate_x": 0.0, "translate_y": 0.0}),
        ("ShiftBlend", {"shift_x": 0.0, "shift_y": 0.0}),
        ("PadExpand", {"left": 0.0, "right": 0.0}),
    ],
)
def test_moved_by_nothing_it_is_itself(node, found, node_id, inputs):
    moved = node(node_id, features=found["features"], **inputs)
    picture = node("Render", features=moved)
    torch.testing.assert_close(picture, found["reconstruction"], rtol=0, atol=1e-5)


def test_mixed_and_stitched_with_a_sample(node, found, make_generator):
    generator, features = found["generator"], found["features"]
    latent = node("SampleLatent", generator=generator, seed=9)
    other = node("GetFeatures", generator=generator, latent=latent, layer="b8.conv1")
    for alpha, expected in ((0.0, found["reconstruction"]), (1.0, node("Render", features=other))):
        mixed = node("InterpolateFeatures", features_a=features, features_b=other, alpha=alpha)
        torch.testing.assert_close(node("Render", features=mixed), expected, rtol=0, atol=1e-5)
    joined = node("StitchFeatures", features_a=features, features_b=other, blend_width=0.0)
    assert torch.equal(joined.activation[..., :8], features.activation)
    picture = node("Render", features=joined)
    assert picture.shape == (1, 32, 64, 3)
    # Away from the seam each is what it is alone.
    torch.testing.assert_close(picture[:, :, :16], found["reconstruction"][:, :, :16], rtol=0, atol=1e-4)


def test_refusals(make_generator, image):
    said = NODE_CLASS_MAPPINGS["InvertImage"].VALIDATE_INPUTS(base_layer="b9.conv1")
    assert said.startswith("base_layer: there is no layer 'b9.conv1'")
    assert NODE_CLASS_MAPPINGS["InvertImage"].VALIDATE_INPUTS(base_layer="none") is True
    with pytest.raises(SoatError, match=r"InvertImage: There is no convolution named 'b9\.conv1'"):
        run(generator=make_generator(), image=image, base_layer="b9.conv1")
    with pytest.raises(SoatError, match="base_weight: expected a number from 0 to 1000000, got -1"):
        run(generator=make_generator(), image=image, base_layer="b8.conv1", base_weight=-1.0)


def test_a_layer_beyond_the_last_means_the_last(node, make_generator, image):
    found = run(generator=make_generator(16), image=image[:1], base_layer="b32.conv1")
    assert found["features"].layer.name == "b16.conv1"
    picture = node("Render", features=found["features"])
    torch.testing.assert_close(picture, found["reconstruction"], rtol=0, atol=1e-5)


# --- styles of others ------------------------------------------------------------------------------------------------


def test_styles_set_to_its_own_change_nothing(node, found):
    own = node("SetStyles", features=found["features"], latent=found["latent"])
    assert torch.equal(own.activation, found["features"].activation)
    torch.testing.assert_close(node("Render", features=own), found["reconstruction"], rtol=0, atol=1e-5)


def test_styles_of_another_code_are_those_of_its_own_picture_from_there_on(node, make_generator):
    """On a sample's map: what mixing the codes makes."""
    generator = make_generator()
    a, b = (node("SampleLatent", generator=generator, seed=seed, batch_size=2) for seed in (1, 5))
    features = node("GetFeatures", generator=generator, latent=a, layer="b8.conv1")
    mixed = node("MixStyles", latent_a=a, latent_b=b, first_layer="b8.torgb", last_layer="b32.torgb")
    expected = node("Render", features=node("GetFeatures", generator=generator, latent=mixed))
    changed = node("SetStyles", features=features, latent=b)
    torch.testing.assert_close(node("Render", features=changed), expected, rtol=0, atol=1e-5)
    # One code for both; and one map for both codes.
    one = node("SetStyles", features=features, latent=select(b, [1]))
    torch.testing.assert_close(render(one)[1:], render(changed)[1:], rtol=0, atol=1e-6)
    many = node("SetStyles", features=features.item(1), latent=b)
    assert many.batch == 2
    torch.testing.assert_close(render(many)[1:], render(changed)[1:], rtol=0, atol=1e-6)


def test_a_panorama_takes_a_code_for_each_part(node, make_generator):
    generator = make_generator()
    latent, other = sample(generator, 3, 3, 1.0), sample(generator, 30, 3, 1.0)
    panorama = node("PanoramaFeatures", generator=generator, latent=latent, layer="b8.conv1")
    own = node("SetStyles", features=panorama, latent=latent)
    assert torch.equal(render(own), render(panorama))
    changed = node("SetStyles", features=panorama, latent=other)
    expected = to_style_space(generator, other).codes[-1]
    assert all(torch.equal(changed.branches[k].styles[-1], expected[k][None]) for k in range(3))
    with pytest.raises(SoatError, match=r"SetStyles: The features .* of 2, the latent of 3\. Give 1 or 2 codes"):
        features = node("GetFeatures", generator=generator, latent=sample(generator, 3, 2, 1.0), layer="b8.conv1")
        node("SetStyles", features=features, latent=other)
    with pytest.raises(SoatError, match="made for another model"):
        node("SetStyles", features=panorama, latent=sample(make_generator(16), 3, 1, 1.0))
