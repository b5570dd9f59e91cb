"""Neon night: dark shapes with glowing outlines in two of a picture's hues, ripples on water, a grid on plains."""

from __future__ import annotations

import colorsys

import numpy as np

from ..noise import F, smoothstep
from .filters import blur, enlarge, luminance, quarter, thicken, wide_blur
from .guide import Guide
from .lines import contrast_edges, hatching, region_edges

VERSION = 1

# All lengths are shares of the side; a tube is nearly two pixels at 64 px.
_TUBE = 0.026
_HALOES = (0.02, 0.06)
_GLOW = 0.85
_DIM = 0.7  # lines on the ground, beside outlines
_NIGHT = np.array([0.045, 0.02, 0.11], F)
_SUN = np.array([1.0, 0.93, 0.66], F)
# Hues to part the land from a sky of the same hue: magenta, orange, cyan, violet.
_PARTNERS = (0.90, 0.06, 0.52, 0.74)
_LEAST_APART = 0.17


def apply(image: np.ndarray, rng: np.random.Generator, guide: Guide | None = None) -> np.ndarray:
    """Turn a picture into tubes of light.

    Args:
        image: `[side, side, 3]` float, sRGB 0..1, the side a multiple of 4. Lines are a share of the side, so a
            picture of twice the side is the same one, sharper.
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
    above, below = vivid_pair(image[guide.where("sky")], image[ground])
    sun = _sun(guide)
    outlines = region_edges(guide.regions, len(image) * _TUBE) & ~sun
    brightness = np.maximum(outlines, F(_DIM) * _ground_lines(tone, guide))
    light = _glowing(image, np.maximum(brightness, sun), np.where(ground[..., None], below, above))
    unlit = 1 - brightness
    facets = guide.where("ridge") & (tone > wide_blur(tone, len(image) * 0.05))
    light += (F(0.2) * facets * unlit + _horizon_glow(guide) * unlit)[..., None] * above
    light[sun] = _SUN
    return light.clip(0, 1)


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
    light = _night(blur(quarter(image), 1))
    for radius in _HALOES:
        light = light + blur(small, radius * len(small)) * F(_GLOW)
    light = enlarge(light)
    hot = colour + (1 - colour) * (F(0.6) * core)
    return (light + (hot - light) * np.minimum(core * F(1.2), 1)).clip(0, 1)


def _contours(image: np.ndarray, tone: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    side = len(tone)
    tubes = thicken(contrast_edges(tone, side * 0.016, 0.012), side * 0.008)
    bright = tone > np.median(tone)
    first, second = vivid_pair(image[bright], image[~bright])
    return tubes, np.where(bright[..., None], first, second)


def _sun(guide: Guide) -> np.ndarray:
    """A disc large enough to be seen, behind whatever stands before it."""
    return thicken(guide.where("sun"), len(guide.regions) * 0.03) & guide.where("sky", "sun")


def _horizon_glow(guide: Guide) -> np.ndarray:
    side = len(guide.regions)
    height = ((np.arange(side) + 0.5) / side / guide.horizon).astype(F)
    return F(0.5) * smoothstep(0.3, 1.05, height)[:, None] * guide.where("sky")


def _ground_lines(tone: np.ndarray, guide: Guide) -> np.ndarray:
    """Brightness 0..1 of ripples on the water, following its reflections, and of a grid in perspective on the plain."""
    side = len(tone)
    position = ((np.arange(side) + 0.5) / side).astype(F)
    near = ((position - F(guide.horizon)) / F(1 - guide.horizon)).clip(0, 1)[:, None]
    level = np.log2(near + F(0.14)) * F(3.0) + np.zeros_like(tone)
    lines = np.zeros_like(tone)
    water, plain = guide.where("water"), guide.where("plain")
    if water.any():
        dark, bright = np.percentile(tone[water][::8], (5, 98))
        shine = smoothstep(0, 1, (tone - F(dark)) / F(max(bright - dark, 0.1)))
        ripples = hatching(level * F(1.2), np.full_like(tone, 0.36))
        lines = np.where(water & ripples, F(0.35) + F(0.65) * shine, lines)
    if plain.any():
        across = (position[None] - F(0.5)) / (near + F(0.12)) * F(2.0)
        # As wide everywhere as a pixel at 64 px.
        upright = np.abs(across - np.round(across)) * (near + F(0.12)) < F(2.0 * 0.009)
        lines[plain & (hatching(level, np.full_like(tone, 0.24), 0.24) | upright)] = 1
    return lines
