"""Mouths on fine canvases: creases across the lips, a soft border, one tooth beside the other."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ..spectral_noise import F, smoothstep
from .attributes import Mouth
from .brushes import Canvas, blend, bump, filled, linear
from .hair_textures import GAP, TONE, sample_channels, strand_texture
from .mouth import Curves, mouth_curves
from .paint import Paint

_THROAT, _TONGUE, _TEETH, _GUM = (
    linear(colour) for colour in ((58, 16, 20), (196, 92, 92), (246, 240, 230), (206, 112, 108))
)
# Where teeth meet, as shares of half the mouth's width.
_GAPS = (0.0, 0.235, 0.42, 0.60, 0.76, 0.90)


def paint_fine_mouth(canvas: Canvas, mouth: Mouth, paint: Paint) -> None:
    """Paint lips, teeth and the line between the lips."""
    curves, x, y, albedo = mouth_curves(mouth, paint.x), paint.x, paint.y, paint.albedo
    within = smoothstep(1.05, 0.93, curves.across)
    on_upper = smoothstep(-0.012, 0.012, y - (curves.upper + curves.lower) * 0.5)
    inside = np.minimum(curves.top - y, y - curves.bottom)
    lips = smoothstep(-0.007, 0.012, inside) * within
    creases = sample_channels(strand_texture(), x * 330 + 40 * (y - curves.lower) * x, y * 46 + 11)
    colour = linear(mouth.colour) * (1 - 0.24 * on_upper)[..., None]
    colour = colour * np.clip(1 + 0.045 * creases[TONE] - 0.14 * creases[GAP], 0.5, 1.3)[..., None]
    # Paler and pinker where the lips are fullest, darker to the border.
    full = np.exp(-(((y - curves.lower * 0.5 - curves.bottom * 0.5) * F(1 / 0.035)) ** 2)) * (1 - on_upper)
    colour *= (1 + 0.12 * full - 0.16 * smoothstep(0.018, 0.0, inside))[..., None]
    blend(albedo, colour, lips * F(0.90))
    glow = smoothstep(0.004, -0.006, inside) * smoothstep(-0.028, -0.010, inside) * within
    albedo *= (1 + 0.03 * glow * (y > curves.upper))[..., None]
    _gloss(mouth, curves, paint, lips, creases[TONE])
    albedo *= 1 - (0.12 * bump(y - curves.bottom, -0.045, 0.035) * smoothstep(0.75, 0.2, curves.across))[..., None]
    if mouth.opening > 0.04:
        _paint_inside(canvas, mouth, curves, within, paint)
    _line(mouth, curves, paint)


def _gloss(mouth: Mouth, curves: Curves, paint: Paint, lips: np.ndarray, tone: np.ndarray) -> None:
    y, across = paint.y, curves.across
    lower_middle = curves.lower * F(0.60) + curves.bottom * F(0.40)
    lower = np.exp(-(((y - lower_middle) * F(1 / 0.016)) ** 2)) * smoothstep(0.75, 0.25, across)
    lower *= 1 - 0.35 * np.exp(-((across * F(1 / 0.08)) ** 2))
    upper_middle = curves.upper * F(0.45) + curves.top * F(0.55)
    upper = np.exp(-(((y - upper_middle) * F(1 / 0.010)) ** 2)) * smoothstep(0.55, 0.15, across) * 0.35
    paint.gloss += lips * (lower + upper) * F(0.04 + 1.2 * mouth.gloss) * np.clip(1 + 0.25 * tone, 0.2, 1.8)


def _line(mouth: Mouth, curves: Curves, paint: Paint) -> None:
    """A thin dark line with a soft shade about it, which runs out into the corners."""
    y = paint.y
    away = np.minimum(np.abs(y - curves.upper), np.abs(y - curves.lower))
    ends = smoothstep(1.12, 0.95, curves.across)
    closed = mouth.opening <= 0.04
    thin = np.exp(-((away * F(1 / 0.0075)) ** 2)) * ends * F(0.78 if closed else 0.35)
    soft = np.exp(-((away * F(1 / 0.024)) ** 2)) * ends * F(0.30 if closed else 0.16)
    corner = np.exp(-(((curves.across - 1.0) * F(1 / 0.06)) ** 2)) * np.exp(-((away * F(1 / 0.02)) ** 2)) * F(0.45)
    dark = 1 - (1 - thin) * (1 - soft) * (1 - corner)
    paint.albedo *= 1 - dark[..., None] * np.array([0.80, 0.97, 0.98], F)


def _paint_inside(canvas: Canvas, mouth: Mouth, curves: Curves, within: np.ndarray, paint: Paint) -> None:
    x, y, across = paint.x, paint.y, curves.across
    hole = canvas.edge(np.minimum(curves.upper - y, y - curves.lower)) * within
    gap = curves.upper - curves.lower
    inside = filled(y.shape, _THROAT)
    above_lower = y - curves.lower
    tongue = smoothstep(0.078, 0.030, above_lower) * smoothstep(0.80, 0.4, across)
    furrow = 1 - 0.25 * np.exp(-((x * F(1 / 0.014)) ** 2))
    blend(inside, _TONGUE, tongue * furrow)
    if mouth.teeth:
        _paint_teeth(canvas, curves, gap, paint, inside)
    blend(paint.albedo, inside, hole)
    # The upper lip shades what is behind it.
    shade = 0.30 * smoothstep(0.045, 0.0, curves.upper - y) + 0.5 * smoothstep(0.55, 1.0, across)
    paint.occlusion *= 1 - hole * np.clip(shade + 0.08, 0, 0.8)
    paint.gloss *= 1 - hole
    paint.gloss += hole * 0.03


def _paint_teeth(canvas: Canvas, curves: Curves, gap: np.ndarray, paint: Paint, inside: np.ndarray) -> None:
    y, across = paint.y, curves.across
    depth = np.minimum(0.088, gap * 0.78)
    from_top = curves.upper - y
    between, longest = np.full_like(across, 9), np.ones_like(across)
    for number, (left, right) in enumerate(pairwise(_GAPS)):
        middle, half = (left + right) / 2, (right - left) / 2
        here = np.abs(across - middle) / half
        tooth = here <= 1
        between = np.where(tooth, (1 - here) * half, between)
        # Edges are rounded, the second teeth a little shorter.
        longest = np.where(tooth, (1 - 0.10 * here**4) * (0.90 if number == 1 else 1.0), longest)
    teeth = canvas.edge(depth * longest - from_top) * smoothstep(0.96, 0.82, across)
    colour = _TEETH * (1 - 0.42 * across**2)[..., None]
    colour = colour * (1 - 0.34 * np.exp(-((between * F(1 / 0.018)) ** 2)))[..., None]
    colour *= (1 - 0.10 * smoothstep(0.5, 1.0, from_top / np.maximum(depth, 0.01)))[..., None]
    blend(inside, colour, teeth)
    gum = smoothstep(0.022, 0.006, from_top + 0.10 * np.minimum(between, 0.06) - 0.002)
    wide = smoothstep(0.10, 0.16, gap)
    blend(inside, _GUM, gum * wide * smoothstep(0.9, 0.7, across) * F(0.7))
