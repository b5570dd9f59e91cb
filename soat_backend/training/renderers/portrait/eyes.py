"""Eyes and brows, drawn on the head's coordinates; both sides at once, over |x|."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..spectral_noise import F, smoothstep
from .anatomy import BROW_Y, EYE_X, EYE_Y
from .attributes import Brows, Eyes
from .brushes import Canvas, blend, filled, linear
from .fine_eyes import fine_catch_lights, fine_eyeball, paint_wet_rims, shade_lids
from .lighting import Lamps
from .paint import Paint
from .person import Person
from .textures import sample, textures

_WHITE, _CORNER = linear((250, 248, 246)), linear((222, 160, 150))
_IRIS_RADIUS = 0.122


@dataclass
class _EyeShape:
    """Coordinates about each eye: `across` is -1..1 from the inner to the outer corner, heights in head units."""

    side: np.ndarray
    x: np.ndarray
    y: np.ndarray
    across: np.ndarray
    upper: np.ndarray
    lower: np.ndarray
    inside: np.ndarray


def paint_eyes(canvas: Canvas, person: Person, lamps: Lamps, paint: Paint) -> None:
    """Paint both eyes with their lids, lashes and catch lights."""
    eyes = person.eyes
    shape = _eye_shape(canvas, eyes, EYE_X * person.face.eye_spacing, paint)
    _paint_lids(canvas, eyes, shape, paint.albedo)
    eyeball, from_iris_x, from_iris_y = _eyeball(canvas, eyes, shape)
    blend(paint.albedo, eyeball, shape.inside)
    shade = smoothstep(0.05, -0.005, shape.upper - shape.y)
    paint.occlusion *= 1 - shape.inside * (0.35 * shade - 0.06)
    paint.gloss *= 1 - shape.inside
    if canvas.fine:
        paint.gloss += 0.10 * paint_wet_rims(eyes, shape.across, shape.y, shape.lower, paint.albedo)
    _paint_lashes(canvas, eyes, shape, linear(person.skin.colour), paint.albedo)
    catch_light = _catch_lights(canvas, eyes, lamps, shape.side * from_iris_x, from_iris_y)
    paint.catch_light += shape.inside * catch_light


def _eye_shape(canvas: Canvas, eyes: Eyes, centre: float, paint: Paint) -> _EyeShape:
    side = np.where(paint.x < 0, F(-1), F(1))
    from_centre = np.abs(paint.x) - centre
    across = from_centre * F(1 / eyes.width)
    height = paint.y - EYE_Y - eyes.tilt * from_centre
    squared = np.minimum(across * across, F(1.2))
    upper = eyes.height * eyes.opening * (1 - squared) * (1 + eyes.roundness * squared) * (1 - 0.12 * across)
    lower = -0.72 * eyes.height * (1 - squared) * (1 + 0.55 * squared)
    inside = canvas.edge(np.minimum(upper - height, height - lower)) * (squared < 1)
    return _EyeShape(side, from_centre, height, across, upper, lower, inside)


def _paint_lids(canvas: Canvas, eyes: Eyes, shape: _EyeShape, albedo: np.ndarray) -> None:
    """Eyeshadow, the crease of the upper lid and a soft shade under the eye."""
    crease = shape.upper * 1.10 + 0.045
    near = smoothstep(1.3, 0.85, np.abs(shape.across))
    lid = smoothstep(0.02, -0.01, shape.y - crease) * smoothstep(-0.02, 0.0, shape.y - shape.upper) * near
    blend(albedo, linear(eyes.eyeshadow), lid * F(eyes.makeup * 0.7))
    if canvas.fine:
        shade_lids(shape.across, shape.y, shape.upper, crease, albedo)
        return
    fold = np.exp(-(((shape.y - crease) * F(1 / 0.018)) ** 2)) * near * smoothstep(-1.2, -0.5, shape.across)
    albedo *= 1 - (0.26 * fold)[..., None]
    under = np.exp(-(((shape.y - shape.lower + 0.035) * F(1 / 0.03)) ** 2)) * near
    albedo *= 1 - (0.13 * under)[..., None] * np.array([0.5, 0.9, 0.8], F)


def _eyeball(canvas: Canvas, eyes: Eyes, shape: _EyeShape) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """White, iris and pupil `[rows, columns, 3]`, and coordinates from the iris's centre."""
    x = shape.x - shape.side * F(eyes.gaze_x * 0.05)
    y = shape.y - F(0.004 + 0.03 * eyes.gaze_y)
    radius = _IRIS_RADIUS * eyes.iris_size
    if canvas.fine:
        return fine_eyeball(canvas, eyes, shape.across, shape.y, shape.side, x, y, radius), x, y
    distance = np.sqrt(x * x + y * y)
    eyeball = filled(x.shape, _WHITE)
    eyeball *= (1 - 0.16 * shape.across**2)[..., None]
    blend(eyeball, _CORNER, smoothstep(-0.75, -1.0, shape.across) * F(0.6))
    outwards = np.clip(distance * F(1 / radius), 0, 1)
    # Light falls in from above and shines through at the opposite side of the iris.
    lit = 0.80 + 0.85 * smoothstep(0.3, -1.0, y * F(1 / radius)) * smoothstep(0.2, 0.6, outwards)
    iris = linear(eyes.iris) * (lit * 1.08)[..., None]
    iris *= (1 - 0.70 * smoothstep(0.74, 1.0, outwards))[..., None]
    iris *= smoothstep(radius * 0.38, radius * 0.52, distance)[..., None] * F(0.97) + F(0.03)
    blend(eyeball, iris, canvas.edge(radius - distance))
    return eyeball, x, y


def _catch_lights(canvas: Canvas, eyes: Eyes, lamps: Lamps, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A bright one towards the key light and a faint one across, the same in both eyes."""
    radius = _IRIS_RADIUS * eyes.iris_size
    if canvas.fine:
        return fine_catch_lights(canvas, lamps, x, y, radius)
    key_x, key_y, _ = lamps.key_direction
    light = np.zeros_like(x)
    for at_x, at_y, size, strength in (
        (key_x * 0.55, 0.16 + key_y * 0.4, 0.27, 0.95),
        (-key_x * 0.5, -0.42, 0.15, 0.22),
    ):
        distance = np.sqrt((x - F(at_x * radius)) ** 2 + (y - F(at_y * radius)) ** 2)
        light += canvas.edge(size * radius - distance, 1.2) * F(strength)
    return light


def _paint_lashes(canvas: Canvas, eyes: Eyes, shape: _EyeShape, skin: np.ndarray, albedo: np.ndarray) -> None:
    """The dark line of the upper lid, thicker outwards, ending in a short wing; a faint one below."""
    outwards = np.clip(shape.across + 0.45, 0, 1.6)
    squared = np.minimum(shape.across**2, F(1.2))
    thickness = (0.020 + 0.012 * eyes.lashes + 0.014 * eyes.lashes * outwards) * (1.3 - squared)
    above = np.minimum(shape.y - shape.upper + 0.012, shape.upper + thickness - shape.y)
    line = canvas.edge(above) * smoothstep(1.14, 0.98, np.abs(shape.across))
    wing_y = shape.y - eyes.width * 0.5 * (shape.across - 0.86) - 0.012
    beyond = (shape.across > 0.86) & (shape.across < 1.3)
    wing = canvas.edge(0.045 * (1.28 - shape.across) - np.abs(wing_y)) * beyond * F(min(eyes.lashes, 1.0))
    near = smoothstep(1.05, 0.85, np.abs(shape.across))
    # Fine canvases have lashes and a wet rim there.
    below = 0 if canvas.fine else np.exp(-(((shape.y - shape.lower + 0.004) * F(1 / 0.012)) ** 2)) * near
    dark = np.clip(np.maximum(np.maximum(line, wing), below * 0.42), 0, 1)
    blend(albedo, skin * F(0.06) + F(0.003), dark * F(0.93))


def paint_brows(canvas: Canvas, brows: Brows, paint: Paint) -> None:
    """Paint both brows; on a fine canvas only the shade under their hairs."""
    side, from_middle, y = np.where(paint.x < 0, F(-1), F(1)), np.abs(paint.x), paint.y
    along = (from_middle - 0.12) * F(1 / 0.41)
    arch = 0.05 * brows.arch * (1 - (2 * along - 1.2) ** 2)
    height = BROW_Y + brows.height * 0.04 + side * F(brows.uneven * 0.025) + arch - 0.12 * brows.anger * (0.55 - along)
    thickness = brows.thickness * smoothstep(-0.10, 0.12, along) * (1.05 - 0.65 * np.clip(along, 0, 1))
    ragged = sample(textures().strands, (from_middle * 2 + y) * 120, y * 30) * F(0.003)
    away = np.abs(y - height + ragged) / (thickness + F(1e-4))
    brow = smoothstep(1.25, 0.6, away) * (along > -0.10) * smoothstep(1.04, 0.85, along)
    blend(paint.albedo, linear(brows.colour), brow * F(0.42 if canvas.fine else 0.88))
    paint.gloss *= 1 - brow
