"""Few inks in place of many colours."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F
from .picture_filters import luminance

_SAMPLES = 32
_ROUNDS = 6


def find_inks(image: np.ndarray, count: int) -> np.ndarray:
    """The colours that represent a picture best (k-means, begun at quantiles of tone so that it has no chance in it).

    Args:
        image: `[side, side, 3]` float, sRGB 0..1, the side a multiple of 32.
        count: Number of inks.

    Returns:
        `[count, 3]` from dark to light.
    """
    factor = image.shape[0] // _SAMPLES
    # One axis after the other: much faster than both at once.
    rows = image.reshape(_SAMPLES, factor, _SAMPLES, factor, 3).mean(1)
    pixels = rows.mean(2).reshape(-1, 3)
    order = np.argsort(luminance(pixels), kind="stable")
    middles = ((np.arange(count) + 0.5) / count * len(pixels)).astype(int)
    inks = pixels[order[middles]]
    for _ in range(_ROUNDS):
        nearest = nearest_ink(pixels, inks)
        for index in range(count):
            members = pixels[nearest == index]
            if len(members):
                inks[index] = members.mean(0)
    return inks[np.argsort(luminance(inks), kind="stable")].astype(F)


def nearest_ink(image: np.ndarray, inks: np.ndarray) -> np.ndarray:
    """Index of the nearest of `[count, 3]` inks for each colour of `[..., 3]`."""
    # |a - b|^2 without |a|^2, which is the same for all inks.
    return np.argmin((inks**2).sum(1) - 2 * (image @ inks.T), axis=-1)


def paper_grain(rng: np.random.Generator, side: int, strength: float = 0.03) -> np.ndarray:
    """Fine uneven inking, `[side, side]` around 1, as coarse at every side as on a canvas of 256."""
    grain = rng.normal(size=(128, 128)).astype(F)
    grain = (grain + np.roll(grain, 1, 0) + np.roll(grain, 1, 1) + np.roll(grain, (1, 1), (0, 1))) * F(0.5)
    factor = max(side // 128, 1)
    return (1 + F(strength) * grain[:side, :side]).repeat(factor, 0).repeat(factor, 1)[:side, :side]
