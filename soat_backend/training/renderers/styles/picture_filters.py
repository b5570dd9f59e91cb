"""Small image filters that the styles are made of."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F

_LUMINANCE = np.array([0.2126, 0.7152, 0.0722], F)


def luminance(image: np.ndarray) -> np.ndarray:
    """Luma of `[..., 3]` sRGB in 0..1."""
    return image @ _LUMINANCE


def saturate(colour: np.ndarray, amount: float) -> np.ndarray:
    """Move `[..., 3]` away from its grey (amount > 1) or towards it (< 1), kept in 0..1."""
    grey = luminance(colour)[..., None]
    return (grey + (colour - grey) * F(amount)).clip(0, 1).astype(F)


def blur(image: np.ndarray, radius: float) -> np.ndarray:
    """Nearly Gaussian blur: two box filters of `radius` pixels along each axis, edges replicated."""
    width = round(radius)
    for axis in (0, 1) if width > 0 else ():
        for _ in range(2):
            image = _box(image, width, axis)
    return image


def _box(image: np.ndarray, radius: int, axis: int) -> np.ndarray:
    padding = [(0, 0)] * image.ndim
    padding[axis] = (radius + 1, radius)
    total = np.cumsum(np.pad(image, padding, mode="edge"), axis=axis, dtype=F)
    length = image.shape[axis]
    upper, lower = [slice(None)] * image.ndim, [slice(None)] * image.ndim
    upper[axis], lower[axis] = slice(2 * radius + 1, None), slice(0, length)
    return (total[tuple(upper)] - total[tuple(lower)]) * F(1 / (2 * radius + 1))


def thicken(mask: np.ndarray, width: float) -> np.ndarray:
    """Grow a boolean mask so that single pixels become octagons `width` pixels across."""
    steps = round(width) - 1
    for step in range(steps):
        # Alternating ends keeps the result centred; leaving out the corners half of the time makes it an octagon.
        towards = 1 if step % 2 else -1
        down, across = _moved(mask, towards, 0), _moved(mask, towards, 1)
        mask = mask | down | across if step % 4 < 2 else mask | down | across | _moved(down, towards, 1)
    return mask


def _moved(mask: np.ndarray, step: int, axis: int) -> np.ndarray:
    moved = np.zeros_like(mask)
    length = mask.shape[axis]
    here, there = [slice(None)] * 2, [slice(None)] * 2
    here[axis] = slice(step, None) if step > 0 else slice(0, length + step)
    there[axis] = slice(0, length - step) if step > 0 else slice(-step, None)
    moved[tuple(here)] = mask[tuple(there)]
    return moved


def quarter(image: np.ndarray) -> np.ndarray:
    """`[H, W, ...]` averaged down to a quarter of its height and width: wide blurs are many times faster there."""
    # Faster than a mean over reshaped axes.
    return sum(image[row::4, column::4] for row in range(4) for column in range(4)) * F(1 / 16)


def enlarge(image: np.ndarray) -> np.ndarray:
    """The way back from `quarter`, by linear interpolation."""
    return _four_times(_four_times(image, 0), 1)


def wide_blur(image: np.ndarray, radius: float) -> np.ndarray:
    """`blur` for radii of many pixels, made at a quarter of the resolution."""
    return enlarge(blur(quarter(image), radius / 4))


def _four_times(image: np.ndarray, axis: int) -> np.ndarray:
    """Linear interpolation to four times the length, the edges replicated."""
    edges = [(1, 1) if other == axis else (0, 0) for other in range(image.ndim)]
    padded = np.moveaxis(np.pad(image, edges, mode="edge"), axis, 0)
    larger = np.empty((4 * image.shape[axis], *padded.shape[1:]), F)
    before, here, after = padded[:-2], padded[1:-1], padded[2:]
    for step, (neighbour, share) in enumerate(((before, 0.375), (before, 0.125), (after, 0.125), (after, 0.375))):
        larger[step::4] = here + (neighbour - here) * F(share)
    return np.moveaxis(larger, 0, axis)
