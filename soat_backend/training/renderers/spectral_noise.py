"""Spectral noise: tileable textures and periodic profiles with a power-law spectrum."""

from __future__ import annotations

import numpy as np

F = np.float32
TEXTURE_SIDE = 1024
PROFILE_LENGTH = 4096


def _spectrum(rng: np.random.Generator, frequency: np.ndarray, beta: float, low: float, high: float) -> np.ndarray:
    amplitude = frequency ** (-beta / 2.0) * (frequency >= low) * (frequency <= high)
    return (rng.normal(size=frequency.shape) + 1j * rng.normal(size=frequency.shape)) * amplitude


def texture_noise(
    rng: np.random.Generator, beta: float, low: float = 0.0, high: float = 1e9, stretch: float = 1.0
) -> np.ndarray:
    """Tileable noise with power proportional to frequency^-beta between two frequencies (periods per side).

    Args:
        rng: Source of randomness.
        beta: Falloff: 1 is rough, 3 is cloudy.
        low: Lowest frequency kept.
        high: Highest frequency kept.
        stretch: Below 1: features longer along x; it scales the vertical frequency before the falloff.

    Returns:
        `[TEXTURE_SIDE, TEXTURE_SIDE]` float32 of mean 0 and standard deviation 1.
    """
    rows = np.fft.fftfreq(TEXTURE_SIDE)[:, None] * TEXTURE_SIDE
    columns = np.fft.rfftfreq(TEXTURE_SIDE)[None] * TEXTURE_SIDE
    frequency = np.sqrt((rows * stretch) ** 2 + columns**2)
    frequency[0, 0] = 1e9
    spectrum = _spectrum(rng, frequency, beta, low, high)
    texture = np.fft.irfft2(spectrum, s=(TEXTURE_SIDE, TEXTURE_SIDE))
    return ((texture - texture.mean()) / texture.std()).astype(F)


def profile_noise(rng: np.random.Generator, beta: float, low: float, high: float) -> np.ndarray:
    """The same in one dimension: `[PROFILE_LENGTH]` float64, periodic, of standard deviation 1."""
    frequency = np.fft.rfftfreq(PROFILE_LENGTH) * PROFILE_LENGTH
    frequency[0] = 1e9
    profile = np.fft.irfft(_spectrum(rng, frequency, beta, low, high), n=PROFILE_LENGTH)
    return profile / profile.std()


def smoothstep(start: float, end: float, x: np.ndarray) -> np.ndarray:
    """0 before `start`, 1 after `end` (or the other way round), a cubic between."""
    t = np.clip((x - start) * F(1 / (end - start)), 0, 1)
    return t * t * (3 - 2 * t)
