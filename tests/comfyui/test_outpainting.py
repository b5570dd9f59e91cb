"""More than a photo shows: ComfyUI's padding and its mask, inverted, to the canvas that Invert Image finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from test_execution import node


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"), np.float64) / 255.0


def test_what_is_padded_is_made_up_and_the_photo_stays(comfyui):
    prompt = {
        "load": node("LoadStyleGAN", checkpoint="demo/landscape_256.safetensors", precision="float32"),
        "paint": node("ProceduralImage", scene="landscape", seed=3, size="256", batch_size=1),
        "pad": node("ImagePadForOutpaint", image=("paint", 0), left=256, top=0, right=128, bottom=0, feathering=0),
        "fit": node("InvertMask", mask=("pad", 1)),
        "invert": node(
            "InvertImage",
            generator=("load", 0),
            image=("pad", 0),
            mask=("fit", 0),
            steps=60,
            learning_rate=0.2,
            space="style_space",
            perceptual_weight=1.0,
            mse_weight=10.0,
            prior_weight=0.02,
            seed=0,
            candidates=8,
            base_layer="b16.conv0",
        ),
        "render": node("Render", features=("invert", 4), tile_size=0),
        "photo": node("SaveImage", images=("paint", 0), filename_prefix="test/outpaint_photo"),
        "whole": node("SaveImage", images=("render", 0), filename_prefix="test/outpaint_whole"),
    }
    run = comfyui.run(prompt)
    assert run.status == "success"
    photo, whole = (pixels(comfyui.saved(run, name)[0]) for name in ("photo", "whole"))
    assert whole.shape == (256, 640, 3)
    assert np.square(whole[:, 256:512] - photo).mean() < 0.004
    # The grey that was padded is nowhere, and no edge where it began.
    for side in (whole[:, :256], whole[:, 512:]):
        assert np.square(side - 0.5).mean() > 0.005
    steps = np.abs(np.diff(whole, axis=1)).mean((0, 2))
    assert steps[[255, 511]].max() < 3 * steps.mean()
