"""Seeds to codes, and codes mixed."""

from __future__ import annotations

import logging
import math

import numpy as np
import pytest
import torch
from against import assert_near, z_latent
from plain import PlainModel
from scipy.ndimage import gaussian_filter1d
from soat.soat_backend.generators.stylegan2.layer_table import stylegan2_layers
from soat.soat_backend.latents import draw_z, map_z, to_style_space, to_styles
from soat.soat_backend.latents.sampling import smooth
from soat.soat_backend.support.errors import LatentError, SoatError

# --- seeds -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1, 2**32 + 5])
def test_numpy_seeds(seed):
    expected = np.random.RandomState(seed % 2**32).randn(1, 16).astype(np.float32)
    assert np.array_equal(draw_z(seed, 16).numpy(), expected)


def test_torch_seeds():
    torch.manual_seed(1011)
    expected = torch.randn(1, 16)
    torch.manual_seed(5)
    assert torch.equal(draw_z(1011, 16, "torch"), expected)
    assert torch.equal(torch.randn(3), torch.randn(3, generator=torch.Generator().manual_seed(5))), (
        "the global state moved"
    )


@pytest.mark.parametrize("seed", [2**32 + 7, 2**40 + 3, 2**64 - 1])
@pytest.mark.parametrize("rng", ["numpy", "torch"])
def test_seeds_as_large_as_those_of_comfyuis_samplers(node, generator, seed, rng):
    """torch's generator on the CPU knows the lowest 32 bits of a seed; numpy's is given no others."""
    assert torch.equal(draw_z(seed, 16, "torch"), torch.randn(1, 16, generator=torch.Generator().manual_seed(seed)))
    large = node("SampleLatent", generator=generator, seed=seed, batch_size=2, rng=rng)
    small = node("SampleLatent", generator=generator, seed=seed % 2**32, batch_size=2, rng=rng)
    assert torch.equal(large.codes[0], small.codes[0])


@pytest.mark.parametrize("class_id", ["SampleLatentSequence", "SampleLatentGrid"])
def test_large_seeds_of_rows_and_grids(node, generator, class_id):
    large, small = (node(class_id, generator=generator, seed=seed) for seed in (2**50 + 9, 9))
    assert torch.equal(large.codes[0], small.codes[0])


@pytest.mark.parametrize("rng", ["numpy", "torch"])
def test_node_maps_the_seed(node, generator, rng):
    latent = node("SampleLatent", generator=generator, seed=77, truncation_psi=1.0, rng=rng)
    w = PlainModel(generator).w(draw_z(77, 16, rng))
    assert (latent.space, latent.fingerprint, latent.img_resolution) == ("w_plus", generator.fingerprint, 32)
    assert latent.codes[0].shape == (1, 8, 24) and latent.codes[0].dtype == torch.float32
    assert_near(latent.codes[0], w[:, None].expand(-1, 8, -1))


@pytest.mark.parametrize("rng", ["numpy", "torch"])
@pytest.mark.parametrize("truncation_psi", [0.7, 1.0])
def test_batch_changes_no_bit(node, generator, rng, truncation_psi):
    how = {"generator": generator, "truncation_psi": truncation_psi, "rng": rng}
    batch = node("SampleLatent", seed=2**32 - 6, batch_size=5, **how)
    for item in range(5):
        alone = node("SampleLatent", seed=2**32 - 6 + item, batch_size=1, **how)
        assert torch.equal(batch.codes[0][item], alone.codes[0][0])


# --- truncation ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("truncation_psi", [-0.5, 0.0, 0.7, 1.0, 1.5])
@pytest.mark.parametrize("cutoff", [-1, 0, 3, 8, 20])
def test_truncation(node, generator, truncation_psi, cutoff):
    """`w_avg + psi (w - w_avg)` for the first `cutoff` rows, all if that is -1; the rest as it is."""
    latent = node(
        "SampleLatent",
        generator=generator,
        seed=3,
        batch_size=2,
        truncation_psi=truncation_psi,
        truncation_cutoff=cutoff,
    )
    model = PlainModel(generator)
    w = model.w(torch.cat([draw_z(3, 16), draw_z(4, 16)]))
    w_avg = model.tensors["mapping.w_avg"]
    assert w_avg.abs().mean() > 0.01
    for row in range(8):
        truncated = cutoff == -1 or row < cutoff
        assert_near(latent.codes[0][:, row], w_avg + truncation_psi * (w - w_avg) if truncated else w)


def test_truncation_of_zero_is_the_average(node, generator):
    latent = node("SampleLatent", generator=generator, seed=3, truncation_psi=0.0)
    assert torch.equal(latent.codes[0], generator.mapping.w_avg.expand(1, 8, 24))


# --- classes ---------------------------------------------------------------------------------------------------------


def test_class_changes_w(node, conditional):
    codes = []
    for class_idx in range(3):
        latent = node("SampleLatent", generator=conditional, seed=3, truncation_psi=1.0, class_idx=class_idx)
        expected = PlainModel(conditional).w(draw_z(3, 16), torch.eye(3)[class_idx : class_idx + 1])
        assert_near(latent.codes[0][:, 0], expected)
        codes.append(latent.codes[0])
    for first, second in ((0, 1), (0, 2), (1, 2)):
        assert (codes[first] - codes[second]).abs().mean() > 0.05


@pytest.mark.parametrize("class_idx", [-1, 3, 1000])
@pytest.mark.parametrize("class_id", ["SampleLatent", "SampleLatentSequence"])
def test_wrong_class(node, conditional, class_id, class_idx):
    with pytest.raises(LatentError) as raised:
        node(class_id, generator=conditional, class_idx=class_idx)
    expected = f"classes.pkl is conditional with 3 classes, got class_idx {class_idx}. Choose a class_idx from 0 to 2."
    assert str(raised.value) == f"{class_id}: {expected}"


def test_class_of_an_unconditional_generator_is_ignored_aloud(node, generator, caplog):
    with caplog.at_level(logging.WARNING):
        latent = node("SampleLatent", generator=generator, class_idx=2)
    assert "random is unconditional: class_idx 2 is ignored." in caplog.messages
    assert torch.equal(latent.codes[0], node("SampleLatent", generator=generator).codes[0])


# --- sequences -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loop", [True, False])
@pytest.mark.parametrize("count", [1, 2, 5, 12])
@pytest.mark.parametrize("smoothness", [0.0, 0.1, 0.7, 1.0, 3.3])
def test_sequence(node, generator, smoothness, count, loop):
    latent = node(
        "SampleLatentSequence",
        generator=generator,
        seed=90,
        count=count,
        smoothness=smoothness,
        loop=loop,
        truncation_psi=0.7,
    )
    z = np.random.RandomState(90).randn(count, 16)
    if smoothness:
        z = gaussian_filter1d(z, smoothness, axis=0, mode="wrap" if loop else "reflect", truncate=4.0)
    z = z / np.sqrt(np.mean(z**2))
    model = PlainModel(generator)
    w_avg = model.tensors["mapping.w_avg"]
    expected = w_avg + 0.7 * (model.w(torch.from_numpy(z)) - w_avg)
    assert latent.codes[0].shape == (count, 8, 24)
    assert_near(latent.codes[0], expected[:, None].expand(-1, 8, -1), 1e-5)


def test_smooth_far_beyond_the_sequence():
    """A filter longer than the sequence goes round, or back and forth, as often as it takes."""
    values = np.random.RandomState(1).randn(3, 4)
    for loop, mode in ((True, "wrap"), (False, "reflect")):
        expected = gaussian_filter1d(values, 5.0, axis=0, mode=mode, truncate=4.0)
        np.testing.assert_allclose(smooth(values, 5.0, loop), expected, rtol=0, atol=1e-12)


def test_neighbours_are_related(node, generator):
    def mean_distance(smoothness: float) -> float:
        codes = node("SampleLatentSequence", generator=generator, count=20, smoothness=smoothness).codes[0][:, 0]
        return (codes - codes.roll(1, 0)).norm(dim=1).mean().item()

    assert mean_distance(2.0) < 0.6 * mean_distance(0.0)


# --- styles ----------------------------------------------------------------------------------------------------------


def test_styles_are_the_affines(generator, w_plus):
    latent = w_plus(3, batch=2)
    expected = PlainModel(generator).styles(latent.codes[0].double())
    styles = to_styles(generator, latent)
    assert len(styles) == 11
    for layer, style in zip(stylegan2_layers(32), styles, strict=True):
        assert_near(style, expected[layer.name], 1e-5)


def test_all_spaces_of_a_seed_are_one_picture(generator):
    z = z_latent(generator, 3, 4)
    mapped = map_z(generator, z.codes[0])
    expected = to_styles(generator, mapped)
    for latent in (z, to_style_space(generator, mapped), to_style_space(generator, z)):
        for style, other in zip(to_styles(generator, latent), expected, strict=True):
            assert torch.equal(style, other)


# --- MixStyles -------------------------------------------------------------------------------------------------------

# 1-1 and 2-3, 3-4 and 5-7 cut between a torgb and the next conv0, which share a row of w_plus.
RANGES = [(0, 10), (0, 0), (1, 1), (2, 3), (0, 3), (3, 4), (5, 7), (4, 5), (10, 10)]


@pytest.mark.parametrize("space", ["w_plus", "style_space"])
@pytest.mark.parametrize(("first", "last"), RANGES)
@pytest.mark.parametrize("strength", [1.0, 0.3, 0.0])
def test_mix_styles(node, generator, w_plus, space, first, last, strength):
    a, b = w_plus(3, batch=2), w_plus(8)
    styles_a, styles_b = to_styles(generator, a), to_styles(generator, b)
    if space == "style_space":
        a, b = to_style_space(generator, a), to_style_space(generator, b)
    names = [layer.name for layer in stylegan2_layers(32)]
    mixed = node(
        "MixStyles", latent_a=a, latent_b=b, first_layer=names[first], last_layer=names[last], strength=strength
    )
    assert mixed.space == space and mixed.batch == 2
    for index, style in enumerate(to_styles(generator, mixed)):
        share = strength if first <= index <= last else 0.0
        assert_near(style, (1 - share) * styles_a[index] + share * styles_b[index], 1e-5)


def test_mix_keeps_rows_unless_one_is_split(node, w_plus):
    """A row for each style layer only where two layers that share one of w_plus differ."""
    a, b = w_plus(3), w_plus(8)
    whole = node("MixStyles", latent_a=a, latent_b=b, first_layer="b4.torgb", last_layer="b8.conv0")
    split = node("MixStyles", latent_a=a, latent_b=b, first_layer="b8.conv0", last_layer="b8.conv0")
    assert whole.codes[0].shape == (1, 8, 24) and split.codes[0].shape == (1, 11, 24)
    assert torch.equal(whole.codes[0][:, 1], b.codes[0][:, 1]) and torch.equal(whole.codes[0][:, 2], a.codes[0][:, 2])


def test_mix_and_interpolate_split_codes(node, generator, w_plus):
    """What was split can be mixed and interpolated on, with others split and not."""
    a, b = w_plus(3), w_plus(8)
    split = node("MixStyles", latent_a=a, latent_b=b, first_layer="b8.conv0", last_layer="b8.conv0")
    back = node("MixStyles", latent_a=split, latent_b=a, first_layer="b8.conv0", last_layer="b8.conv1")
    assert torch.equal(back.codes[0], a.codes[0])
    for first, second in ((split, a), (a, split), (split, split)):
        between = node("InterpolateLatents", latent_a=first, latent_b=second, t=0.25)
        ends = to_styles(generator, first), to_styles(generator, second)
        for style, start, end in zip(to_styles(generator, between), *ends, strict=True):
            assert_near(style, 0.75 * start + 0.25 * end, 1e-5)


def test_mix_refuses(node, generator, make_generator, w_plus):
    with pytest.raises(LatentError, match="MixStyles: The latents are z, which has no layers"):
        node("MixStyles", latent_a=z_latent(generator, 3), latent_b=z_latent(generator, 4))
    with pytest.raises(SoatError, match=r"first_layer b8.conv1 comes after last_layer b4.torgb"):
        node("MixStyles", latent_a=w_plus(), latent_b=w_plus(), first_layer="b8.conv1", last_layer="b4.torgb")
    with pytest.raises(LatentError, match="latent_a has 2 items, latent_b has 3"):
        node("MixStyles", latent_a=w_plus(batch=2), latent_b=w_plus(batch=3))
    with pytest.raises(LatentError, match=r"latent_a is 1 x w_plus \[8, 24\], latent_b is 1 x style_space 11 layers"):
        node("MixStyles", latent_a=w_plus(), latent_b=to_style_space(generator, w_plus()))
    other = node("SampleLatent", generator=make_generator(mapping_seed=1))
    for class_id in ("MixStyles", "InterpolateLatents"):
        with pytest.raises(LatentError, match=f"{class_id}: latent_a and latent_b come from generators that share no"):
            node(class_id, latent_a=w_plus(), latent_b=other)


def test_mix_between_generators_that_share_style_space(node, make_generator):
    first, second = make_generator(seed=1, mapping_seed=5), make_generator(seed=2, mapping_seed=5)
    a, b = node("SampleLatent", generator=first, seed=3), node("SampleLatent", generator=second, seed=4)
    mixed = node("MixStyles", latent_a=a, latent_b=b, first_layer="b8.conv1", last_layer="b8.conv1")
    assert torch.equal(mixed.codes[0][:, 2], b.codes[0][:, 2])


# --- InterpolateLatents ----------------------------------------------------------------------------------------------


def test_lerp(node, w_plus):
    a, b = w_plus(3), w_plus(8)
    for t in (0.0, 0.3, 1.0):
        between = node("InterpolateLatents", latent_a=a, latent_b=b, t=t)
        assert_near(between.codes[0], (1 - t) * a.codes[0] + t * b.codes[0])
    walk = node("InterpolateLatents", latent_a=a, latent_b=b, steps=5)
    assert walk.batch == 5
    for step in range(5):
        assert_near(walk.codes[0][step], ((4 - step) * a.codes[0] + step * b.codes[0])[0] / 4)
    assert torch.equal(walk.codes[0][:1], a.codes[0]) and torch.equal(walk.codes[0][4:], b.codes[0])


def test_slerp_turns_at_constant_speed(node, generator):
    a, b = z_latent(generator, 3), z_latent(generator, 8)
    walk = node("InterpolateLatents", latent_a=a, latent_b=b, steps=9, method="slerp").codes[0].double()
    start, end = a.codes[0][0].double(), b.codes[0][0].double()
    whole = math.acos(float(start @ end / start.norm() / end.norm()))
    units = walk / walk.norm(dim=1, keepdim=True)
    angles = torch.acos((units[:-1] * units[1:]).sum(1))
    assert_near(angles, torch.full((8,), whole / 8, dtype=torch.float64), 1e-5)
    assert_near(walk.norm(dim=1), torch.linspace(float(start.norm()), float(end.norm()), 9, dtype=torch.float64), 1e-5)
    assert_near(walk[0], start)
    assert_near(walk[-1], end)


def test_slerp_in_w_plus_turns_each_row(node, w_plus):
    a, b = w_plus(3), w_plus(8)
    middle = node("InterpolateLatents", latent_a=a, latent_b=b, method="slerp").codes[0][0].double()
    for row in range(8):
        start, end = a.codes[0][0, row].double(), b.codes[0][0, row].double()
        direction = start / start.norm() + end / end.norm()
        assert_near(middle[row], direction / direction.norm() * (start.norm() + end.norm()) / 2, 1e-5)


def test_slerp_of_equal_codes_is_that_code(node, w_plus):
    between = node("InterpolateLatents", latent_a=w_plus(3), latent_b=w_plus(3), t=0.3, method="slerp")
    assert_near(between.codes[0], w_plus(3).codes[0])


def test_interpolated_batches(node, w_plus):
    """A batch pairs with a batch, or with one; steps follow each other."""
    a, b = w_plus(3, batch=2), w_plus(8)
    walk = node("InterpolateLatents", latent_a=a, latent_b=b, steps=3)
    assert walk.batch == 6
    assert torch.equal(walk.codes[0][:2], a.codes[0])
    assert_near(walk.codes[0][2:4], (a.codes[0] + b.codes[0]) / 2)
