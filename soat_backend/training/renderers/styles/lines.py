"""Lines: outlines where parts or tones meet, and hatching."""

from __future__ import annotations

import numpy as np

from ..noise import F
from .filters import blur, thicken


def region_edges(regions: np.ndarray, width: float) -> np.ndarray:
    """Lines `width` pixels wide between the parts of a `[H, W]` map, as bool."""
    edges = np.zeros(regions.shape, bool)
    edges[1:] |= regions[1:] != regions[:-1]
    edges[:, 1:] |= regions[:, 1:] != regions[:, :-1]
    return thicken(edges, width)


def contrast_edges(tone: np.ndarray, radius: float, threshold: float) -> np.ndarray:
    """Ink lines on the dark side of contours: a difference of blurs of `[H, W]` tone below `-threshold`, as bool.

    Source: Winnemöller, Kyprianidis and Olsen 2012, XDoG (its hard threshold).
    """
    fine = blur(tone, radius)
    return fine - blur(fine, 1.6 * radius) < -threshold


def hatching(phase: np.ndarray, coverage: np.ndarray, thinnest: float = 0.36) -> np.ndarray:
    """Lines along the isolines of a phase, as bool: the share `coverage` of each period is ink.

    Args:
        phase: `[H, W]`, one line per unit.
        coverage: `[H, W]`, 0..1. Lines and gaps narrower than `thinnest` of a period would only make grey at small
            sizes: coverage near 0 or 1 is none or all.
        thinnest: Share of a period.
    """
    wave = np.abs((phase % 1) * 2 - 1)
    drawn = np.clip(coverage, thinnest, 1 - thinnest)
    drawn = np.where(coverage < thinnest * 0.5, F(-1), np.where(coverage > 1 - thinnest * 0.5, F(2), drawn))
    return wave < drawn
