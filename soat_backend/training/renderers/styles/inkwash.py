"""Ink wash: black ink and a breath of colour on paper; ridges fade into mist, light is paper left bare."""

from __future__ import annotations

import numpy as np

from ..landscape.textures import textures
from ..spectral_noise import TEXTURE_SIDE, F, smoothstep
from .guide import Guide
from .picture_filters import blur, luminance, wide_blur

VERSION = 1

# All lengths are shares of the side.
_PAPER = np.array([0.955, 0.93, 0.865], F)
_INK = np.array([0.085, 0.09, 0.115], F)
_VERMILION = np.array([0.80, 0.20, 0.13], F)
_COLOUR = 0.42  # how much of a picture's colourfulness stays


def apply(image: np.ndarray, rng: np.random.Generator, guide: Guide | None = None) -> np.ndarray:
    """Paint a picture in ink.

    Args:
        image: `[side, side, 3]` float, sRGB 0..1, the side a multiple of 4.
        rng: Source of randomness, for the paper.
        guide: The picture's parts; without it washes follow its tones alone.

    Returns:
        `[side, side, 3]` float32, sRGB 0..1.
    """
    image = image.clip(0, 1).astype(F)
    side = len(image)
    tone = luminance(image)
    fine, wide = blur(tone, side * 0.002), wide_blur(tone, side * 0.03)
    strokes = ((wide - fine) / (wide_blur(np.abs(tone - wide), side * 0.06) + F(0.02))).clip(-2, 2)
    ink = _washes(tone, strokes) if guide is None else _landscape(tone, strokes, guide)
    fibres, pools = _paper(rng, side)
    ink = (ink * (1 + F(0.16) * pools) + F(0.035) * fibres * ink.clip(0.15, 1)).clip(0, 1)
    colour = _tinted(image, ink) * (1 + F(0.012) * fibres)[..., None]
    if guide is not None:
        sun = guide.enlarged_disc(0.010)[..., None]
        disc = _PAPER if guide.night else _VERMILION * (1 + F(0.06) * pools)[..., None]
        colour += (disc - colour) * sun * F(0.92)
    return colour.clip(0, 1).astype(F)


def _washes(tone: np.ndarray, strokes: np.ndarray) -> np.ndarray:
    dark, light = np.percentile(tone[::4, ::4], (2, 98))
    return (1 - (tone - dark) / max(light - dark, 0.2)) ** F(1.4) * F(0.75) + F(0.08) * strokes.clip(0, 2)


def _landscape(tone: np.ndarray, strokes: np.ndarray, guide: Guide) -> np.ndarray:
    """How much ink lies where, 0..1."""
    side = len(tone)
    ink = _sky(tone, guide)
    ridges = [part for part, kind in enumerate(guide.kinds) if kind == "ridge"]
    for order, part in enumerate(ridges):
        nearness = (order + 1) / len(ridges)
        here = guide.regions == part
        ink = np.where(here, _ridge(tone, strokes, guide.regions >= part, nearness), ink)
    position = ((np.arange(side) + 0.5) / side).astype(F)
    near = ((position - F(guide.horizon)) / F(1 - guide.horizon)).clip(0, 1)[:, None]
    water = F(0.05) + F(0.34) * _levelled(blur(tone, side * 0.002), guide.where("water")) + F(0.03) * strokes.clip(0, 2)
    growth = _levelled(blur(tone, side * 0.002), guide.where("plain"))
    plain = F(0.04) + F(0.10) * near + F(0.26) * growth**2 + F(0.10) * strokes.clip(-0.5, 2) * (F(0.4) + near)
    path = F(0.03) + F(0.03) * strokes.clip(0, 2)
    bank = F(0.50) + F(0.17) * strokes + F(0.10) * near
    for kinds, wash in (
        (("water",), water),
        (("plain",), plain),
        (("path", "river"), path + 0 * tone),
        (("bank",), bank),
        (("fir",), F(0.80) + F(0.10) * strokes),
    ):
        here = guide.where(*kinds)
        ink = np.where(here, wash, ink)
    if guide.night:
        ink = ink * F(0.80) + F(0.16)
    return ink


def _sky(tone: np.ndarray, guide: Guide) -> np.ndarray:
    """A wash from above, clouds left out of it."""
    side = len(tone)
    height = ((np.arange(side) + 0.5) / side / guide.horizon).astype(F)[:, None]
    sky = guide.where("sky")
    dark = _levelled(blur(tone, side * 0.006), sky)
    overhead = smoothstep(0.95, 0.0, height)
    amount = F(0.62 if guide.night else 0.26)
    return amount * (overhead * F(0.45) + dark * (F(0.25) + F(0.45) * overhead))


def _levelled(tone: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Darkness 0..1 within a part of the picture."""
    values = tone[inside][::8]
    if len(values) < 8:
        return np.zeros_like(tone)
    dark, light = np.percentile(values, (3, 97))
    return ((F(light) - tone) / F(max(light - dark, 0.08))).clip(0, 1)


def _ridge(tone: np.ndarray, strokes: np.ndarray, covered: np.ndarray, nearness: float) -> np.ndarray:
    """Dark along the crest, structure in strokes, and paper where its foot is lost in mist."""
    side = len(tone)
    crest = np.where(covered.any(0), covered.argmax(0), side)
    depth = ((np.arange(side)[:, None] - crest[None]) / side).astype(F).clip(0, 1)
    body = F(0.18 + 0.40 * nearness)
    edge = np.exp(-depth / F(0.004)) * F(0.35)
    mist = F(1) - smoothstep(0.03, 0.14, depth) * F(0.72 - 0.25 * nearness)
    return body * (F(0.62) + F(0.55) * strokes + edge) * mist


def _paper(rng: np.random.Generator, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Fibres and the unevenness of a wash on them, `[side, side]` of standard deviation 1 each."""
    step = 512 / side
    row, column = rng.integers(0, TEXTURE_SIDE, 2)
    rows = ((row + np.arange(side) * step).astype(np.int64) % TEXTURE_SIDE)[:, None]
    columns = (column + np.arange(side) * step).astype(np.int64)[None] % TEXTURE_SIDE
    return textures().grain[0][rows, columns], textures().cumulus[0][rows, columns]


def _tinted(image: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """Ink on paper, with some of the picture's hues where there is a wash at all."""
    soft = np.maximum(image, F(0.02))
    hue = soft / np.maximum(luminance(soft), F(0.05))[..., None]
    wash = (1 - np.exp(-F(5) * ink)) * F(_COLOUR)
    tint = 1 + (hue.clip(0.3, 2.0) - 1) * wash[..., None]
    dark = (F(1) - ink) ** F(1.15)
    return (_INK + (_PAPER - _INK) * dark[..., None]) * tint
