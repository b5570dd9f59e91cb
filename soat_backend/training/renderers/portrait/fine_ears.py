"""The folds of an ear, for fine canvases."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F, smoothstep
from .tracing import Triple, normalised

_STEP = 0.004


def fold_ear(side: int, size: float, x: np.ndarray, y: np.ndarray, normal: Triple) -> tuple[Triple, np.ndarray]:
    """Bend the normals of an ear's ellipsoid along its folds.

    Args:
        side: -1 or 1.
        size: 1 for an ear of usual size.
        x: From the ear's middle.
        y: The same, upwards.
        normal: Of the bare ellipsoid, in the camera's coordinates, with x to the right.

    Returns:
        Normals, and what share of the ambience reaches the folds.
    """
    across, up = x * F(side / (0.115 * size)), y * F(1 / (0.20 * size))
    here = _height(across, up)
    slope_x = (_height(across + F(_STEP), up) - here) * F(side / _STEP * 0.75)
    slope_y = (_height(across, up + F(_STEP)) - here) * F(1 / _STEP * 0.55)
    bent = normalised([normal[0] - slope_x, normal[1] - slope_y, normal[2]])
    return bent, np.clip(0.80 + 1.5 * here, 0.25, 1.08)


def _height(across: np.ndarray, up: np.ndarray) -> np.ndarray:
    """Of the folds, in shares of the ear's half-width; `across` and `up` are -1..1, outwards and upwards."""
    radius = np.sqrt(across * across + up * up)
    above_lobe = smoothstep(-0.75, -0.35, up)
    helix = 0.22 * np.exp(-(((radius - 0.86) * F(1 / 0.10)) ** 2)) * above_lobe
    groove = -0.16 * np.exp(-(((radius - 0.66) * F(1 / 0.09)) ** 2)) * above_lobe * smoothstep(-0.5, 0.1, across)
    bow = np.sqrt((across * F(1.25) + 0.05) ** 2 + (up - 0.02) ** 2)
    antihelix = 0.14 * np.exp(-(((bow - 0.52) * F(1 / 0.10)) ** 2)) * smoothstep(-0.35, 0.1, across)
    concha = -0.30 * np.exp(-(((across + 0.10) * F(1 / 0.34)) ** 2 + ((up + 0.12) * F(1 / 0.36)) ** 2))
    tragus = 0.20 * np.exp(-(((across + 0.55) * F(1 / 0.20)) ** 2 + ((up + 0.12) * F(1 / 0.20)) ** 2))
    return helix + groove + antihelix + concha + tragus
