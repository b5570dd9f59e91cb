"""Agreement with the outputs of the peers' own code, through the node classes: within 1e-4 of the image range."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from soat.nodes import NODE_CLASS_MAPPINGS

REFERENCE = Path(__file__).parents[1] / "reference"
CASES = {case["case"]: case for case in json.loads((REFERENCE / "cases.json").read_text())}
EXPECTED = load_file(REFERENCE / "expected.safetensors")


def node(class_id: str, **inputs):
    """Run a node as ComfyUI does; its first output."""
    node_class = NODE_CLASS_MAPPINGS[class_id]
    with torch.inference_mode():
        return getattr(node_class(), node_class.FUNCTION)(**inputs)[0]


def sampled(generator, case: dict, seed: int, batch_size: int = 1, rng: str = "torch"):
    return node(
        "SampleLatent",
        generator=generator,
        seed=seed,
        batch_size=batch_size,
        truncation_psi=case["truncation_psi"],
        truncation_cutoff=case.get("truncation_cutoff", -1),
        rng=rng,
    )


def features(generator, case: dict, seed: int, layer: str, batch_size: int = 1):
    latent = sampled(generator, case, seed, batch_size)
    return node("GetFeatures", generator=generator, latent=latent, layer=layer, noise_mode=case["noise_mode"])


def assert_agrees(image: torch.Tensor, expected: torch.Tensor) -> None:
    """The reference's range is [-1, 1], so 1e-4 of it is 1e-4 in an IMAGE."""
    expected = (expected.clamp(-1, 1) + 1) / 2
    error = (image.permute(0, 3, 1, 2) - expected).abs().max().item()
    assert image.shape[1:3] == expected.shape[2:] and error <= 1e-4, f"max error {error:.2e}"


@pytest.mark.parametrize("layer", ["b4.conv1", "b8.conv0", "b16.conv1", "b256.conv1", "b1024.conv1"])
def test_plain(rosinality_a, layer):
    case = CASES["soat.plain"]
    image = node("Render", features=features(rosinality_a, case, case["seeds"][0], layer, batch_size=4))
    assert_agrees(image, EXPECTED["soat.plain"])


def test_blend_vertical(rosinality_a):
    case = CASES["soat.blend_vertical"]
    a, b = (features(rosinality_a, case, seed, "b4.conv1") for seed in case["seeds"])
    mixed = node("InterpolateFeatures", features_a=a, features_b=b, alpha=1.0, shape="top_to_bottom")
    assert_agrees(node("Render", features=mixed), EXPECTED["soat.blend_vertical"])


@pytest.mark.parametrize(("name", "mode"), [("soat.pad_reflect", "reflect"), ("soat.stretch_horizontal", "stretch")])
def test_pad_and_stretch(rosinality_a, name, mode):
    case = CASES[name]
    wide = node("PadExpand", features=features(rosinality_a, case, case["seeds"][0], "b8.conv1"), mode=mode)
    assert_agrees(node("Render", features=wide), EXPECTED[name])


def test_panorama_pair(rosinality_a):
    case = CASES["soat.panorama_pair"]
    latent = sampled(rosinality_a, case, case["seeds"][0], batch_size=2)
    pair = node("PanoramaFeatures", generator=rosinality_a, latent=latent, noise_mode=case["noise_mode"])
    assert_agrees(node("Render", features=pair), EXPECTED["soat.panorama_pair"])


def test_stitched_pair(rosinality_a):
    case = CASES["soat.panorama_pair"]
    a, b = (features(rosinality_a, case, seed, "b4.conv1") for seed in case["seeds"])
    pair = node("StitchFeatures", features_a=a, features_b=b)
    assert_agrees(node("Render", features=pair), EXPECTED["soat.panorama_pair"])


def test_nvidia(nvidia):
    case = CASES["nvidia_ada_32"]
    latent = sampled(nvidia, case, case["seeds"][0], batch_size=3, rng="numpy")
    error = (latent.codes[0] - EXPECTED["nvidia_ada_32.w_plus"]).abs().max().item()
    assert error <= 1e-4, f"max error {error:.2e}"
    image = node("Render", features=node("GetFeatures", generator=nvidia, latent=latent))
    assert_agrees(image, EXPECTED["nvidia_ada_32.image"])


def test_rosinality_seeds(rosinality_a):
    from soat.soat_backend.latents import draw_z

    case = CASES["soat.plain"]
    drawn = torch.cat([draw_z(seed, 64, "torch") for seed in case["seeds"]])
    torch.testing.assert_close(drawn, EXPECTED["soat.z"], rtol=0, atol=0)
