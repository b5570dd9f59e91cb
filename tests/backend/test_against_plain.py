"""Synthesis, and mixes of pictures and of generators, through the node classes against the plain formulation."""

from __future__ import annotations

import pytest
import torch
from against import after, assert_agrees, plain_voice, ramp_share, soft_box
from plain import PlainModel, Voice, loop, mix, noise_at, ramp, resized

# --- plain synthesis -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("conv_clamp", [None, 0.4])
@pytest.mark.parametrize(("img_resolution", "batch", "noise"), [(16, 3, "const"), (32, 1, "none"), (64, 1, "const")])
def test_plain(node, take, make_generator, img_resolution, batch, noise, conv_clamp):
    generator = make_generator(img_resolution, conv_clamp=conv_clamp)
    features, voice = take(generator, noise=noise, batch=batch)
    rgb = loop(voice, voice.model.names, *voice.start())[1]
    assert_agrees(node("Render", features=features), rgb)


def test_clamp_is_felt(make_generator):
    """The clamp of the tests here is one that both convolutions and torgbs run into."""
    voice = plain_voice(make_generator(conv_clamp=0.4), [3])
    x, _ = voice.until("b32.conv1")
    rgb = voice("b32.torgb", x)
    for y in (x, rgb):
        assert 0.02 < (y.abs() == 0.4).double().mean() < 0.8


def test_random_noise(node, make_generator):
    """Item k of a batch has the field of seed + k, everywhere."""
    generator = make_generator(16)
    latent = node("SampleLatent", generator=generator, seed=5, batch_size=3)
    features = node("GetFeatures", generator=generator, latent=latent, noise_mode="random", noise_seed=40)
    model = PlainModel(generator)

    def noise(name, height, width):
        index = model.names.index(name)
        places = [[[[noise_at(40 + k, index, y, x) for x in range(width)] for y in range(height)]] for k in range(3)]
        return torch.tensor(places, dtype=torch.float64)

    voice = Voice(model, model.styles(model.w_of_seeds(range(5, 8))), noise)
    assert_agrees(node("Render", features=features), loop(voice, model.names, *voice.start())[1])


@pytest.mark.parametrize(("dtype", "limit"), [(torch.float16, 4e-3), (torch.bfloat16, 3e-2)])
def test_half_precision_is_close(node, take, make_generator, dtype, limit):
    """Not the 1e-4 of float32: what ten, or seven, bits of a layer's output leave."""
    generator = make_generator(64)
    generator.dtype = dtype
    features, voice = take(generator)
    image = node("Render", features=features)
    expected = (loop(voice, voice.model.names, *voice.start())[1].clamp(-1, 1) + 1) / 2
    assert image.dtype == torch.float32 and features.activation.dtype == dtype
    assert (image.permute(0, 3, 1, 2) - expected).abs().max() < limit


# --- feature interpolation -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("conv_clamp", [None, 0.4])
@pytest.mark.parametrize("shape", ["left_to_right", "top_to_bottom"])
@pytest.mark.parametrize(("batch_a", "batch_b", "amount"), [(1, 1, 1.0), (3, 3, 0.6), (3, 1, 1.0), (1, 3, 1.0)])
def test_blend(node, take, make_generator, shape, batch_a, batch_b, amount, conv_clamp):
    generator = make_generator(conv_clamp=conv_clamp)
    (a, voice_a), (b, voice_b) = take(generator, 3, batch=batch_a), take(generator, 8, batch=batch_b)
    mixed = node("InterpolateFeatures", features_a=a, features_b=b, alpha=amount, shape=shape)
    layer = mix(voice_a, voice_b, ramp_share(shape, amount))
    assert_agrees(node("Render", features=mixed), loop(layer, voice_a.model.names, *voice_a.start())[1])


@pytest.mark.parametrize("layer", ["b8.conv0", "b8.conv1", "b32.conv1"])
def test_blend_from_a_later_layer(node, take, make_generator, layer):
    """Each runs alone up to the layer; activation and skip are mixed there, and every layer after it."""
    generator = make_generator()
    (a, voice_a), (b, voice_b) = take(generator, 3, layer), take(generator, 8, layer)
    mixed = node("InterpolateFeatures", features_a=a, features_b=b, shape="left_to_right")
    share = ramp_share("left_to_right")
    (x_a, skip_a), (x_b, skip_b) = voice_a.until(layer), voice_b.until(layer)
    here = share(layer, *x_a.shape[2:])
    x, skip = (1 - here) * x_a + here * x_b, (1 - here) * skip_a + here * skip_b
    rgb = loop(mix(voice_a, voice_b, share), after(voice_a, layer), x, skip)[1]
    assert_agrees(node("Render", features=mixed), rgb)


def test_blend_of_a_blend(node, take, make_generator):
    """Three pictures: the third mixed into the blend of the first two."""
    generator = make_generator()
    (a, voice_a), (b, voice_b), (c, voice_c) = (take(generator, seed) for seed in (3, 8, 11))
    two = node("InterpolateFeatures", features_a=a, features_b=b, shape="left_to_right")
    three = node("InterpolateFeatures", features_a=two, features_b=c, alpha=0.5, shape="top_to_bottom")
    first = mix(voice_a, voice_b, ramp_share("left_to_right"))
    layer = mix(first, voice_c, ramp_share("top_to_bottom", 0.5))
    assert_agrees(node("Render", features=three), loop(layer, voice_a.model.names, *voice_a.start())[1])


# --- transfer of a part ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("conv_clamp", [None, 0.4])
@pytest.mark.parametrize(("first", "last"), [(0, 99), (4, 99), (0, 6), (4, 9), (7, 7), (1, 6)])
def test_box_transfer(node, take, make_generator, first, last, conv_clamp, batch):
    """As `blend_bbox`: the mask at every layer of a range of style indices; outside it only A's."""
    generator = make_generator(conv_clamp=conv_clamp)
    (a, voice_a), (b, voice_b) = take(generator, 3, batch=batch), take(generator, 8)
    names, mask = voice_a.model.names, soft_box(batch)
    mixed = node(
        "InterpolateFeatures",
        features_a=a,
        features_b=b,
        first_layer=names[first],
        last_layer=names[last] if last < len(names) else "b1024.torgb",
        mask=mask,
    )

    def share(name, height, width):
        return resized(mask.double()[:, None], height, width) if first <= names.index(name) <= last else 0.0

    assert_agrees(node("Render", features=mixed), loop(mix(voice_a, voice_b, share), names, *voice_a.start())[1])


@pytest.mark.parametrize("pose_layers", [4, 3, 2])
def test_box_transfer_with_aligned_pose(node, make_generator, pose_layers):
    """`blend_bbox` for faces: before the style index `pose_layers` both have A's styles, so that there is nothing to
    mix, while the mask is on from the first layer. 3 and 2 cut between two layers that share a row of w_plus.
    """
    generator = make_generator()
    latent_a, latent_b = (node("SampleLatent", generator=generator, seed=seed) for seed in (3, 8))
    voice_a, voice_b = (plain_voice(generator, [seed]) for seed in (3, 8))
    names, mask = voice_a.model.names, soft_box()
    aligned = node(
        "MixStyles",
        latent_a=latent_b,
        latent_b=latent_a,
        first_layer="b4.conv1",
        last_layer=names[pose_layers - 1],
    )
    a, b = (node("GetFeatures", generator=generator, latent=latent) for latent in (latent_a, aligned))
    mixed = node("InterpolateFeatures", features_a=a, features_b=b, mask=mask)

    def share(name, height, width):
        return resized(mask.double()[:, None], height, width) if names.index(name) >= pose_layers else 0.0

    assert_agrees(node("Render", features=mixed), loop(mix(voice_a, voice_b, share), names, *voice_a.start())[1])


# --- two generators --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("num_swap", [2, 6, 9])
@pytest.mark.parametrize(("reference_seed", "masked"), [(3, False), (8, False), (3, True), (8, True)])
@pytest.mark.parametrize("conv_clamp", [None, 0.4])
def test_toonification(node, take, make_generator, num_swap, reference_seed, masked, conv_clamp):
    """The notebook's loop: share 0 for style indices below num_swap and 0.7 from there on, each its own noise."""
    first = make_generator(seed=1, mapping_seed=5, conv_clamp=conv_clamp)
    second = make_generator(seed=2, mapping_seed=5, conv_clamp=conv_clamp)
    assert first.fingerprint == second.fingerprint
    (a, voice_a), (b, voice_b) = take(first, 3), take(second, reference_seed)
    names, mask = voice_a.model.names, soft_box() if masked else None
    mixed = node("InterpolateFeatures", features_a=a, features_b=b, alpha=0.7, first_layer=names[num_swap], mask=mask)

    def share(name, height, width):
        if names.index(name) < num_swap:
            return 0.0
        return 0.7 * (resized(mask.double()[:, None], height, width) if masked else 1.0)

    assert_agrees(node("Render", features=mixed), loop(mix(voice_a, voice_b, share), names, *voice_a.start())[1])


@pytest.mark.parametrize("layer", ["b16.conv0", "b16.conv1"])
def test_generators_that_differ_before_the_cut(node, take, make_generator, layer):
    """Only the layers that are still to run must be alike."""
    first, second = make_generator(width=6, seed=1), make_generator(width=8, seed=2, mapping_seed=7)
    assert [first.config.channels[r] for r in (8, 16)] == [4, 4]
    assert [second.config.channels[r] for r in (8, 16)] == [6, 4]
    (a, voice_a), (b, voice_b) = take(first, 3, layer), take(second, 8, layer)
    mixed = node("InterpolateFeatures", features_a=a, features_b=b, shape="top_to_bottom")
    share, here = ramp_share("top_to_bottom"), ramp(16)[:, None]
    pairs = zip(voice_a.until(layer), voice_b.until(layer), strict=True)
    x, skip = ((1 - here) * y_a + here * y_b for y_a, y_b in pairs)
    rgb = loop(mix(voice_a, voice_b, share), after(voice_a, layer), x, skip)[1]
    assert_agrees(node("Render", features=mixed), rgb)
