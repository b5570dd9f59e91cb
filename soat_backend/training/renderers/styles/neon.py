"""Neon night: dark shapes with glowing outlines in two of a picture's hues, ripples on water, a grid on plains."""

from __future__ import annotations

import colorsys

import numpy as np

from ..spectral_noise import F, smoothstep
from .guide import Guide
from .lines import contrast_edges, smooth_outlines
from .picture_filters import blur, enlarge, luminance, quarter, thicken, wide_blur

VERSION = 2

# All lengths are shares of the side. On the smallest canvas a tube is nearly two pixels of a picture of 64 px; on one
# of twice the side it is half as wide, three pixels at 256 px, and from there on pictures are the same, sharper.
_TUBE = 0.026
_BOLD_SIDE = 256
_ROUNDNESS = 0.011
_HALOES = (0.02, 0.06)
_GLOW = 0.85
_DIM = 0.7  # lines on the ground, beside outlines
_NIGHT = np.array([0.045, 0.02, 0.11], F)
_SUN = np.array([1.0, 0.93, 0.66], F)
# Hues to part the land from a sky of the same hue: magenta, orange, cyan, violet.
_PARTNERS = (0.90, 0.06, 0.52, 0.74)
_LEAST_APART = 0.17
_GROUND = ("water", "plain", "bank", "path", "river", "fir")


def apply(image: np.ndarray, rng: np.random.Generator, guide: Guide | None = None) -> np.ndarray:
    """Turn a picture into tubes of light.

    Args:
        image: `[side, side, 3]` float, sRGB 0..1, the side a multiple of 4.
        rng: Unused: all here follows from the picture. Every style takes it.
        guide: The picture's parts; without it tubes follow contrasts.

    Returns:
        `[side, side, 3]` float32, sRGB 0..1.
    """
    image = image.clip(0, 1).astype(F)
    tone = blur(luminance(image), len(image) * 0.016)
    if guide is None:
        return _glowing(image, *_contours(image, tone))
    ground = guide.where("water", "plain", "bank", "path", "river", "fir")
    side = len(image)
    above, below = vivid_pair(image[guide.where("sky")], image[guide.where(*_GROUND)])
    sun = guide.enlarged_disc(0.012)
    # The disc is no part of the land: it has an edge of its own.
    land = np.where(guide.where("sun"), 0, guide.regions)
    outlines = smooth_outlines(land, tube_width(side), _ROUNDNESS * side) * (1 - sun)
    brightness = np.maximum(outlines, F(_DIM) * ground_lines(tone, guide))
    ground = guide.where(*_GROUND)[..., None]
    light = _glowing(image, np.maximum(brightness, sun), np.where(ground, below, above))
    unlit = 1 - brightness
    facets = guide.where("ridge") * smoothstep(0.0, 0.06, tone - wide_blur(tone, side * 0.05))
    light += ((F(0.22) * facets + _horizon_glow(guide)) * unlit)[..., None] * above
    light += (_SUN - light) * sun[..., None]
    return light.clip(0, 1)


def tube_width(side: int) -> float:
    """Of the outlines, in pixels of a canvas."""
    return _TUBE * _thinning(side) * side


def _thinning(side: int) -> float:
    """How much thinner than on the smallest canvas lines are, as a share of the side: 1 to a half."""
    return float(np.clip(_BOLD_SIDE / side, 0.5, 1.0))


def vivid_pair(above: np.ndarray, below: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The prevailing hue of two sets of pixels `[n, 3]` as vivid colours, kept apart; the first has precedence."""
    first, second = _hue(above, 0.62), _hue(below, 0.90)
    if _apart(first, second) < _LEAST_APART:
        partners = [hue for hue in _PARTNERS if _apart(first, hue) >= _LEAST_APART]
        second = min(partners, key=lambda hue: _apart(second, hue))
    return _vivid(first), _vivid(second)


def _apart(first: float, second: float) -> float:
    return abs((first - second + 0.5) % 1 - 0.5)


def _hue(pixels: np.ndarray, of_greys: float) -> float:
    """Mean hue in 0..1, the more colourful counting more."""
    if not len(pixels):
        return of_greys
    pixels = pixels[::16]
    chroma = pixels - pixels.min(1, keepdims=True)
    mean = (chroma * chroma.max(1, keepdims=True)).mean(0)
    if mean.max() < 1e-3:
        return of_greys
    return colorsys.rgb_to_hsv(*(float(value) for value in mean))[0]


def _vivid(hue: float) -> np.ndarray:
    colour = np.array(colorsys.hsv_to_rgb(hue % 1, 0.85, 1.0), F)
    # Pure blue and red are dim beside green.
    return (colour + F(0.6) * max(F(0.42) - luminance(colour), F(0))).clip(0, 1)


def _night(image: np.ndarray) -> np.ndarray:
    """The picture in the dark, more colourful: its hour can still be told."""
    tone = luminance(image)[..., None]
    colour = tone + (image - tone) * F(1.8)
    return _NIGHT + colour.clip(0, 1) * (F(0.05) + F(0.24) * tone)


def _glowing(image: np.ndarray, brightness: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """Put a picture in the dark and light tubes in it.

    Args:
        image: `[side, side, 3]`.
        brightness: `[side, side]`, 0 where there is no tube, 1 for the brightest.
        colour: `[side, side, 3]`, of the tubes.
    """
    core = brightness[..., None].astype(F)
    small = quarter(colour * core)
    halo = sum(blur(small, radius * len(small)) for radius in _HALOES) * F(_GLOW)
    light = _night(image) + enlarge(halo)
    hot = colour + (1 - colour) * (F(0.6) * core)
    return (light + (hot - light) * np.minimum(core * F(1.2), 1)).clip(0, 1)


def _contours(image: np.ndarray, tone: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    side = len(tone)
    tubes = thicken(contrast_edges(tone, side * 0.016, 0.012), side * 0.008)
    bright = tone > np.median(tone)
    first, second = vivid_pair(image[bright], image[~bright])
    return tubes, np.where(bright[..., None], first, second)


def _horizon_glow(guide: Guide) -> np.ndarray:
    side = len(guide.regions)
    height = ((np.arange(side) + 0.5) / side / guide.horizon).astype(F)
    return F(0.5) * smoothstep(0.3, 1.05, height)[:, None] * guide.where("sky")


def ground_lines(tone: np.ndarray, guide: Guide) -> np.ndarray:
    """Brightness 0..1 of ripples on the water, following its reflections, and of a grid in perspective on the plain."""
    side = len(tone)
    position = ((np.arange(side) + 0.5) / side).astype(F)
    near = ((position - F(guide.horizon)) / F(1 - guide.horizon)).clip(0, 1)[:, None]
    lines = np.zeros_like(tone)
    water, plain = guide.where("water"), guide.where("plain")
    thin = _thinning(side)
    if water.any():
        dark, bright = np.percentile(tone[water][::8], (5, 98))
        shine = smoothstep(0, 1, (tone - F(dark)) / F(max(bright - dark, 0.1)))
        ripples = _level_lines(near, 3.6, 0.36 * (0.4 + 0.6 * thin), guide, side)
        lines = water * ripples * (F(0.35) + F(0.65) * shine)
    if plain.any():
        depth = near + F(0.12)
        across = (position[None] - F(0.5)) / depth * F(2.0)
        # Straight lines towards the vanishing point, as wide everywhere.
        away = np.abs(across - np.round(across)) * depth * F(side / 2)
        upright = (F(0.009 * thin * side + 0.5) - away).clip(0, 1)
        grid = np.maximum(upright, _level_lines(near, 3.0, 0.24 * thin, guide, side))
        lines = np.where(plain, grid, lines)
    return lines


def _level_lines(near: np.ndarray, frequency: float, share: float, guide: Guide, side: int) -> np.ndarray:
    """Lines across the picture, ever closer towards the horizon: `[side, 1]`, antialiased.

    Args:
        near: `[side, 1]`, 0 at the horizon to 1 at the lower border.
        frequency: Lines while the distance halves.
        share: Of each period that is line.
        guide: Of the picture.
        side: Of the canvas in pixels.
    """
    level = np.log2(near + F(0.14)) * F(frequency)
    rows_a_line = (near + F(0.14)) * F(np.log(2) / frequency * (1 - guide.horizon) * side)
    away = np.abs((level % 1) - F(0.5)) * rows_a_line
    return (F(share / 2) * rows_a_line + F(0.5) - away).clip(0, 1)
