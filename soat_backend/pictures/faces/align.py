"""The crop that FFHQ's faces have: eyes and mouth at the same place in each.

Source: Karras et al. 2019 (StyleGAN), appendix A, and the recipe published with the data set.
"""

from __future__ import annotations

import torch

from ...support.errors import require_between
from ..photos import Crop
from .find import Face

MIN_MARGIN, MAX_MARGIN = 0.5, 3.0

_LEFT_EYE = slice(36, 42)
_RIGHT_EYE = slice(42, 48)
_MOUTH_CORNERS = (48, 54)
_NOSE_TIP = 30
# Half the square's side in distances between the eyes, and from eyes to mouth, whichever is more.
_EYES_FACTOR = 2.0
_MOUTH_FACTOR = 1.8
# From the eyes' middle towards the mouth, where the square's centre lies.
_CENTRE = 0.1
# The nose's tip is this far off the middle of a face that is turned by about 45 degrees, in distances between the eyes.
_SIDEWAYS = 0.4


def ffhq_crop(landmarks: torch.Tensor, width: int, height: int, margin: float = 1.0) -> Crop:
    """The square around a face.

    Args:
        landmarks: `[68, 2]`, x and y in pixels.
        width: Of the picture.
        height: Of the picture.
        margin: Times FFHQ's side, 0.5 to 3, for models that were trained on wider or closer faces.

    Raises:
        SoatError: The margin is out of its range.
    """
    require_between("AlignFace, margin", margin, MIN_MARGIN, MAX_MARGIN)
    eyes = [landmarks[part].mean(0).double() for part in (_LEFT_EYE, _RIGHT_EYE)]
    between, middle = eyes[1] - eyes[0], (eyes[0] + eyes[1]) / 2
    to_mouth = landmarks[list(_MOUTH_CORNERS)].mean(0).double() - middle
    # Both lines tell how the head is held: the eyes' own, and the one to the mouth turned by 90 degrees.
    direction = between + torch.stack((to_mouth[1], -to_mouth[0]))
    direction = direction / direction.norm().clamp_min(1e-6)
    half = margin * max(float(between.norm()) * _EYES_FACTOR, float(to_mouth.norm()) * _MOUTH_FACTOR)
    x, y = (middle + to_mouth * _CENTRE).tolist()
    right = (direction * half).tolist()
    return Crop((x, y), (right[0], right[1]), width, height)


def is_sideways(face: Face) -> bool:
    """Whether a face is turned so far that its alignment says little."""
    eyes = [face.landmarks[part].mean(0) for part in (_LEFT_EYE, _RIGHT_EYE)]
    between, middle = eyes[1] - eyes[0], (eyes[0] + eyes[1]) / 2
    distance = between.norm().clamp_min(1e-6)
    off = (face.landmarks[_NOSE_TIP] - middle) @ (between / distance)
    return bool(off.abs() > _SIDEWAYS * distance)
