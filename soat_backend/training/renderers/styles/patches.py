"""Pictures as patches with sharp borders, as brushes leave them."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F
from .picture_filters import luminance


def patches(image: np.ndarray, radius: float, sharpness: float = 4.0) -> np.ndarray:
    """Smooth a picture within its contours.

    Of four squares that meet in a pixel, those whose tones vary least give its colour.
    Source: Kuwahara et al. 1976, with weights for all four as in Papari, Petkov and Campisi 2007.

    Args:
        image: `[H, W, 3]` float32, sRGB 0..1.
        radius: Side of a square in pixels.
        sharpness: How much more an even square counts than an uneven one.

    Returns:
        `[H, W, 3]` float32.
    """
    width = max(round(radius), 1)
    tone = luminance(image)
    fields = np.concatenate([image, tone[..., None], (tone * tone)[..., None]], -1).transpose(2, 0, 1)
    height, length = tone.shape
    padded = np.pad(fields, ((0, 0), (width + 1, width), (width + 1, width)), mode="edge")
    total = padded.cumsum(1, dtype=np.float64).cumsum(2)
    span = width + 1
    means = (total[:, span:, span:] - total[:, :-span, span:] - total[:, span:, :-span] + total[:, :-span, :-span]) * (
        1 / span**2
    )
    summed, weights = np.zeros((3, height, length), F), np.zeros((height, length), F)
    for down in (0, width):
        for right in (0, width):
            square = means[:, down : down + height, right : right + length].astype(F)
            variance = np.maximum(square[4] - square[3] ** 2, 0)
            weight = 1 / (F(1e-5) + variance) ** F(sharpness / 2)
            summed += square[:3] * weight
            weights += weight
    return np.ascontiguousarray((summed / weights).transpose(1, 2, 0))


def soft_steps(tone: np.ndarray, count: float, sharpness: float) -> np.ndarray:
    """Tones 0..1 gathered at the multiples of 1 / `count`, with soft steps between.

    Source: Winnemöller, Olsen and Gooch 2006, "Real-time video abstraction".
    """
    scaled = tone * F(count)
    nearest = np.floor(scaled) + F(0.5)
    return (nearest + F(0.5) * np.tanh(F(sharpness) * (scaled - nearest)) / np.tanh(F(sharpness) * F(0.5))) * F(
        1 / count
    )
