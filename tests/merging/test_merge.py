"""Generators merged from two: against their layers run one after the other, and against plain sums of their weights."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from soat.soat_backend.checkpoints import load_generator
from soat.soat_backend.feature_ops import get_features
from soat.soat_backend.generators.merging import METHODS, merge
from soat.soat_backend.geometry.canvas import Canvas, Window
from soat.soat_backend.latents import sample
from soat.soat_backend.ops import upsample_rgb
from soat.soat_backend.support.errors import SoatError
from soat.soat_backend.synthesis.loop import begin, synthesize
from soat.soat_backend.synthesis.noise import NoiseField
from soat.soat_backend.synthesis.render import render

sys.path.insert(0, str(Path(__file__).parents[1] / "stylegan3"))

from alias_free_models import SETTINGS, random_alias_free

NOISE = NoiseField("const")
RANGES = {"stylegan2": ("b8.conv0", "b16.conv1"), "stylegan3": ("L1", "L3")}


@pytest.fixture(params=["stylegan2", "stylegan3"])
def two(request, make_generator):
    """Two generators that share style space, and a range of their layers."""
    if request.param == "stylegan2":
        a, b = make_generator(seed=0, name="a"), make_generator(seed=1, name="b")
    else:
        a, b = (random_alias_free(SETTINGS["short"], seed) for seed in (0, 1))
        a.name, b.name = "a", "b"
    return a, b, RANGES[request.param]


@pytest.fixture
def strangers(make_generator):
    """Two generators whose mapping and affines differ too."""
    return make_generator(seed=0, name="a"), make_generator(seed=1, mapping_seed=1, name="b")


def weights(generator):
    return {name: tensor.clone() for name, tensor in generator.state_dict().items()}


def assert_equal(found, expected):
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        assert torch.equal(found[name], tensor), name


def picture(generator, latent):
    return render(get_features(generator, latent, "b4.conv1"))


def test_swapped_layers_are_run_between_the_others():
    """A StyleGAN3's: the synthesis goes on in the other generator and comes back."""
    a, b = (random_alias_free(SETTINGS["short"], seed) for seed in (0, 1))
    latent = sample(a, 3, 2)
    rows = latent.codes[0]
    features = begin(a, tuple(a.styles(rows)), NOISE)
    for generator, last in ((a, "L0"), (b, "L3"), (a, None)):
        until = None if last is None else generator.layers.find(last, with_features=True)
        branches = begin(generator, tuple(generator.styles(rows)), NOISE).branches
        features = synthesize(replace(features, branches=branches), until)
    assert torch.equal(picture(merge(a, b, "swap", "L1", "L3").generator, latent), features.picture)


def test_swapped_layers_and_torgbs_are_run_between_the_others(make_generator):
    """A StyleGAN2's: every layer by itself, colours added up plainly."""
    a, b = make_generator(seed=0), make_generator(seed=1)
    of_b = ("b8.conv0", "b8.conv1", "b8.torgb", "b16.conv0", "b16.conv1")
    latent = sample(a, 3, 2)
    x, colours = a.begin(2)
    for layer in a.layers:
        own = b if layer.name in of_b else a
        module, style = own.module(layer), own.styles(latent.codes[0])[layer.style_index]
        if not layer.has_features:
            colours = colours + module(x, style)
            continue
        if layer.growth == 2:
            colours = upsample_rgb(torch.nn.functional.pad(colours, (1, 1, 1, 1)))
        window = Window(0, 0, x.shape[2] * layer.growth, x.shape[3] * layer.growth)
        x = module(x, Canvas(*x.shape[2:]), window, style, module.noise_const[None, None])
    assert torch.equal(picture(merge(a, b, "swap", of_b[0], of_b[-1]).generator, latent), colours)


@pytest.mark.parametrize("method", METHODS)
def test_strength_0_is_a(method, two):
    a, b, (first, last) = two
    for mapping in ("a", "blend"):
        assert_equal(weights(merge(a, b, method, first, last, 0.0, mapping).generator), weights(a))


@pytest.mark.parametrize("method", ["swap", "average"])
def test_strength_1_over_all_layers_is_b(method, two):
    a, b, _ = two
    last = a.layers[-1].name
    for mapping in ("b", "blend"):
        merged = merge(a, b, method, a.layers[0].name, last, 1.0, mapping).generator
        assert_equal(weights(merged), weights(b))
        latent = sample(b, 3, 1)
        assert torch.equal(picture(merged, latent), picture(b, latent))


def test_an_average_is_the_plain_sum(two):
    a, b, _ = two
    merged = weights(merge(a, b, "average", strength=0.3, mapping="blend").generator)
    for name, own in a.state_dict().items():
        torch.testing.assert_close(merged[name], own + 0.3 * (b.state_dict()[name] - own), rtol=1e-6, atol=1e-6)


def test_a_curve_rises_from_a_to_b(two):
    a, b, (first, last) = two
    merged = merge(a, b, "curve", first, last)
    from_, until = a.layers.range(first, last)
    for layer, share in zip(a.layers, merged.shares, strict=True):
        part = min(max((layer.style_index - from_) / (until - from_), 0.0), 1.0)
        assert share == pytest.approx(3 * part**2 - 2 * part**3)
    assert list(merged.shares) == sorted(merged.shares)
    assert merged.shares[from_] == 0.0 and merged.shares[until] == 1.0
    found, of_a, of_b = (weights(each) for each in (merged.generator, a, b))
    for layer in a.layers:
        own = {name for name in found if name.startswith(f"synthesis.{layer.name}.")}
        assert own
        for name in own:
            share = merged.shares[layer.style_index]
            torch.testing.assert_close(found[name], of_a[name].lerp(of_b[name], share), rtol=1e-6, atol=1e-6)
            assert share not in (0.0, 1.0) or torch.equal(found[name], (of_b if share else of_a)[name])


def test_a_curve_of_one_layer_is_a_step(two):
    a, b, (first, _) = two
    place = a.layers.find(first).style_index
    assert merge(a, b, "curve", first, first, 0.5).shares == tuple(0.5 * (k >= place) for k in range(len(a.layers)))


def test_all_of_a_layer_goes_along(strangers):
    """Affine and noise too, and beside the layers a constant with the first."""
    a, b = strangers
    merged = weights(merge(a, b, "swap", "b4.conv1", "b8.conv0").generator)
    of_b = ("synthesis.b4.", "synthesis.b8.conv0.")
    expected = {name: (b.state_dict()[name] if name.startswith(of_b) else own) for name, own in weights(a).items()}
    assert_equal(merged, expected)
    assert not torch.equal(a.synthesis.b8.conv0.affine.weight, b.synthesis.b8.conv0.affine.weight)


def test_a_shortcut_goes_with_the_beginning_of_its_block(make_generator):
    a, b = (make_generator(seed=seed, block_architecture="resnet", constant=(4, 2)) for seed in (0, 1))
    merged = merge(a, b, "swap", "b16.conv0", "b16.conv0").generator
    assert torch.equal(merged.synthesis.b16.skip.weight, b.synthesis.b16.skip.weight)
    assert torch.equal(merged.synthesis.b8.skip.weight, a.synthesis.b8.skip.weight)
    assert torch.equal(merged.const, a.const)
    latent = sample(a, 1, 1)
    assert torch.equal(picture(merge(a, b, "swap", "b4.conv1").generator, latent), picture(b, latent))


def test_the_mapping_is_whose_it_is_said_to_be(strangers):
    a, b = strangers
    z = torch.randn(4, 16, generator=torch.Generator().manual_seed(0))
    for mapping, own in (("a", a), ("b", b)):
        merged = merge(a, b, strength=0.5, mapping=mapping).generator
        assert torch.equal(merged.mapping(z), own.mapping(z))
        assert torch.equal(merged.mapping.w_avg, own.mapping.w_avg)
    blend = merge(a, b, strength=0.25, mapping="blend").generator.mapping
    torch.testing.assert_close(blend.fc0.weight, a.mapping.fc0.weight * 0.75 + b.mapping.fc0.weight * 0.25)
    torch.testing.assert_close(blend.w_avg, a.mapping.w_avg * 0.75 + b.mapping.w_avg * 0.25)


@pytest.mark.parametrize("method", METHODS)
def test_neither_is_changed_and_nothing_is_shared(method, two):
    a, b, (first, last) = two
    before = [weights(a), weights(b)]
    merged = merge(a, b, method, first, last, 0.5).generator
    for tensor in merged.state_dict().values():
        tensor.zero_()
    assert_equal(weights(a), before[0])
    assert_equal(weights(b), before[1])


def test_in_inference_mode_too(two):
    """And of generators that were made in it, the result can be optimised."""
    a, b, (first, last) = two
    expected = weights(merge(a, b, "curve", first, last, 0.7).generator)
    with torch.inference_mode():
        for generator in (a, b):
            generator.load_state_dict(weights(generator), assign=True)
        merged = merge(a, b, "curve", first, last, 0.7).generator
    assert_equal(weights(merged), expected)
    assert not any(tensor.is_inference() or tensor.requires_grad for tensor in merged.state_dict().values())
    layer = merged.module(merged.layers.last)
    layer.weight.requires_grad_(True)
    picture(merged, sample(merged, 0, 1)).sum()
    assert layer.weight.square().sum().requires_grad


def test_types_and_precision(make_generator):
    a, b = make_generator(seed=0), make_generator(seed=1)
    a.dtype, a.allow_tf32 = torch.bfloat16, True
    b = b.half()
    merged = merge(a, b, "curve", "b8.conv0", "b16.conv1").generator
    assert (merged.dtype, merged.allow_tf32) == (torch.bfloat16, True)
    assert merged.synthesis.b4.conv1.weight.dtype == torch.float32
    assert merged.synthesis.b8.conv1.weight.dtype == torch.float32
    assert merged.synthesis.b32.conv1.weight.dtype == torch.float16
    assert torch.equal(merged.synthesis.b32.conv1.weight, b.synthesis.b32.conv1.weight)
    own = make_generator(seed=0).half()
    mixed = merge(own, b, "average", strength=0.5).generator.synthesis.b8.conv1.weight
    assert mixed.dtype == torch.float16
    halves = [each.synthesis.b8.conv1.weight.float() for each in (own, b)]
    assert torch.equal(mixed, halves[0].lerp(halves[1], 0.5).half())


def refusal(a, b, **more):
    with pytest.raises(SoatError) as caught:
        merge(a, b, **more)
    return str(caught.value)


def test_unlike_generators_are_refused_in_plain_words(make_generator):
    a = make_generator(name="a.pt")
    assert "differ in architecture: a.pt has StyleGAN2, b.pkl has StyleGAN3-T" in refusal(a, stylegan3("short"))
    assert "orig blocks" in refusal(a, make_generator(block_architecture="orig"))
    assert "the size of their pictures: a.pt has 32 x 32 px, b.pt has 64 x 64 px" in refusal(
        a, make_generator(64, name="b.pt")
    )
    assert "16 x 32 px" in refusal(a, make_generator(constant=(4, 2)))
    assert "colour channels: a.pt has 3, random has 1" in refusal(a, make_generator(img_channels=1))
    assert "channels at b4.conv1: a.pt has 12, random has 14" in refusal(a, make_generator(width=14))
    longer = type(a)(replace(a.config, w_dim=20), name="w")
    assert "the length of w: a.pt has 24, w has 20" in refusal(a, longer)


def stylegan3(name, **more):
    generator = random_alias_free(SETTINGS[name], **more)
    generator.name = "b.pkl"
    return generator


def test_unlike_stylegan3s_are_refused_in_plain_words():
    a = stylegan3("short")
    assert "StyleGAN3-T, b.pkl has StyleGAN3-R" in refusal(a, stylegan3("r"))
    assert "64 x 64 px" in refusal(a, stylegan3("steep"))
    more = replace(SETTINGS["short"], num_layers=6)
    assert "the number of layers: b.pkl has 7, random has 8" in refusal(a, random_alias_free(more))
    other = stylegan3("short")
    other.config = replace(a.config, output_scale=0.5)
    assert "their setting output_scale: b.pkl has 0.25, b.pkl has 0.5" in refusal(a, other)


def test_other_mapping_networks_count_only_where_they_are_used(make_generator):
    a, b = make_generator(seed=0), make_generator(seed=1, c_dim=3)
    assert_equal(weights(merge(a, b).generator.mapping), weights(a.mapping))
    for mapping in ("b", "blend"):
        assert "the number of classes: random has 0, random has 3" in refusal(a, b, mapping=mapping)


def test_what_is_no_choice_is_refused(make_generator):
    a, b = make_generator(seed=0), make_generator(seed=1)
    assert refusal(a, b, method="mean").startswith("method: expected one of swap, average, curve, got 'mean'")
    assert refusal(a, b, mapping="c").startswith("mapping: ")
    assert refusal(a, b, strength=1.5).startswith("strength")
    assert "the range is empty" in refusal(a, b, first_layer="b32.conv1", last_layer="b8.conv0")


def test_remarks(make_generator, strangers):
    a, b = make_generator(seed=0), make_generator(seed=1)
    assert merge(a, b).remarks == ()
    assert "different style spaces" in merge(*strangers).remarks[0]
    clamped = make_generator(seed=1, conv_clamp=256.0)
    remarks = merge(a, clamped).remarks
    assert len(remarks) == 1 and "clamp" in remarks[0]


def test_the_earlier_the_swap_begins_the_nearer_is_the_picture_to_b():
    """Of a bundled generator and its fine-tune."""
    models = Path(__file__).parents[2] / "models"
    a, b = (load_generator(models / f"{name}.safetensors") for name in ("landscape_256", "landscape_neon_256"))
    latent = sample(a, 20, 4)
    distances = []
    for side in (64, 32, 16, 8):
        merged = merge(a, b, "swap", f"b{side}.conv0")
        assert merged.remarks == () and merged.generator.fingerprint == a.fingerprint
        found = picture(merged.generator, latent)
        distances.append([float((found - picture(each, latent)).square().mean()) for each in (a, b)])
    of_a, of_b = zip(*distances, strict=True)
    assert of_b == tuple(sorted(of_b, reverse=True)) and of_b[-1] < of_a[-1] and of_a[0] < of_b[0], distances
