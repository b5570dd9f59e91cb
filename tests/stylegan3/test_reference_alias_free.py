"""Agreement with the outputs of StyleGAN3's own code, through the node classes: to 1e-4 of each map's deviation."""

from __future__ import annotations

import pytest
import torch
from soat.soat_backend.latents import concatenate

LIMIT = 1e-4


@pytest.fixture(scope="session")
def latent(case, known, node):
    sampled = [
        node(
            "SampleLatent",
            generator=known,
            seed=seed,
            batch_size=1,
            truncation_psi=case["truncation_psi"],
            truncation_cutoff=case["truncation_cutoff"],
            class_idx=-1,
            rng="numpy",
        )
        for seed in case["seeds"]
    ]
    return concatenate(sampled)


def features(node, generator, latent, layer, **more):
    return node(
        "GetFeatures", generator=generator, latent=latent, layer=layer, noise_mode="const", noise_seed=0, **more
    )


def assert_agrees(actual: torch.Tensor, expected: torch.Tensor) -> None:
    error = (actual - expected).abs().max() / expected.std()
    assert actual.shape == expected.shape and error <= LIMIT, f"max error {error:.2e} of the deviation"


def assert_picture(image: torch.Tensor, expected: torch.Tensor) -> None:
    assert_agrees(image.permute(0, 3, 1, 2) * 2 - 1, expected.clamp(-1, 1))


def test_w(case, latent, expected):
    assert_agrees(latent.codes[0], expected[f"{case['case']}.w_plus"])


@pytest.mark.parametrize("layer", ["input", "L0_36_24", "L4_52_24", "L12_84_16"])
def test_layers(case, known, latent, expected, node, layer):
    wanted = expected[f"{case['case']}.{layer}"]
    assert_agrees(features(node, known, latent, layer).activation[:1, : wanted.shape[1]], wanted)


@pytest.mark.parametrize("layer", ["input", "L4", "L13", "b4.conv1", "b64.conv1"])
def test_picture(case, known, latent, expected, node, layer):
    image = node("Render", features=features(node, known, latent, layer), tile_size=0)
    assert_picture(image, expected[f"{case['case']}.image"])


@pytest.mark.parametrize("layer", ["input", "L9"])
def test_wide(case, known, latent, expected, node, layer):
    wide = node(
        "PadExpand",
        features=features(node, known, latent, layer),
        left=0.5,
        right=0.5,
        top=0.0,
        bottom=0.0,
        mode="continue",
    )
    assert_picture(node("Render", features=wide, tile_size=0)[:1], expected[f"{case['case']}.wide"])


def test_turned(case, known, latent, expected, node):
    """The reference turns against the clock, the node with it."""
    turn = case["turned"]
    turned = node(
        "TransformFeatures",
        features=features(node, known, latent, "input"),
        rotate=-float(turn["angle_degrees"]),
        scale=1.0,
        translate_x=turn["translate"][0],
        translate_y=turn["translate"][1],
        flip_horizontal=False,
        flip_vertical=False,
        border="reflect",
        bend="none",
        bend_amount=1.0,
        channels="all",
    )
    assert_picture(node("Render", features=turned, tile_size=0)[:1], expected[f"{case['case']}.turned"])
