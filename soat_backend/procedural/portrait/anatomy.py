"""The skull every face is built on, and where its features sit.

Head space: x to the viewer's right, y up, z to the viewer; the crown is at y = 1, the chin at y = -1.
"""

from __future__ import annotations

import numpy as np

from ..noise import F
from .person import Face, Pose
from .tracing import Place, rotation

EYE_X = 0.325
EYE_Y = -0.10
BROW_Y = 0.175
NOSE_TIP_Y = -0.38
MOUTH_Y = -0.625
SKULL_DEPTH = 0.86
# Share of the movement of the face over the picture by yaw and pitch that the framing undoes.
_RECENTRED = 0.55
_FACE_CENTRE = np.array([0, -0.1, 0.8])


def place_head(pose: Pose) -> Place:
    """The head's place in the picture: turned, and moved back towards the middle."""
    axes = rotation(pose.yaw, pose.pitch, pose.roll)
    moved = axes @ _FACE_CENTRE - _FACE_CENTRE
    return Place(axes, np.array([-_RECENTRED * moved[0], -_RECENTRED * moved[1], 0], F))


def skull(face: Face, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """About the distance from the bare head, a superellipsoid that tapers towards the jaw."""
    towards_jaw = np.clip((0.12 - y) * F(1 / 1.1), 0, 1)
    towards_jaw = towards_jaw * towards_jaw * (3 - 2 * towards_jaw)
    height = y * y
    height = height * (1 + np.where(y > 0, F(0.55 * face.squareness), F(face.squareness)) * (height - 1))
    across = x / (face.width * (1 - face.jaw_taper * towards_jaw))
    deep = (z - 0.10 * towards_jaw) / (SKULL_DEPTH * (1 - 0.16 * towards_jaw))
    return (np.sqrt(across * across + height + deep * deep) - 1) * F(0.76)


def front_of_skull(face: Face, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Roughly the z of the face's front at `(x, y)`."""
    return SKULL_DEPTH * np.sqrt(np.maximum(1 - (x / face.width) ** 2 - y**2, 0.05))
