"""Tileable noise that skin, hair, cloth and backdrops are textured with, made once per process on first use."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..spectral_noise import TEXTURE_SIDE, F, texture_noise

SIDE = 256
_SEED = 7


@dataclass(frozen=True)
class Textures:
    """`[SIDE, SIDE]` float32 each, of mean 0 and standard deviation 1.

    Attributes:
        strands: Fine streaks along the rows' axis.
        locks: Broad streaks along the rows' axis.
        soft: Clouds.
        fine: Grain.
        curls: Round bright curls with thin dark gaps.
        folds: Between soft and locks, for cloth.
    """

    strands: np.ndarray
    locks: np.ndarray
    soft: np.ndarray
    fine: np.ndarray
    curls: np.ndarray
    folds: np.ndarray


@lru_cache(maxsize=1)
def textures() -> Textures:
    """The textures, made at the first call (less than a second)."""
    rng = np.random.default_rng(_SEED)
    curls = np.sqrt(np.abs(_tile(rng, 2.0, 10, 26))) + 0.35 * np.sqrt(np.abs(_tile(rng, 1.6, 26, 70)))
    return Textures(
        strands=_tile(rng, 1.0, 6, 90, 14.0),
        locks=_tile(rng, 1.6, 3, 20, 9.0),
        soft=_tile(rng, 3.0, 2, 40),
        fine=_tile(rng, 1.0, 20, 90),
        curls=np.clip((curls - curls.mean()) / curls.std(), -2, 1.6).astype(F),
        folds=_tile(rng, 2.2, 3, 60, 2.6),
    )


def _tile(rng: np.random.Generator, beta: float, low: float, high: float, stretch: float = 1.0) -> np.ndarray:
    """Noise without periods shorter than two texels of the smaller side, so that dropping rows and columns is exact."""
    step = TEXTURE_SIDE // SIDE
    return np.ascontiguousarray(texture_noise(rng, beta, low, high, stretch)[::step, ::step])


def sample(texture: np.ndarray, across: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Read a tileable texture at real texel coordinates, interpolating linearly."""
    side = texture.shape[0]
    across, down = across + 16.0 * side, down + 16.0 * side  # positive, so that truncation is floor
    column, row = across.astype(np.int32), down.astype(np.int32)
    column_share, row_share = across - column, down - row
    upper, lower = (row & (side - 1)) * side, ((row + 1) & (side - 1)) * side
    left, right = column & (side - 1), (column + 1) & (side - 1)
    texels = texture.ravel()
    above = texels.take(upper + left)
    above += (texels.take(upper + right) - above) * column_share
    below = texels.take(lower + left)
    below += (texels.take(lower + right) - below) * column_share
    return above + (below - above) * row_share


def sample_nearest(texture: np.ndarray, across: np.ndarray, down: np.ndarray) -> np.ndarray:
    """The same without interpolation, for streaks and while marching."""
    side = texture.shape[0]
    column, row = (across + 16.0 * side).astype(np.int32), (down + 16.0 * side).astype(np.int32)
    return texture.ravel().take((row & (side - 1)) * side + (column & (side - 1)))
