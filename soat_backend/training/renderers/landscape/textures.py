"""What every landscape is cut from: textures and crest lines, made once per process on first use from a fixed seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..spectral_noise import PROFILE_LENGTH, TEXTURE_SIDE, F, profile_noise, texture_noise

_SEED = 12345
_STARS = 2600
_FLAKES = 4200


@dataclass(frozen=True)
class Textures:
    """Tileable `[TEXTURE_SIDE, TEXTURE_SIDE]` textures and periodic `[PROFILE_LENGTH]` profiles, all float32."""

    cumulus: list[np.ndarray]
    cirrus: list[np.ndarray]
    rock: list[np.ndarray]
    rock_slope: list[np.ndarray]
    streaks: list[np.ndarray]
    grain: list[np.ndarray]
    gullies: list[np.ndarray]
    puffs: np.ndarray
    waves: np.ndarray
    stars: np.ndarray
    flakes: np.ndarray
    mountains: list[np.ndarray]
    alps: list[np.ndarray]
    hills: list[np.ndarray]
    mesas: list[np.ndarray]


@lru_cache(maxsize=1)
def textures() -> Textures:
    """The textures, made at the first call (about a second)."""
    rng = np.random.default_rng(_SEED)
    cumulus = [texture_noise(rng, 3.1, 2) for _ in range(4)]
    cirrus = [texture_noise(rng, 3.0, 2, stretch=0.22) for _ in range(2)]
    rock = [_rock(rng) for _ in range(3)]
    later = np.random.default_rng(_SEED + 1)
    return Textures(
        cumulus=cumulus,
        cirrus=cirrus,
        rock=rock,
        rock_slope=[_slope(texture) for texture in rock],
        streaks=[texture_noise(rng, 1.6, 8, stretch=0.25) for _ in range(2)],
        grain=[texture_noise(rng, 1.2, 20) for _ in range(2)],
        stars=_star_field(rng),
        mountains=[_mountains(rng) for _ in range(24)],
        alps=[_alps(rng) for _ in range(24)],
        hills=[_hills(rng) for _ in range(24)],
        mesas=[_mesas(rng) for _ in range(12)],
        gullies=[_gullies(later) for _ in range(3)],
        puffs=_puffs(later),
        flakes=_flakes(later),
        waves=texture_noise(later, 1.5, 14, 110, stretch=0.4),
    )


def _rock(rng: np.random.Generator) -> np.ndarray:
    """Ridged multifractal: creases where each octave crosses zero."""
    total = np.zeros((TEXTURE_SIDE, TEXTURE_SIDE))
    amplitude = 1.0
    for octave in (4, 8, 16, 32, 64):
        total = total + amplitude * (1 - np.abs(texture_noise(rng, 2.2, octave, octave * 2.2)))
        amplitude *= 0.55
    total -= total.mean()
    return (total / total.std()).astype(F)


def _gullies(rng: np.random.Generator) -> np.ndarray:
    """Long along y: sharp ribs between hollows, finer ones on them."""
    total = np.zeros((TEXTURE_SIDE, TEXTURE_SIDE), F)
    amplitude = 1.0
    for octave in (4, 9, 20, 44, 90):
        total = total - F(amplitude) * np.abs(texture_noise(rng, 1.6, octave, octave * 2.0, stretch=1.5))
        amplitude *= 0.54
    total -= total.mean()
    return total / total.std()


def _puffs(rng: np.random.Generator) -> np.ndarray:
    """Round bumps with sharp creases between them, smaller ones on larger, as of cauliflower."""
    total = np.zeros((TEXTURE_SIDE, TEXTURE_SIDE), F)
    amplitude = 1.0
    for octave in (7, 15, 32, 66, 130):
        total = total + F(amplitude) * np.abs(texture_noise(rng, 1.2, octave, octave * 1.9))
        amplitude *= 0.6
    total -= total.mean()
    return total / total.std()


def _slope(texture: np.ndarray) -> np.ndarray:
    """Directional slope, for shading facets lit from the side."""
    slope = np.roll(texture, -3, 1) - np.roll(texture, 3, 1)
    slope = slope + 0.5 * (np.roll(texture, -3, 0) - np.roll(texture, 3, 0))
    return (slope / slope.std()).clip(-2.2, 2.2).astype(F)


def _star_field(rng: np.random.Generator) -> np.ndarray:
    stars = np.zeros((TEXTURE_SIDE, TEXTURE_SIDE), F)
    brightness = (1.3 * rng.random(_STARS) ** 4).astype(F) + 0.1
    rows = rng.integers(0, TEXTURE_SIDE, _STARS)
    columns = rng.integers(0, TEXTURE_SIDE, _STARS)
    stars[rows, columns] = brightness
    return _dots(stars, 0.3)


def _flakes(rng: np.random.Generator) -> np.ndarray:
    flakes = np.zeros((TEXTURE_SIDE, TEXTURE_SIDE), F)
    flakes[rng.integers(0, TEXTURE_SIDE, _FLAKES), rng.integers(0, TEXTURE_SIDE, _FLAKES)] = 1
    return _dots(flakes, 0.5).clip(0, 1)


def _dots(points: np.ndarray, beside: float) -> np.ndarray:
    """Points made round; their neighbours get a share of their light."""
    for axis in (0, 1):
        points = points + F(beside) * (np.roll(points, 1, axis) + np.roll(points, -1, axis))
    return points


def _mountains(rng: np.random.Generator) -> np.ndarray:
    crest = np.zeros(PROFILE_LENGTH)
    amplitude = 1.0
    for octave in (5, 10, 22, 46, 96):
        crest = crest + amplitude * (1.1 - np.abs(profile_noise(rng, 1.0, octave, octave * 1.9)))
        amplitude *= 0.42
    crest = crest + 0.5 * profile_noise(rng, 2, 2, 6)
    crest -= np.percentile(crest, 3)
    return (crest / np.percentile(crest, 97)).astype(F)


def _alps(rng: np.random.Generator) -> np.ndarray:
    """The highest of many triangles with unequal flanks."""
    x = np.arange(PROFILE_LENGTH)
    crest = np.zeros(PROFILE_LENGTH) - 1
    for _ in range(26):
        centre = rng.integers(0, PROFILE_LENGTH)
        height = 0.35 + 0.65 * rng.random()
        left, right = (rng.uniform(160, 520, 2)) * height
        distance = (x - centre + PROFILE_LENGTH // 2) % PROFILE_LENGTH - PROFILE_LENGTH // 2
        crest = np.maximum(crest, height * (1 - np.where(distance < 0, -distance / left, distance / right)))
    crest = np.maximum(crest, 0.0) + 0.07 * profile_noise(rng, 2.0, 20, 240) * (0.4 + 0.6 * crest)
    return (crest / np.percentile(crest, 99)).clip(-0.05, 1.2).astype(F)


def _hills(rng: np.random.Generator) -> np.ndarray:
    crest = profile_noise(rng, 3.0, 3, 40)
    crest -= crest.min()
    return (crest / crest.max()).astype(F)


def _mesas(rng: np.random.Generator) -> np.ndarray:
    crest = profile_noise(rng, 2.4, 4, 60)
    crest = 1 / (1 + np.exp(-6 * (crest - 0.25))) * 0.8 + 0.12 * profile_noise(rng, 2, 6, 200) + 0.1 * (crest > 0.9)
    return crest.clip(-0.1, 1.1).astype(F)
