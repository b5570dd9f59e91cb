"""Models of other shapes against pictures of the peers' own code, from the file to IMAGE and MASK."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from soat.nodes import NODE_CLASS_MAPPINGS
from soat.nodes.host import folders
from soat.soat_backend.checkpoints import convert_checkpoint
from soat.soat_backend.model_cards import ModelCards

REFERENCE = Path(__file__).parents[1] / "reference" / "architectures"
PEERS = ("ada", "eps", "human")
CASES = [case for peer in PEERS for case in json.loads((REFERENCE / f"cases_{peer}.json").read_text())]
EXPECTED = {
    name: tensor for peer in PEERS for name, tensor in load_file(REFERENCE / f"expected_{peer}.safetensors").items()
}


def run(class_id: str, **inputs):
    """Run a node as ComfyUI does; its outputs."""
    node_class = NODE_CLASS_MAPPINGS[class_id]
    with torch.inference_mode():
        return getattr(node_class(), node_class.FUNCTION)(**inputs)


@pytest.fixture
def models(tmp_path, monkeypatch):
    """The headless model folder, with the files of the cases and what our converter makes of them."""
    folder = tmp_path / "models" / "stylegan"
    folder.mkdir(parents=True)
    for case in CASES:
        shutil.copy(REFERENCE / case["model"], folder)
        convert_checkpoint(REFERENCE / case["model"], folder / f"{case['case']}.safetensors")
    monkeypatch.setattr(folders, "_chosen_folders", {"models": tmp_path / "models"})


@pytest.mark.parametrize("ending", ["pkl", "safetensors"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_pictures(models, case, ending):
    name = case["case"]
    generator, info = run("LoadStyleGAN", checkpoint=f"{name}.{ending}")
    w_plus, pictures = EXPECTED[f"{name}.w_plus"], EXPECTED[f"{name}.image"]
    height, width = pictures.shape[2:]
    assert f"StyleGAN2 generator, {width} x {height} px" in info
    latent = run(
        "SampleLatent",
        generator=generator,
        seed=case["seeds"][0],
        batch_size=len(case["seeds"]),
        truncation_psi=case["truncation_psi"],
        truncation_cutoff=case["truncation_cutoff"],
    )[0]
    assert (latent.codes[0] - w_plus).abs().max() <= 1e-4
    expected = (pictures.clamp(-1, 1) + 1) / 2
    for layer in ("b4.conv1", "b8.conv0", "b16.conv1", "b64.conv0"):
        features = run("GetFeatures", generator=generator, latent=latent, layer=layer, noise_mode=case["noise_mode"])[0]
        image, mask = run("Render", features=features)
        assert (image.permute(0, 3, 1, 2) - expected[:, :3]).abs().max() <= 1e-4
        assert mask.shape == image.shape[:3]
        alpha = 1.0 - mask
        wanted = expected[:, 3] if len(expected[0]) == 4 else torch.ones_like(mask)
        assert (alpha - wanted).abs().max() <= 1e-4


def test_what_a_file_is():
    cards = ModelCards()
    summaries = {case["case"]: cards.describe(REFERENCE / case["model"]).summary for case in CASES}
    assert summaries["rgba_32"].startswith("32 x 32 px, RGB and alpha, NVIDIA pickle")
    assert summaries["resnet_32"].startswith("32 x 32 px, resnet blocks, NVIDIA pickle")
    assert summaries["eps_64"].startswith("96 x 64 px, NVIDIA pickle")
    assert summaries["human_64"].startswith("32 x 64 px, NVIDIA pickle")
    for case in CASES:
        pictures = EXPECTED[f"{case['case']}.image"]
        small = cards.samples(
            REFERENCE / case["model"],
            case["seeds"][0],
            len(case["seeds"]),
            truncation_psi=case["truncation_psi"],
            truncation_cutoff=case["truncation_cutoff"],
        )
        assert (small - (pictures[:, :3].clamp(-1, 1) + 1) / 2).abs().max() <= 1e-4
