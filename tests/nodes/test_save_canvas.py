"""SaveCanvas: the file is what Render and SaveImage make, and memory doesn't know how long it is."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image
from soat.nodes import NODE_CLASS_MAPPINGS, host
from soat.soat_backend.support.errors import SoatError
from soat.soat_backend.synthesis import render as rendering


@pytest.fixture
def output(tmp_path, monkeypatch):
    monkeypatch.setattr(host.folders, "_chosen_folders", {"output": tmp_path})
    return tmp_path


def save(**inputs):
    with torch.inference_mode():
        return NODE_CLASS_MAPPINGS["SaveCanvas"]().save(**inputs)


@pytest.fixture
def canvas(node, make_generator):
    generator = make_generator()
    latent = node("SampleLatentSequence", generator=generator, seed=4, count=5)
    return node("PanoramaFeatures", generator=generator, latent=latent)


@pytest.mark.parametrize("format", ["png", "tiff"])
@pytest.mark.parametrize("tile_size", [0, 16, 24])
def test_the_file_is_the_picture(tile_size, format, canvas, node, output):
    image = node("Render", features=canvas)[0]
    prompt = {"1": {"class_type": "SaveCanvas"}}
    result = save(features=canvas, format=format, tile_size=tile_size, prompt=prompt)
    (entry,) = result["ui"]["files"]
    assert (entry["subfolder"], entry["type"]) == ("canvas", "output")
    with Image.open(output / "canvas" / entry["filename"]) as file:
        pixels = np.asarray(file)
        if format == "png":
            assert json.loads(file.text["prompt"]) == prompt
    expected = (255.0 * image.numpy()).clip(0, 255).astype(np.uint8)
    assert pixels.shape == expected.shape
    # Rounding may fall on either side of a whole number.
    assert np.abs(pixels.astype(int) - expected).max() <= (0 if tile_size == 0 else 1)
    assert result["result"][0] == f"{entry['filename']}: 160 x 32 pixels, " + (
        f"{(output / 'canvas' / entry['filename']).stat().st_size:,} bytes"
    )


def test_the_preview_is_a_small_copy(canvas, output, monkeypatch):
    from soat.nodes import save_canvas

    monkeypatch.setattr(save_canvas, "_PREVIEW_SIDE", 40)
    monkeypatch.setattr(rendering, "BAND_BYTES", 3 * 160 * 16)
    result = save(features=canvas, tile_size=32)
    (entry,) = result["ui"]["images"]
    assert entry["type"] == "temp"
    small, large = (
        np.asarray(Image.open(path))
        for path in (
            output / "temp" / entry["subfolder"] / entry["filename"],
            output / "canvas" / result["ui"]["files"][0]["filename"],
        )
    )
    assert np.array_equal(small, large[::4, ::4])


def test_a_batch_is_as_many_files(node, make_generator, output):
    generator = make_generator()
    latent = node("SampleLatent", generator=generator, seed=1, batch_size=3)
    features = node("GetFeatures", generator=generator, latent=latent, noise_mode="random")
    image = node("Render", features=features)
    result = save(features=features, filename_prefix="each/%batch_num%")
    assert [entry["filename"] for entry in result["ui"]["files"]] == ["0_00001_.png", "1_00001_.png", "2_00001_.png"]
    for index, entry in enumerate(result["ui"]["files"]):
        with Image.open(output / "each" / entry["filename"]) as file:
            expected = (255.0 * image[index].numpy()).clip(0, 255).astype(int)
            assert np.abs(np.asarray(file).astype(int) - expected).max() <= 1


def test_bands_are_bounded(node, make_generator, output, monkeypatch):
    """Bands of little memory, and no band for the whole canvas."""
    generator = make_generator()
    latent = node("SampleLatentGrid", generator=generator, seed=4, columns=4, rows=4)
    canvas = node("GridFeatures", generator=generator, latent=latent, columns=4)
    monkeypatch.setattr(rendering, "BAND_BYTES", 3 * 128 * 20)
    monkeypatch.setattr(rendering, "MAP_BYTES", 0)
    with torch.inference_mode():
        found = list(rendering.bands(canvas, 0))
    assert max(map(len, found)) <= 20 and len(found) >= 7
    whole = (255.0 * node("Render", features=canvas, tile_size=4096)[0].numpy()).clip(0, 255).astype(int)
    assert np.abs(np.concatenate(found).astype(int) - whole).max() <= 1


def test_what_fails_leaves_no_file(canvas, output, monkeypatch):
    def bands(*_):
        yield np.zeros((16, 160, 3), np.uint8)
        raise SoatError("stopped")

    from soat.nodes import save_canvas

    monkeypatch.setattr(save_canvas, "bands", bands)
    with pytest.raises(SoatError, match="stopped"):
        save(features=canvas)
    assert not [path for path in output.rglob("*") if path.is_file()]
    assert isinstance(NODE_CLASS_MAPPINGS["SaveCanvas"].VALIDATE_INPUTS(filename_prefix="../x"), str)
