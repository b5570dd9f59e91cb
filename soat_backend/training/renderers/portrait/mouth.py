"""Lips, teeth and the line between them, drawn on the head's coordinates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..spectral_noise import F, smoothstep
from .anatomy import MOUTH_Y
from .attributes import Mouth
from .brushes import Canvas, blend, bump, filled, linear
from .paint import Paint

_INSIDE, _TONGUE, _TEETH = linear((92, 30, 34)), linear((206, 100, 100)), linear((250, 246, 240))


@dataclass
class Curves:
    """Heights over x of the mouth's outlines, from the top, and the distance from the middle (1 at the corners)."""

    top: np.ndarray
    upper: np.ndarray
    lower: np.ndarray
    bottom: np.ndarray
    across: np.ndarray


def mouth_curves(mouth: Mouth, x: np.ndarray) -> Curves:
    """The outlines: the upper lip is between `top` and `upper`, the lower between `lower` and `bottom`."""
    width = mouth.width * (1 + 0.10 * max(mouth.smile, 0) - 0.10 * mouth.opening)
    across = np.abs(x) * F(1 / width)
    arch = np.maximum(1 - across * across, 0)
    # The corners go up by the smile; the middle stays nearly where it is.
    line = MOUTH_Y + 0.150 * mouth.smile * (np.minimum(across * across, 1.5) - 0.35)
    gap = 0.185 * mouth.opening * arch
    upper, lower = line + gap * 0.18, line - gap * 0.82
    bow = 1 - 0.26 * bump(x, 0, 0.05)
    full = arch**0.6
    return Curves(upper + mouth.upper_lip * full * bow, upper, lower, lower - mouth.lower_lip * full, across)


def paint_mouth(canvas: Canvas, mouth: Mouth, paint: Paint) -> None:
    """Paint lips, teeth and the line between the lips."""
    curves, y, albedo = mouth_curves(mouth, paint.x), paint.y, paint.albedo
    within = smoothstep(1.04, 0.96, curves.across)
    lips = canvas.edge(np.minimum(curves.top - y, y - curves.bottom), 1.3) * within
    upper_lip = smoothstep(-0.015, 0.015, y - (curves.upper + curves.lower) * 0.5)
    blend(albedo, linear(mouth.colour) * (1 - 0.20 * upper_lip)[..., None], lips * F(0.92))
    middle = curves.lower * F(0.55) + curves.bottom * F(0.45)
    shine = np.exp(-(((y - middle) * F(1 / 0.028)) ** 2)) * smoothstep(0.8, 0.2, curves.across)
    paint.gloss += lips * shine * F(mouth.gloss)
    # The hollow under the lower lip makes it stand out.
    albedo *= 1 - (0.14 * bump(y - curves.bottom, -0.045, 0.035) * smoothstep(0.75, 0.2, curves.across))[..., None]
    if mouth.opening > 0.04:
        _paint_inside(canvas, mouth, curves, within, paint)
    line = np.minimum(np.abs(y - curves.upper), np.abs(y - curves.lower))
    dark = np.exp(-((line * F(1 / 0.017)) ** 2)) * smoothstep(1.10, 0.92, curves.across)
    closed = 0.72 if mouth.opening <= 0.04 else 0.35
    albedo *= 1 - dark[..., None] * F(closed) * np.array([0.85, 1, 1], F)


def _paint_inside(canvas: Canvas, mouth: Mouth, curves: Curves, within: np.ndarray, paint: Paint) -> None:
    y = paint.y
    hole = canvas.edge(np.minimum(curves.upper - y, y - curves.lower)) * within
    inside = filled(y.shape, _INSIDE)
    blend(inside, _TONGUE, smoothstep(0.075, 0.0, y - curves.lower) * smoothstep(0.85, 0.3, curves.across))
    if mouth.teeth:
        gap = curves.upper - curves.lower
        teeth = canvas.edge(y - curves.upper + np.minimum(0.085, gap * 0.75)) * smoothstep(1.0, 0.85, curves.across)
        blend(inside, _TEETH * (1 - 0.25 * curves.across**2)[..., None], teeth)
    blend(paint.albedo, inside, hole)
    paint.occlusion *= 1 - hole * 0.12
    paint.gloss *= 1 - hole
