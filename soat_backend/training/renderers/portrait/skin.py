"""Skin: complexion, nostrils, and the shade and tint under hair."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F, smoothstep
from .anatomy import NOSE_TIP_Y
from .attributes import Nose
from .brushes import Canvas, blend, bump, filled, linear
from .lighting import Lamps
from .paint import Paint
from .person import Person
from .textures import sample, textures
from .tracing import Hit, Surface

_FLUSH = linear((255, 158, 146))


def bare_skin(person: Person, hit: Hit) -> Paint:
    """Skin with slight mottling, flushed cheeks and nose, and freckles; shinier along the middle of the face."""
    x, y, z = hit.point
    skin, colour, from_middle = person.skin, linear(person.skin.colour), np.abs(x)
    albedo = filled(x.shape, colour)
    albedo *= (1 + 0.02 * sample(textures().soft, x * 70 + person.grain, y * 70))[..., None]
    flush = bump(from_middle, 0.43, 0.2) * bump(y, -0.36, 0.17) * skin.blush
    flush += bump(x, 0, 0.12) * bump(y, NOSE_TIP_Y + person.nose.tip, 0.11) * (0.3 * skin.blush)
    blend(albedo, colour * _FLUSH, np.minimum(flush, 1) * F(0.75))
    if skin.freckles > 0 and not hit.rays.canvas.fine:
        spots = smoothstep(1.1, 2.0, sample(textures().fine, x * 100 + person.grain * 3, y * 100))
        zone = bump(from_middle, 0.2, 0.3) * bump(y, -0.28, 0.2)
        albedo *= 1 - (spots * zone * (0.5 * skin.freckles))[..., None] * np.array([0.5, 0.8, 1], F)
    gloss = 0.035 * skin.shine * (1 + bump(x, 0, 0.1) * (y < 0.1) + np.clip(z * 4, 0, 1))
    return Paint(x, y, z, albedo, np.ones_like(x), gloss, np.zeros_like(x))


def paint_nostrils(canvas: Canvas, nose: Nose, paint: Paint) -> None:
    """Paint the nostrils, two dark ovals under the tip; up close they slant, and have an edge above."""
    if canvas.fine:
        _paint_fine_nostrils(nose, paint)
        return
    across = (np.abs(paint.x) - nose.width * 0.55) * F(1 / 0.045)
    down = (paint.y - (NOSE_TIP_Y + nose.tip - 0.088)) * F(1 / 0.024)
    front = np.clip(paint.z * 4, 0, 1)
    paint.albedo *= 1 - (smoothstep(1.5, 0.4, np.sqrt(across**2 + down**2)) * front * 0.55)[..., None]


def _paint_fine_nostrils(nose: Nose, paint: Paint) -> None:
    across = np.abs(paint.x) - F(nose.width * 0.58)
    down = paint.y - F(NOSE_TIP_Y + nose.tip - 0.085) + 0.30 * across
    away = np.sqrt((across * F(1 / 0.040)) ** 2 + (down * F(1 / 0.0185)) ** 2)
    front = np.clip(paint.z * 4, 0, 1)
    deep, soft = smoothstep(1.15, 0.65, away) * front, smoothstep(2.1, 0.7, away) * front
    under = bump(paint.x, 0, nose.width + 0.03) * bump(paint.y, NOSE_TIP_Y + nose.tip - 0.115, 0.030) * front
    behind = np.sqrt((across - nose.width * 0.42 - 0.026) ** 2 + (down * 0.45 - 0.012) ** 2)
    wing = np.exp(-((behind * F(1 / 0.016)) ** 2)) * front
    for channel, most in enumerate((0.50, 0.66, 0.66)):
        shade = deep * most + soft * F(0.12) + under * F(0.05) + wing * F(0.06)
        paint.albedo[..., channel] *= 1 - np.minimum(shade, F(0.92))
    paint.gloss *= 1 - soft


def paint_under_hair(person: Person, lamps: Lamps, covered: Surface, paint: Paint) -> np.ndarray:
    """Tint the scalp, and shade the skin that hair or a hat hangs over.

    Returns:
        What share of the key light passes them, `[rows, columns]`.
    """
    x, y, z = paint.x, paint.y, paint.z
    here = covered(x, y, z)
    if person.hair.cut != "bald":
        scalp = linear(person.hair.colour) * 0.6 + linear(person.skin.colour) * 0.1
        blend(paint.albedo, scalp, smoothstep(-0.02, 0.06, here) * F(0.85))
    paint.occlusion *= (1 - 0.18 * smoothstep(-0.18, 0.03, here)) * (0.6 + 0.4 * smoothstep(-1.08, -0.75, y))
    to_x, to_y, _ = lamps.key_direction
    above = covered(x + F(to_x * 0.07), y + F(0.02 + to_y * 0.07), z + F(0.05))
    return 1 - 0.32 * smoothstep(-0.06, 0.04, above)
