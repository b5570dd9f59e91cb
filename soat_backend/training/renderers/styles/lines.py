"""Lines: outlines where parts or tones meet, and hatching."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F
from .picture_filters import blur, thicken


def region_edges(regions: np.ndarray, width: float) -> np.ndarray:
    """Lines `width` pixels wide between the parts of a `[H, W]` map, as bool."""
    edges = np.zeros(regions.shape, bool)
    edges[1:] |= regions[1:] != regions[:-1]
    edges[:, 1:] |= regions[:, 1:] != regions[:, :-1]
    return thicken(edges, width)


def smooth_outlines(regions: np.ndarray, width: float, roundness: float) -> np.ndarray:
    """Antialiased lines between the parts of a map, their corners rounded as of bent tubes.

    Args:
        regions: `[H, W]`, numbered from back to front.
        width: Of the lines, in pixels.
        roundness: Radius in pixels, a fifth of the width or more; parts narrower than it get no line.

    Returns:
        `[H, W]` float32, 0..1.
    """
    lines = np.zeros(regions.shape, F)
    radius = max(round(roundness), 1)
    for part in np.unique(regions)[1:]:
        inside = regions >= part
        # Rows that are all inside or all outside are far from the border.
        mixed = np.flatnonzero(inside.any(1) & ~inside.all(1))
        first, last = (mixed[0], mixed[-1]) if len(mixed) else (int(inside.all(1).argmax()),) * 2
        rows = slice(max(first - 3 * radius, 0), last + 3 * radius + 1)
        # Two box filters make two parabolas of an edge: solved for the distance to it, in pixels.
        beyond = np.abs(F(2) * blur(inside[rows].astype(F), radius) - F(1))
        away = F(2 * radius + 1) * (1 - np.sqrt((1 - beyond).clip(0)))
        lines[rows] = np.maximum(lines[rows], (F(width / 2 + 0.5) - away).clip(0, 1))
    return lines


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
