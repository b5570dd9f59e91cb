"""Faces: found in pictures, with landmarks, and the crop that models of faces are trained on."""

from typing import TYPE_CHECKING

from ...support.when_needed import import_when_needed

if TYPE_CHECKING:
    from .align import MAX_MARGIN, MIN_MARGIN, ffhq_crop, is_sideways
    from .dlib_faces import DlibFaces
    from .find import Face, find_faces

__all__ = ["MAX_MARGIN", "MIN_MARGIN", "DlibFaces", "Face", "ffhq_crop", "find_faces", "is_sideways"]

__getattr__ = import_when_needed(
    __name__,
    {
        "DlibFaces": "dlib_faces",
        "Face": "find",
        "MAX_MARGIN": "align",
        "MIN_MARGIN": "align",
        "ffhq_crop": "align",
        "find_faces": "find",
        "is_sideways": "align",
    },
)
