"""Pictures written band by band are the pictures."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
from PIL import Image
from soat.soat_backend.support.errors import SoatError
from soat.soat_backend.support.files import write_rows


def picture(height: int, width: int) -> np.ndarray:
    rng = np.random.default_rng(3)
    smooth = np.linspace(0, 255, height * width * 3).reshape(height, width, 3)
    return (smooth + rng.integers(-9, 9, smooth.shape)).clip(0, 255).astype(np.uint8)


def cut(pixels: np.ndarray, heights: list[int]):
    start = 0
    for height in heights:
        yield pixels[start : start + height]
        start += height
    assert start == len(pixels)


@pytest.mark.parametrize("heights", [[1], [600], [1, 255, 344], [300, 300], [7, 500, 93]])
@pytest.mark.parametrize("format", ["png", "tiff"])
def test_bands_of_any_height(format, heights, tmp_path):
    pixels = picture(sum(heights), 301)
    path = tmp_path / f"large.{format}"
    texts = {"prompt": {"1": "é"}, "workflow": [1, 2]}
    write_rows(path, cut(pixels, heights), len(pixels), 301, format, texts)
    with Image.open(path) as file:
        assert np.array_equal(np.asarray(file), pixels)
        if format == "png":
            assert {name: json.loads(text) for name, text in file.text.items()} == texts
            assert path.stat().st_size < 1.2 * pixels.size
            Image.open(path).verify()  # checksums


def test_tiff_is_big_and_tiled(tmp_path):
    tifffile = pytest.importorskip("tifffile", reason="needs `pip install tifffile`")
    pixels = picture(520, 700)
    write_rows(tmp_path / "large.tiff", cut(pixels, [520]), 520, 700, "tiff", {"prompt": "x"})
    with tifffile.TiffFile(tmp_path / "large.tiff") as file:
        page = file.pages[0]
        assert file.is_bigtiff and page.is_tiled and (page.tilewidth, page.tilelength) == (256, 256)
        assert json.loads(page.description) == {"prompt": "x"}
        assert np.array_equal(page.asarray(), pixels)


def test_refusals(tmp_path, monkeypatch):
    with pytest.raises(SoatError, match="format must be one of png, tiff, got 'bmp'"):
        write_rows(tmp_path / "x", [], 1, 1, "bmp", {})
    with pytest.raises(SoatError, match="larger than files of this format can be"):
        write_rows(tmp_path / "x", [], 1, 2**31, "png", {})
    monkeypatch.setitem(sys.modules, "tifffile", None)
    with pytest.raises(SoatError, match="pip install tifffile"):
        write_rows(tmp_path / "x", [], 1, 1, "tiff", {})
