"""Faces: found in pictures, with landmarks, and the crop that models of faces are trained on."""

from .align import ffhq_crop, is_sideways
from .find import Face, find_faces

__all__ = ["Face", "ffhq_crop", "find_faces", "is_sideways"]
