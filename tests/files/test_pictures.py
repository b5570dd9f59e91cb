"""Pictures from strangers."""

import numpy as np
import pytest
from PIL import Image, ImageFile
from soat.soat_backend.support.files import PICTURE_TROUBLE, open_picture, pictures, read_frames

EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\n%%EndProlog\nshowpage\n%%EOF\n"


@pytest.mark.parametrize("extension", ["png", "jpg", "webp", "bmp", "gif", "tiff"])
def test_pictures_of_all_usual_formats(tmp_path, extension):
    path = tmp_path / f"grey.{extension}"
    Image.new("RGB", (6, 4), (100, 100, 100)).save(path)
    with open_picture(path) as picture:
        assert np.abs(np.asarray(picture.convert("RGB"), dtype=int) - 100).max() <= 1


@pytest.mark.parametrize("name", ["drawing.eps", "drawing.png"])
def test_formats_that_another_program_would_read_are_refused(tmp_path, name, monkeypatch):
    """Pillow starts Ghostscript for EPS, whatever the file is called."""
    monkeypatch.setattr("subprocess.Popen", lambda *_, **__: pytest.fail("started a program"))
    (tmp_path / name).write_bytes(EPS)
    with pytest.raises(PICTURE_TROUBLE):
        open_picture(tmp_path / name).load()


def test_pictures_larger_than_memory_are_refused_before_they_are_decoded(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "MAX_PIXELS", 100)
    Image.new("L", (10, 11)).save(tmp_path / "large.png")
    with pytest.raises(ValueError, match=r"larger than fits into memory \(10 x 11\)"):
        open_picture(tmp_path / "large.png")
    frames = [Image.new("L", (5, 5), k * 20) for k in range(5)]
    frames[0].save(tmp_path / "long.gif", save_all=True, append_images=frames[1:])
    with pytest.raises(ValueError, match=r"5 x 5 x 5 frames"):
        open_picture(tmp_path / "long.gif")


@pytest.mark.parametrize("extension", ["png", "jpg", "webp", "gif", "tiff"])
def test_damaged_pictures_raise_nothing_else(tmp_path, extension):
    whole = tmp_path / f"whole.{extension}"
    pixels = np.random.default_rng(0).integers(0, 255, (9, 7, 3), np.uint8)
    Image.fromarray(pixels).save(whole)
    data, random = whole.read_bytes(), np.random.default_rng(1)
    refused = 0
    for _ in range(150):
        damaged = bytearray(data[: random.integers(8, len(data) + 1)])
        for _ in range(random.integers(0, 4)):
            damaged[random.integers(len(damaged))] = random.integers(256)
        path = tmp_path / "damaged"
        path.write_bytes(damaged)
        try:
            assert read_frames(path, lambda frame: np.asarray(frame.convert("RGB")))[0].size
        except PICTURE_TROUBLE:
            assert not ImageFile.LOAD_TRUNCATED_IMAGES
        try:
            open_picture(path).convert("RGB")
        except PICTURE_TROUBLE:
            refused += 1
    assert refused > 20


def test_a_file_that_stops_is_no_way_around_the_limit(tmp_path, monkeypatch):
    path = tmp_path / "long.gif"
    frames = [Image.fromarray(np.random.RandomState(k).randint(0, 255, (5, 5), np.uint8)) for k in range(9)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    path.write_bytes(path.read_bytes()[:-9])
    monkeypatch.setattr(pictures, "MAX_PIXELS", 100)
    decoded = []
    with pytest.raises(ValueError, match="larger than fits into memory"):
        read_frames(path, decoded.append)
    assert len(decoded) <= 4
