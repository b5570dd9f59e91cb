"""Small image filters that the styles are made of."""

from __future__ import annotations

import numpy as np

from ..noise import F

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
    upper = np.take(total, np.arange(2 * radius + 1, 2 * radius + 1 + length), axis=axis)
    lower = np.take(total, np.arange(length), axis=axis)
    return (upper - lower) / F(2 * radius + 1)


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
