"""Tileable textures of hair for fine canvases: strands that part and meet again, and ringlets."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..spectral_noise import TEXTURE_SIDE, F, texture_noise

SIDE = 256
# Channels of both textures.
TONE, SLOPE_ACROSS, SLOPE_DOWN, GAP, REACH = range(5)
_SEED = 11
# Strands of three widths on a texture's side: locks, the tresses they are made of, and hairs.
_LOCKS, _TRESSES, _HAIRS = 5, 14, 44
# Ringlets on a side, and turns of each.
_RINGLETS, _TURNS = 10, 9


def _noise(rng: np.random.Generator, low: float, high: float, stretch: float = 1.0) -> np.ndarray:
    step = TEXTURE_SIDE // SIDE
    return texture_noise(rng, 2.0, low, high, stretch)[::step, ::step]


@lru_cache(maxsize=1)
def strand_texture() -> np.ndarray:
    """`[SIDE, SIDE, 5]` float32; strands run along the rows' axis, made at the first call.

    Channels: tone (mean 0, deviation 1), slope across the strands, 0 (slope along), how deep a gap is (0..1), and how
    far a strand reaches (-1..1).
    """
    rng = np.random.default_rng(_SEED)
    column = np.broadcast_to(np.arange(SIDE, dtype=F)[None] / F(SIDE), (SIDE, SIDE))
    wander = _noise(rng, 1, 6, 2.0)
    texture = np.zeros((SIDE, SIDE, 5), F)
    for cells, wandering, light, steep, deep, reach in (
        (_LOCKS, 0.25, 0.45, 0.75, 0.55, 0.35),
        (_TRESSES, 0.30, 0.55, 0.65, 0.55, 0.45),
        (_HAIRS, 0.30, 0.75, 0.35, 0.20, 0.45),
    ):
        # Neighbours wander together, and a little apart.
        apart = wander * F(0.012) + _noise(rng, 2, 12, 3.0) * F(wandering / cells)
        position = (column + apart) * cells
        cell = np.floor(position)
        within = position - cell
        index = cell.astype(int) % cells
        random = rng.uniform(-1, 1, cells).astype(F)[index]
        texture[..., TONE] += light * random
        texture[..., REACH] += reach * rng.uniform(-1, 1, cells).astype(F)[index]
        texture[..., SLOPE_ACROSS] += steep * (within * 2 - 1)
        texture[..., GAP] += deep * np.exp(-((np.minimum(within, 1 - within) * F(1 / 0.13)) ** 2))
    texture[..., GAP] = np.clip(texture[..., GAP], 0, 1)
    _normalise(texture[..., TONE])
    return texture


@lru_cache(maxsize=1)
def ringlet_texture() -> np.ndarray:
    """The same of ringlets: locks wound about their middle, side by side; both slopes are used."""
    rng = np.random.default_rng(_SEED + 1)
    cells = _RINGLETS
    grid = np.arange(SIDE, dtype=F) / F(SIDE)
    phase = _noise(rng, 1, 5) * F(0.35)
    # A lock is wide where it turns to the viewer and narrow between.
    turn = F(2 * np.pi) * (grid[:, None] * _TURNS + phase)
    position = (grid[None] + _noise(rng, 1, 5) * F(0.018)) * cells + F(0.22) * np.sin(turn)
    cell = np.floor(position)
    across = (position - cell) * 2 - 1
    index = cell.astype(int) % cells
    # Neighbours are wound out of step.
    wound = turn + rng.uniform(0, 2 * np.pi, cells).astype(F)[index] + across * F(1.9)
    hairs = np.sin(wound * 0.5 + across * 7) * F(0.5) + np.sin(wound * 1.0 - across * 13 + index) * F(0.4)
    texture = np.zeros((SIDE, SIDE, 5), F)
    light = rng.uniform(-1, 1, cells).astype(F)[index]
    texture[..., TONE] = 0.45 * light + 0.75 * np.cos(wound) + 0.5 * hairs - 0.8 * across**4
    texture[..., SLOPE_ACROSS] = 0.9 * across + 0.3 * np.sin(wound)
    texture[..., SLOPE_DOWN] = 0.9 * np.sin(wound)
    between = np.exp(-(((1 - np.abs(across)) * F(1 / 0.22)) ** 2))
    texture[..., GAP] = np.clip(0.8 * between + 0.55 * np.exp((np.cos(wound + np.pi) - 1) * 3), 0, 1)
    texture[..., REACH] = np.clip(0.5 * light + 0.6 * np.cos(wound) - 0.5 * between, -1, 1)
    _normalise(texture[..., TONE])
    return texture


def _normalise(channel: np.ndarray) -> None:
    channel -= channel.mean()
    channel /= channel.std()


def sample_channels(texture: np.ndarray, across: np.ndarray, down: np.ndarray) -> list[np.ndarray]:
    """Read all channels of a tileable `[side, side, channels]` at real texel coordinates, interpolating linearly."""
    side, _, channels = texture.shape
    across, down = across + F(16 * side), down + F(16 * side)  # positive, so that truncation is floor
    column, row = across.astype(np.int32), down.astype(np.int32)
    column_share, row_share = (across - column.astype(F))[..., None], (down - row.astype(F))[..., None]
    upper, lower = (row & (side - 1)) * side, ((row + 1) & (side - 1)) * side
    left, right = column & (side - 1), (column + 1) & (side - 1)
    texels = texture.reshape(-1, channels)
    above = texels.take(upper + left, 0)
    above += (texels.take(upper + right, 0) - above) * column_share
    below = texels.take(lower + left, 0)
    below += (texels.take(lower + right, 0) - below) * column_share
    above += (below - above) * row_share
    return [np.ascontiguousarray(above[..., channel]) for channel in range(channels)]
