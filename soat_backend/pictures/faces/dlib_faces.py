"""dlib's own way to faces and landmarks, with which FFHQ was aligned; for those who have it.

Source: King 2009 (dlib); Kazemi, Sullivan 2014 (the landmarks). Neither dlib nor its file comes with the pack.
"""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F

from ...support.errors import SoatError
from .find import Face

# The detector sees faces of 80 px and more in a picture that it doubles; larger ones cost time and show no more faces.
_DETECTED_SIDE = 1024
_DOUBLINGS = 1
_POINTS = 68


class DlibFaces:
    """Finds faces as `find_faces` does, with dlib.

    Args:
        path: A shape predictor of 68 points, such as `shape_predictor_68_face_landmarks.dat`.

    Raises:
        SoatError: dlib isn't installed, or the file isn't such a predictor.
    """

    def __init__(self, path: Path) -> None:
        self._detector, self._predictor = _load(path, path.stat().st_mtime_ns)

    def __call__(self, picture: torch.Tensor) -> list[Face]:
        """All faces of a picture `[1, 3, H, W]` RGB in 0..255, the largest first."""
        longest = max(picture.shape[2:])
        size = [max(1, round(side * min(1.0, _DETECTED_SIDE / longest))) for side in picture.shape[2:]]
        shrunk = F.interpolate(picture, size=size, mode="bilinear", antialias=True)
        scale = longest / max(size)
        whole = _bytes(picture)
        boxes, scores, _ = self._detector.run(_bytes(shrunk), _DOUBLINGS, 0.0)
        faces = []
        for box, score in zip(boxes, scores, strict=True):
            edges = [round(edge * scale) for edge in (box.left(), box.top(), box.right(), box.bottom())]
            parts = self._predictor(whole, type(box)(*edges)).parts()
            landmarks = torch.tensor([(part.x, part.y) for part in parts], dtype=torch.float32, device="cpu")
            # dlib's score is a distance from its limit, without an end.
            faces.append(Face((edges[0], edges[1], edges[2], edges[3]), 1 / (1 + math.exp(-score)), landmarks))
        return sorted(faces, key=lambda face: face.area, reverse=True)


def _bytes(picture: torch.Tensor) -> Any:
    return picture[0].permute(1, 2, 0).round().clamp(0, 255).byte().cpu().contiguous().numpy()


@lru_cache(maxsize=1)
def _load(path: Path, _changed: int) -> tuple[Any, Any]:
    try:
        import dlib
    except ImportError:
        raise SoatError(
            f"{path.name} needs the package dlib, which isn't there. Install it with `pip install dlib-bin`, or choose "
            "the landmarks that come with the pack."
        ) from None
    try:
        predictor = dlib.shape_predictor(str(path))
        count = len(predictor(_bytes(torch.zeros(1, 3, 8, 8, device="cpu")), dlib.rectangle(0, 0, 7, 7)).parts())
    except (RuntimeError, MemoryError) as error:
        raise SoatError(
            f"{path.name} is no shape predictor that dlib can read ({error}). Take "
            "shape_predictor_68_face_landmarks.dat, unpacked."
        ) from None
    if count != _POINTS:
        raise SoatError(
            f"{path.name} finds {count} landmarks of a face, and AlignFace needs {_POINTS}. Take "
            "shape_predictor_68_face_landmarks.dat."
        )
    return dlib.get_frontal_face_detector(), predictor
