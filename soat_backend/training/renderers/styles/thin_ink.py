"""Thin ink: portraits in even colours with a few steps of tone, outlined by a thin pen."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F, smoothstep
from .guide import Guide
from .patches import patches, soft_steps
from .picture_filters import blur, luminance, saturate, wide_blur

VERSION = 1
_INK = np.array([0.07, 0.055, 0.09], F)


def apply(image: np.ndarray, rng: np.random.Generator, guide: Guide | None = None) -> np.ndarray:
    """Draw a portrait with a pen and flat colours.

    Args:
        image: `[side, side, 3]` float, sRGB 0..1, the side a multiple of 4. Lines are a share of the side.
        rng: Unused: all here follows from the picture. Every style takes it.
        guide: The picture's parts, outlined if given.

    Returns:
        `[side, side, 3]` float32, sRGB 0..1.
    """
    image = image.clip(0, 1).astype(F)
    side = len(image)
    smooth = patches(image, side * 0.008)
    regions = np.zeros((side, side), np.uint8) if guide is None else guide.regions
    backdrop = np.zeros((side, side, 1), F) if guide is None else guide.where("backdrop").astype(F)[..., None]
    far = wide_blur(image * backdrop, side * 0.03) / np.maximum(wide_blur(backdrop, side * 0.03), F(0.02))
    smooth += (far - smooth) * blur(backdrop, side * 0.0027)
    tone = luminance(smooth)
    stepped = soft_steps(tone, 5.5, 6.0)
    flat = smooth * (stepped / np.maximum(tone, F(0.03)))[..., None]
    flat = saturate(flat.clip(0, 1), 1.22)
    ink = pen(tone, regions)
    return flat + (_INK - flat) * ink[..., None]


def pen(tone: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """How much ink lies where, 0..1: around parts, and on the dark side of contrasts within them.

    Args:
        tone: `[side, side]`, 0..1.
        regions: `[side, side]`, the part seen at each pixel.
    """
    side = len(tone)
    outline = np.zeros(tone.shape, F)
    # Parts differ in at least one bit of their numbers; where a blurred bit is a half there is a border.
    for bit in range(3):
        share = blur(((regions >> bit) & 1).astype(F), side * 0.003)
        outline = np.maximum(outline, 4 * share * (1 - share))
    fine = blur(tone, side * 0.0027)
    around = blur(fine, side * 0.0075)
    lines = smoothstep(0.050, 0.15, (around - fine) / (around + F(0.12)))
    return np.maximum(smoothstep(0.25, 0.95, outline) * F(0.85), lines * F(0.80))
