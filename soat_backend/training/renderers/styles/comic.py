"""Comic: flat colours, inked contours and black shadows. Made with portraits in mind."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F
from .guide import Guide
from .inks import find_inks, nearest_ink
from .lines import contrast_edges, region_edges
from .picture_filters import blur, luminance, saturate, wide_blur

VERSION = 1
COLOURS = 6
_INK = np.array([0.05, 0.04, 0.08], F)


def apply(image: np.ndarray, rng: np.random.Generator, guide: Guide | None = None) -> np.ndarray:
    """Draw a picture as a comic.

    Args:
        image: `[side, side, 3]` float, sRGB 0..1, the side a multiple of 32. Lines are a share of the side, so a
            picture of twice the side is the same drawing, sharper.
        rng: Unused: all here follows from the picture. Every style takes it.
        guide: The picture's parts, outlined too if given.

    Returns:
        `[side, side, 3]` float32, sRGB 0..1: no more than `COLOURS` and the ink.
    """
    side = image.shape[0]
    image = image.clip(0, 1).astype(F)
    smooth = blur(image, side * 0.012)
    tone = luminance(smooth)
    colours = find_inks(image, COLOURS)
    bright = ((saturate(colours, 1.6) - F(0.5)) * F(1.15) + F(0.56)).clip(0, 1)
    drawn = bright[nearest_ink(smooth, colours)]
    inked = contrast_edges(tone, side * 0.016, 0.014) | (tone < 0.6 * wide_blur(tone, side * 0.12)) | (tone < 0.07)
    if guide is not None:
        inked |= region_edges(guide.regions, side * 0.02)
    drawn[inked] = _INK
    return drawn
