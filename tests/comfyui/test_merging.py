"""In ComfyUI two generators are merged, saved, moved to the models and loaded again, and the pictures stay the same."""

from __future__ import annotations

import shutil
from typing import Any

import numpy as np
from PIL import Image

MODELS = ("demo/landscape_256.safetensors", "demo/landscape_neon_256.safetensors")
NAME = "merged_and_moved.safetensors"


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs}


def drawn(generator: list[Any]) -> dict[str, Any]:
    """A seed's picture, saved."""
    usual = {"truncation_psi": 0.7, "truncation_cutoff": -1, "class_idx": -1, "rng": "numpy"}
    noise = {"noise_mode": "const", "noise_seed": 0}
    return {
        "latent": node("SampleLatent", generator=generator, seed=5, batch_size=1, **usual),
        "cut": node("GetFeatures", generator=generator, latent=["latent", 0], layer="b4.conv1", **noise),
        "render": node("Render", features=["cut", 0], tile_size=0),
        "picture": node("SaveImage", images=["render", 0], filename_prefix="merged/picture"),
    }


def test_a_merged_generator_is_saved_and_loaded(comfyui):
    load = {f"load{k}": node("LoadStyleGAN", checkpoint=name, precision="float32") for k, name in enumerate(MODELS)}
    merge = node(
        "MergeGenerators",
        generator_a=["load0", 0],
        generator_b=["load1", 0],
        method="curve",
        first_layer="b8.conv0",
        last_layer="b64.conv1",
        strength=0.8,
        mapping="a",
    )
    save = node("SaveStyleGAN", generator=["merge", 0], filename_prefix="stylegan/merged", weights="as they are")
    first = comfyui.run({**load, "merge": merge, "save": save, **drawn(["merge", 0])})
    assert first.status == "success", first.messages
    # Nothing to remark of a generator and its fine-tune; of the file, where it is and how large.
    assert first.outputs["merge"]["soat_text"] == [""]
    assert first.outputs["save"]["soat_text"][0] == "merged_00001_.safetensors, 4.6 MB"
    (entry,) = first.outputs["save"]["files"]
    target = comfyui.base / "models" / "stylegan" / NAME
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(comfyui.base / "output" / entry["subfolder"] / entry["filename"], target)
    load = {"load": node("LoadStyleGAN", checkpoint=NAME, precision="float32")}
    second = comfyui.run({**load, **drawn(["load", 0])})
    target.unlink()  # Other tests look at the same models.
    assert second.status == "success", second.messages
    pictures = [np.asarray(Image.open(comfyui.saved(run, "picture")[0])) for run in (first, second)]
    assert np.array_equal(*pictures)
