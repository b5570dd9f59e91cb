"""Pictures from strangers."""

import numpy as np
import pytest
from PIL import Image
from soat.soat_backend.files import PICTURE_TROUBLE, open_picture, pictures

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
