"""The skull every face is built on, and where its features sit.

Head space: x to the viewer's right, y up, z to the viewer; the crown is at y = 1, the chin at y = -1.
"""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F
from .attributes import Face, Pose
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
    towards_jaw, height = _jaw(y), _height(face, y)
    across = x / (face.width * (1 - face.jaw_taper * towards_jaw))
    deep = (z - 0.10 * towards_jaw) / (SKULL_DEPTH * (1 - 0.16 * towards_jaw))
    return (np.sqrt(across * across + height + deep * deep) - 1) * F(0.76)


def front_of_skull(face: Face, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The z of the bare head's front at `(x, y)`; beyond its outline, the outline's."""
    towards_jaw, height = _jaw(y), _height(face, y)
    across = x / (face.width * (1 - face.jaw_taper * towards_jaw))
    ahead = np.sqrt(np.maximum(1 - across * across - height, 0))
    return 0.10 * towards_jaw + SKULL_DEPTH * (1 - 0.16 * towards_jaw) * ahead


def _jaw(y: np.ndarray) -> np.ndarray:
    """How much of the jaw's taper there is at a height: 0 above the ears, 1 at the chin."""
    share = np.clip((0.12 - y) * F(1 / 1.1), 0, 1)
    return share * share * (3 - 2 * share)


def _height(face: Face, y: np.ndarray) -> np.ndarray:
    """The vertical term of the superellipsoid."""
    height = y * y
    return height * (1 + np.where(y > 0, F(0.55 * face.squareness), F(face.squareness)) * (height - 1))
