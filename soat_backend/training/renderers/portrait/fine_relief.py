"""Small forms of the face for fine canvases: lids, wings of the nose, philtrum, wrinkles, dimples, as slopes."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..spectral_noise import F, smoothstep
from .anatomy import BROW_Y, EYE_X, EYE_Y, MOUTH_Y, NOSE_TIP_Y
from .mouth import mouth_curves
from .person import Person
from .relief import MAP_REACH
from .textures import sample, textures

SIDE = 256
# Channels of the map.
HEIGHT, SLOPE_X, SLOPE_Y = range(3)


@lru_cache(maxsize=1)
def _grid() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    line = ((np.arange(SIDE, dtype=F) / F(SIDE)) * 2 - 1) * F(MAP_REACH)
    return line[None], np.abs(line)[None], line[:, None]


def fine_position(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Texel coordinates (across, down) of head coordinates in the map."""
    scale = F(0.5 * SIDE / MAP_REACH)
    return (x + F(MAP_REACH)) * scale, (y + F(MAP_REACH)) * scale


def fine_relief(person: Person) -> np.ndarray:
    """`[SIDE, SIDE, 3]`: heights in head units over the coarse relief, and their slopes along x and y."""
    height = _nose(person) + _mouth(person) + _eyes(person) + _age(person)
    height = np.broadcast_to(height, (SIDE, SIDE)).astype(F)
    step = 2 * MAP_REACH / SIDE
    slope_y, slope_x = np.gradient(height, step)
    return np.stack([height, slope_x, slope_y], -1).astype(F)


def _ridge(away: np.ndarray, width: float) -> np.ndarray:
    return np.exp(-((away * F(1 / width)) ** 2))


def _nose(person: Person) -> np.ndarray:
    """Grooves behind the wings, the rims of the nostrils, and the two planes beside the tip."""
    _, across, y = _grid()
    nose, tip = person.nose, NOSE_TIP_Y + person.nose.tip
    wing_x, wing_y = across - nose.width * 0.95, y - (tip - 0.035)
    around = np.sqrt((wing_x / 0.072) ** 2 + (wing_y / 0.062) ** 2)
    outer = smoothstep(-0.02, 0.03, wing_x + 0.35 * wing_y + 0.01)
    groove = -0.007 * _ridge(around - 1.05, 0.20) * outer
    wing = 0.009 * smoothstep(1.0, 0.35, around)
    tip_planes = 0.004 * (_ridge(across - 0.026, 0.022) - 0.8 * _ridge(across, 0.016)) * _ridge(y - tip + 0.012, 0.035)
    hole = np.sqrt(((across - nose.width * 0.55) / 0.040) ** 2 + ((y - tip + 0.086) / 0.020) ** 2)
    nostril = -0.006 * smoothstep(1.3, 0.2, hole)
    return groove + wing + tip_planes + nostril


def _mouth(person: Person) -> np.ndarray:
    """The philtrum, rounder lips with a border, dimples at the corners, the hollow over the chin."""
    x, across, y = _grid()
    mouth, curves = person.mouth, mouth_curves(person.mouth, x)
    tip = NOSE_TIP_Y + person.nose.tip
    between = smoothstep(tip - 0.09, tip - 0.13, y)
    between = between * smoothstep(-0.005, 0.02, y - curves.top)
    philtrum = (0.005 * _ridge(across - 0.040, 0.020) - 0.004 * _ridge(across, 0.024)) * between
    within = smoothstep(1.0, 0.75, curves.across)
    border = 0.0045 * (_ridge(y - curves.top - 0.006, 0.011) + 0.6 * _ridge(y - curves.bottom + 0.004, 0.010)) * within
    upper = (y - curves.upper) / np.maximum(curves.top - curves.upper, 0.012)
    lower = (curves.lower - y) / np.maximum(curves.lower - curves.bottom, 0.012)
    rounded = 0.017 * np.clip(1 - (2 * upper - 0.9) ** 2, 0, 1) * (y > curves.upper)
    rounded = rounded + 0.024 * np.clip(1 - (2 * lower - 0.9) ** 2, 0, 1) * (y < curves.lower)
    # The lower lip is two soft cushions, the upper one has a bead in its middle.
    rounded = rounded * within * (1 - 0.10 * _ridge(across, 0.03) * (y < curves.lower))
    corner = mouth.width * (1 + 0.10 * max(mouth.smile, 0) - 0.10 * mouth.opening)
    corner_y = MOUTH_Y + 0.150 * mouth.smile * 0.65
    dimple = (
        -0.009
        * (0.5 + 0.7 * max(mouth.smile, 0))
        * _ridge(np.hypot(across - corner - 0.022, (y - corner_y) * 0.8), 0.032)
    )
    hollow = -0.010 * _ridge(y - MOUTH_Y + 0.165, 0.035) * _ridge(across, 0.12)
    return philtrum + border + rounded + dimple + hollow


def _eyes(person: Person) -> np.ndarray:
    """The upper lid's plate and fold, the lower lid's rim and the bag under it."""
    _, across, y = _grid()
    eyes, face = person.eyes, person.face
    from_centre = across - EYE_X * face.eye_spacing
    along = from_centre / eyes.width
    height = y - EYE_Y - eyes.tilt * from_centre
    arch = np.maximum(1 - along * along, -0.2)
    upper, lower = eyes.height * eyes.opening * arch, -0.72 * eyes.height * arch
    near = smoothstep(1.25, 0.8, np.abs(along))
    crease = upper * 1.10 + 0.045
    lid = 0.008 * _ridge(height - (upper + crease) * 0.5, 0.020) - 0.007 * _ridge(height - crease - 0.003, 0.013)
    fold = 0.006 * _ridge(height - crease - 0.028, 0.024)
    rim = 0.007 * _ridge(height - lower + 0.016, 0.012)
    bag = -(0.003 + 0.006 * face.age) * _ridge(height - lower + 0.075 + 0.02 * along * along, 0.018)
    return (lid + fold + rim + bag) * near


def _age(person: Person) -> np.ndarray:
    """Lines on the forehead, crow's feet, between the brows, and from the nose to the mouth."""
    x, across, y = _grid()
    age, face, mouth = person.face.age, person.face, person.mouth
    wander = sample(textures().soft, x * 55 + F(person.grain) + 0 * y, y * 4 + 0 * x)
    rows = np.sin((y - 0.05 * across * across + 0.010 * wander) * 72 + person.grain)
    lines = np.clip(rows - 0.35, 0, 1) ** 2
    forehead = smoothstep(0.27, 0.36, y) * smoothstep(0.66, 0.52, y) * smoothstep(0.45, 0.2, across)
    raised = max(person.brows.height, 0) * 0.2
    height = -0.010 * (max(age - 0.2, 0) * 1.3 + raised * age) * lines * forehead
    outer = across - EYE_X * face.eye_spacing - person.eyes.width * 1.08
    fan = np.sin(np.arctan2(y - EYE_Y - 0.01, np.maximum(outer + 0.06, 0.02)) * 11)
    feet = np.clip(fan - 0.2, 0, 1) * smoothstep(0.0, 0.03, outer) * smoothstep(0.15, 0.07, outer)
    squint = max(age - 0.15, 0) * (0.6 + 0.6 * max(mouth.smile, 0))
    height = height - 0.012 * squint * feet * smoothstep(0.16, 0.08, np.abs(y - EYE_Y))
    frown = _ridge(across - 0.055 + 0.10 * (y - BROW_Y), 0.013) * _ridge(y - BROW_Y + 0.01, 0.07)
    height = height - 0.010 * (0.8 * max(age - 0.25, 0) + 0.5 * max(person.brows.anger, 0)) * frown
    tip = NOSE_TIP_Y + person.nose.tip
    away = across - (person.nose.width + 0.055 + 0.42 * (tip - 0.02 - y))
    along = smoothstep(tip - 0.36, tip - 0.22, y) * smoothstep(tip + 0.03, tip - 0.03, y)
    deep = 0.0025 + 0.0075 * age + 0.004 * max(mouth.smile, 0)
    fold = (0.45 * _ridge(away - 0.045, 0.045) - _ridge(away, 0.024)) * along
    return height + deep * fold
