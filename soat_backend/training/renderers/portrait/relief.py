"""What stands out of the skull or lies in it: sockets, nose, lips, cheeks, folds, beard."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..spectral_noise import F, smoothstep
from .anatomy import BROW_Y, EYE_X, EYE_Y, MOUTH_Y, NOSE_TIP_Y
from .attributes import Nose
from .beard import THICKNESS, beard_cover
from .lighting import Lamps
from .mouth import mouth_curves
from .person import Person

MAP_SIDE = 128
# The maps reach from -MAP_REACH to MAP_REACH along x and y of the head.
MAP_REACH = 1.4
_LINE = ((np.arange(MAP_SIDE, dtype=F) / F(MAP_SIDE)) * 2 - 1) * F(MAP_REACH)
_X, _FROM_MIDDLE, _Y = _LINE[None], np.abs(_LINE)[None], _LINE[:, None]


@dataclass
class Relief:
    """Maps `[MAP_SIDE, MAP_SIDE]` over the head's x (columns) and y (rows, upwards).

    Attributes:
        height: How far the skin stands off the skull.
        shadow: What share of the key light its own heights let through.
        cavity: How much deeper than its surroundings a point lies.
    """

    height: np.ndarray
    shadow: np.ndarray
    cavity: np.ndarray


def map_position(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Texel coordinates (across, down) of head coordinates in the maps."""
    scale = F(0.5 * MAP_SIDE / MAP_REACH)
    return (x + F(MAP_REACH)) * scale, (y + F(MAP_REACH)) * scale


def make_relief(person: Person, lamps: Lamps) -> Relief:
    """Make the maps of a person's face in a light."""
    height = (_features(person) + _nose(person.nose) + _mouth(person) + _folds(person)).astype(F)
    cover = beard_cover(person.beard, person.mouth, _X, _Y)
    if cover is not None:
        height += (THICKNESS[person.beard.style] * cover).astype(F)
    return Relief(height, _cast_shadow(height, lamps.key_direction), _cavity(height))


def _hill(x: float, y: float, width: float, height: float, amount: float) -> np.ndarray:
    """A Gaussian hill on both sides of the face."""
    across = amount * np.exp(-(((_FROM_MIDDLE - x) * F(1 / width)) ** 2))
    return across * np.exp(-(((_Y - y) * F(1 / height)) ** 2))


def _features(person: Person) -> np.ndarray:
    """Sockets and eyeballs, brow ridge, cheeks, temples, forehead, chin."""
    face, eye_x = person.face, EYE_X * person.face.eye_spacing
    return (
        _hill(eye_x, EYE_Y + 0.03, 0.18, 0.13, -0.07)
        + _hill(eye_x, EYE_Y, 0.15, 0.13, 0.055)
        + _hill(0.27, BROW_Y + 0.02, 0.24, 0.08, face.brow_ridge)
        + _hill(0.41, -0.34, 0.18, 0.16, face.cheek + 0.014)
        + _hill(0.62, 0.16, 0.14, 0.22, -0.02)
        + _hill(0, 0.50, 0.40, 0.25, 0.03)
        + _hill(0, -0.91, 0.17, 0.11, face.chin)
    )


def _nose(nose: Nose) -> np.ndarray:
    """A bridge rising to the tip, the ball of the tip, the wings, and a sharp underside."""
    tip = NOSE_TIP_Y + nose.tip
    rise = smoothstep(EYE_Y + 0.22, tip + 0.02, _Y)
    ridge = nose.bridge * (0.16 + 0.62 * rise) + nose.hump * np.exp(-(((_Y - tip - 0.18) * F(1 / 0.1)) ** 2))
    width = 0.06 + 0.25 * (nose.width - 0.1) + 0.05 * rise
    underside = smoothstep(tip - 0.16, tip + 0.01, _Y) * smoothstep(EYE_Y + 0.26, EYE_Y, _Y)
    height = ridge * np.exp(-((_FROM_MIDDLE / width) ** 2)) * underside
    height = height + _hill(0, tip, nose.width * 0.95, 0.085, nose.bridge * 0.42) * smoothstep(tip - 0.17, tip, _Y)
    return height + _hill(nose.width * 0.95, tip - 0.035, 0.058, 0.055, nose.bridge * 0.30)


def _mouth(person: Person) -> np.ndarray:
    """Slightly raised lips: most of a mouth is drawn, since strong relief smears it in slanting light."""
    mouth, curves = person.mouth, mouth_curves(person.mouth, _FROM_MIDDLE)
    within = smoothstep(1.0, 0.7, curves.across)
    upper_middle, lower_middle = (curves.top + curves.upper) * 0.5, (curves.bottom + curves.lower) * 0.5
    upper = 0.022 * np.exp(-(((_Y - upper_middle) / F(mouth.upper_lip * 0.6 + 0.015)) ** 2))
    lower = 0.030 * np.exp(-(((_Y - lower_middle) / F(mouth.lower_lip * 0.6 + 0.015)) ** 2))
    return _hill(0, MOUTH_Y + 0.02, 0.30, 0.17, 0.045) + (upper + lower) * within


def _folds(person: Person) -> np.ndarray:
    """The folds from the nose to the corners of the mouth, and under the eyes, deeper with age."""
    face, nose, tip = person.face, person.nose, NOSE_TIP_Y + person.nose.tip
    away = (_FROM_MIDDLE - (nose.width + 0.06 + 0.38 * (tip - _Y))) * F(1 / 0.03)
    between = smoothstep(tip - 0.26, tip - 0.12, _Y) * smoothstep(tip + 0.02, tip - 0.04, _Y)
    depth = 0.012 * face.age + 0.004 * max(person.mouth.smile, 0)
    below_eyes = _hill(EYE_X * face.eye_spacing, EYE_Y - 0.19, 0.13, 0.045, 0.012 * face.age)
    return -depth * np.exp(-away * away) * between - below_eyes


def _cast_shadow(height: np.ndarray, towards_light: np.ndarray) -> np.ndarray:
    """Step towards the light and see what stands in its way."""
    x, y, z = towards_light
    sideways = np.hypot(x, y)
    slope = z / max(sideways, 0.15)
    blocked = np.zeros_like(height)
    for step in (2, 4, 6, 9):
        texels = step / max(sideways, 0.05)
        towards = np.roll(height, (-round(float(y * texels)), -round(float(x * texels))), (0, 1))
        blocked = np.maximum(blocked, (towards - height) - F(0.55 * slope * step * 2 * MAP_REACH / MAP_SIDE))
    return 1 - F(0.55) * smoothstep(0, 0.10, blocked)


def _cavity(height: np.ndarray) -> np.ndarray:
    around = height
    for step in (2, 4, 4):
        rows = np.roll(around, step, 0) + np.roll(around, -step, 0)
        columns = np.roll(around, step, 1) + np.roll(around, -step, 1)
        around = (around + rows + columns) * F(0.2)
    return np.clip((around - height) * 4, F(-0.25), F(0.5))
