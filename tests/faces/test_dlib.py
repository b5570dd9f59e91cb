"""Faces found with dlib: what is made of its answers, with a stand-in; with dlib itself where it is."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from soat.nodes import NODE_CLASS_MAPPINGS, host
from soat.soat_backend.pictures.faces import ffhq_crop, find_faces
from soat.soat_backend.pictures.faces.dlib_faces import DlibFaces
from soat.soat_backend.support.errors import SoatError

PHOTO = Path(__file__).with_name("astronaut.jpg")


@pytest.fixture
def photo():
    pixels = np.asarray(Image.open(PHOTO).convert("RGB"))
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float()


class Rectangle:
    def __init__(self, *edges):
        self.edges = edges

    def left(self):
        return self.edges[0]

    def top(self):
        return self.edges[1]

    def right(self):
        return self.edges[2]

    def bottom(self):
        return self.edges[3]


@pytest.fixture
def stand_in(monkeypatch, tmp_path):
    """A dlib that tells what it was asked, sees two faces, and has landmarks on their boxes' upper edges."""
    asked = SimpleNamespace(detected=[], predicted=[], count=68)

    class Detector:
        def run(self, picture, doublings, limit):
            asked.detected.append((picture.shape, picture.dtype, doublings, limit))
            return [Rectangle(0, 0, 10, 10), Rectangle(100, 50, 200, 150)], [0.0, math.log(3)], [0, 0]

    def predictor(path):
        if not Path(path).read_bytes().startswith(b"landmarks"):
            raise RuntimeError("Unexpected version found")

        def predict(picture, box):
            asked.predicted.append((picture.shape, box.edges))
            points = [SimpleNamespace(x=box.left() + k, y=box.top()) for k in range(asked.count)]
            return SimpleNamespace(parts=lambda: points)

        return predict

    module = ModuleType("dlib")
    module.get_frontal_face_detector, module.shape_predictor, module.rectangle = Detector, predictor, Rectangle
    monkeypatch.setitem(sys.modules, "dlib", module)
    asked.path = tmp_path / "dlib" / "points.dat"
    asked.path.parent.mkdir()
    asked.path.write_bytes(b"landmarks")
    return asked


def test_faces_of_a_large_photo_are_found_in_a_small_one_and_told_in_pixels(stand_in):
    larger, smaller = DlibFaces(stand_in.path)(torch.zeros(1, 3, 1024, 2048))
    assert stand_in.detected == [((512, 1024, 3), np.uint8, 1, 0.0)]
    assert larger.box == (200, 100, 400, 300) and smaller.box == (0, 0, 20, 20)
    assert (larger.score, smaller.score) == pytest.approx((0.75, 0.5))
    assert stand_in.predicted[1:] == [((1024, 2048, 3), (0, 0, 20, 20)), ((1024, 2048, 3), (200, 100, 400, 300))]
    assert larger.landmarks.tolist() == [[200 + k, 100] for k in range(68)]


def test_the_node_takes_a_file_of_the_folder(stand_in, tmp_path, monkeypatch):
    monkeypatch.setenv("SOAT_MODELS", str(tmp_path))
    monkeypatch.setattr(host.folders, "_chosen_folders", {})
    node = NODE_CLASS_MAPPINGS["AlignFace"]
    assert node.INPUT_TYPES()["optional"]["landmarks"][0] == ["bundled", "points.dat"]
    assert node.VALIDATE_INPUTS(landmarks="points.dat") is True
    assert "There is no model 'point.dat'" in node.VALIDATE_INPUTS(landmarks="point.dat")
    _, crops, report = node().align(torch.zeros(1, 512, 512, 3), 16, 0, landmarks="points.dat")
    assert report.startswith("0: face 0 of 2, the largest first; 100 pixels wide, score 0.75")
    points = torch.tensor([[100.0 + k, 50.0] for k in range(68)])
    assert crops == [ffhq_crop(points, 512, 512)]


def test_without_dlib_the_error_says_how_to_get_it(stand_in, monkeypatch):
    monkeypatch.setitem(sys.modules, "dlib", None)
    with pytest.raises(SoatError, match=r"points\.dat needs the package dlib.*pip install dlib-bin"):
        DlibFaces(stand_in.path)


def test_a_file_of_something_else(stand_in):
    stand_in.count = 5
    with pytest.raises(SoatError, match="finds 5 landmarks of a face, and AlignFace needs 68"):
        DlibFaces(stand_in.path)
    other = stand_in.path.with_name("other.dat")
    other.write_bytes(b"BZh9")
    with pytest.raises(SoatError, match=r"other\.dat is no shape predictor that dlib can read"):
        DlibFaces(other)


def test_dlib_itself_finds_the_same_face(photo):
    pytest.importorskip("dlib", reason='needs dlib: pip install -e ".[dlib]"')
    path = Path(os.environ.get("SOAT_DLIB_LANDMARKS", ""))
    if not path.is_file():
        pytest.skip(
            "set SOAT_DLIB_LANDMARKS to a shape_predictor_68_face_landmarks.dat (PyPI: face_recognition_models)"
        )
    (theirs,), (ours,) = DlibFaces(path)(photo), find_faces(photo)
    assert (theirs.landmarks - ours.landmarks).norm(dim=1).mean() < 2.5
    one, other = (ffhq_crop(face.landmarks, 256, 256) for face in (theirs, ours))
    assert one.centre == pytest.approx(other.centre, abs=1.5) and one.right == pytest.approx(other.right, abs=3.0)
