"""Strips of trees, grass and stones standing side by side: what rows are planted with. Made once, from a fixed seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..spectral_noise import F, smoothstep

_SEED = 4711
_HEIGHT = 96
_LENGTH = 2048


@dataclass(frozen=True)
class Strip:
    """Things side by side, repeating along x; row 0 is the top. One entry a level, each half of the one before.

    Attributes:
        cover: `[height, length]`, 0..1.
        light: `[height, length]`, -1 in the shade to 1 in light from the right.
        accent: `[height, length]`, 0..1: blossoms, or what snow would lie on.
        rank: `[length]` of the first level, in 0..1, one number for each thing: those below a density are shown.
    """

    cover: list[np.ndarray]
    light: list[np.ndarray]
    accent: list[np.ndarray]
    rank: np.ndarray


class _Sketch:
    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.cover, self.light, self.accent = (np.zeros((_HEIGHT, _LENGTH), F) for _ in range(3))
        self.rank = np.ones(_LENGTH, F)

    def put(self, centre: float, half: int, cover: np.ndarray, light: np.ndarray, accent: np.ndarray) -> None:
        """Lay a patch `[_HEIGHT, 2 half]` over what is there."""
        columns = (int(centre) - half + np.arange(2 * half)) % _LENGTH
        below = 1 - cover
        self.light[:, columns] = self.light[:, columns] * below + light * cover
        self.accent[:, columns] = self.accent[:, columns] * below + accent * cover
        self.cover[:, columns] = self.cover[:, columns] * below + cover

    def done(self) -> Strip:
        levels = [(self.cover, self.light, self.accent)]
        while len(levels[-1][0]) > 3:
            cover, light, accent = levels[-1]
            weight = _halved(cover)
            safe = np.maximum(weight, F(1e-3))
            levels.append((weight, _halved(light * cover) / safe, _halved(accent * cover) / safe))
        fields = [[level[field] for level in levels] for field in range(3)]
        return Strip(fields[0], fields[1], fields[2], self.rank)


def _halved(field: np.ndarray) -> np.ndarray:
    return (field[::2, ::2] + field[1::2, ::2] + field[::2, 1::2] + field[1::2, 1::2]) * F(0.25)


def _grid(half: int, height: float) -> tuple[np.ndarray, np.ndarray]:
    """Across the patch from -1 to 1, and the height above the ground in units of the thing's own, `[_HEIGHT, 1]`."""
    x = ((np.arange(2 * half) + 0.5) / half - 1).astype(F)[None]
    return x, ((_HEIGHT - np.arange(_HEIGHT) - 0.5) / (_HEIGHT * height)).astype(F)[:, None]


def _row_of(
    spacing: tuple[float, float], draw: Callable[[_Sketch, float, float], None], seed: int, room: float = 1.0
) -> Strip:
    """Things at random distances, in units of the strip's height; each has its own columns of the rank."""
    sketch = _Sketch(np.random.default_rng([_SEED, seed]))
    rng = sketch.rng
    x = 0.0
    while x < _LENGTH - spacing[0] * _HEIGHT * 0.5:
        width = rng.uniform(*spacing) * _HEIGHT
        draw(sketch, x + width / 2, width * room / 2)
        sketch.rank[int(x) : int(x + width) + 1] = rng.random()
        x += width
    return sketch.done()


def conifer(
    x: np.ndarray, up: np.ndarray, tiers: float, grain: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A fir seen at each place.

    Args:
        x: -1 to 1 over its width, `[1, columns]`.
        up: 0 at its foot to 1 at its tip, `[rows, 1]`.
        tiers: Number of its tiers of branches.
        grain: Unevenness of its needles, `[rows, columns]` of standard deviation 1.

    Returns:
        Its coverage, light from the right (-1..1) and where snow would lie (0..1), `[rows, columns]` each.
    """
    within = (up * F(tiers) + np.abs(x) * F(0.8) + F(0.10) * grain) % 1  # 0 at a tier's lower edge
    outline = (F(1.02) - up).clip(0, 1) ** F(0.85) * (1 - F(0.38) * within)
    cover = smoothstep(-0.05, 0.05, outline + F(0.07) * grain - np.abs(x)) * (up < 1) * (up > 0.06)
    trunk = (np.abs(x) < 0.05) * (up <= 0.10) * (up > 0)
    light = 0.75 * x / (outline + F(0.15)) + 0.9 * (within - F(0.55)) + 0.35 * (up - F(0.5)) + 0.2 * grain
    snow = smoothstep(0.35, 0.8, within + F(0.02) * grain) * (up > 0.1)
    return np.maximum(cover, trunk).astype(F), light.clip(-1, 1).astype(F), snow.astype(F)


def _conifer(sketch: _Sketch, centre: float, reach: float) -> None:
    rng, half = sketch.rng, max(int(reach), 4)
    x, up = _grid(half, rng.uniform(0.5, 1.0) if rng.random() < 0.5 else rng.uniform(0.75, 1.0))
    grain = rng.normal(size=(_HEIGHT, 2 * half)).astype(F)
    sketch.put(centre, half, *conifer(x, up, rng.uniform(9, 13), grain))


def _broadleaf(sketch: _Sketch, centre: float, reach: float) -> None:
    rng, half = sketch.rng, max(int(reach), 4)
    height = rng.uniform(0.7, 1.0)
    x, up = _grid(half, height)
    aspect = half / (_HEIGHT * height)
    trunk = np.abs(x + 0.0) < 0.045 + 0.05 * smoothstep(0.15, 0.0, up)
    none = np.zeros((_HEIGHT, 2 * half), F)
    sketch.put(centre, half, (trunk * (up < 0.5) * 1.0).astype(F), none - F(0.75), none)
    for _ in range(26):
        angle, distance = rng.uniform(0, 2 * np.pi), np.sqrt(rng.random())
        middle_x, middle_y = 0.62 * distance * np.cos(angle), 0.62 + 0.25 * distance * np.sin(angle)
        radius = rng.uniform(0.10, 0.17)
        across, rise = (x - F(middle_x)) * F(aspect) / F(radius), (up - F(middle_y)) / F(radius)
        ragged = (rng.normal(size=none.shape) * 0.16).astype(F)
        inside = 1 - across**2 - rise**2 + ragged
        light = 0.55 * across + 0.6 * rise + 0.9 * (middle_y - 0.66) / 0.3 + 0.35 * middle_x + 1.4 * ragged
        crown = smoothstep(-0.1, 0.15, inside)
        sketch.put(centre, half, crown, light.clip(-1, 1).astype(F), smoothstep(0.0, 0.6, rise) + none)


def _bush(sketch: _Sketch, centre: float, reach: float) -> None:
    rng, half = sketch.rng, max(int(reach), 4)
    x, up = _grid(half, 1.0)
    aspect = half / _HEIGHT
    none = np.zeros((_HEIGHT, 2 * half), F)
    top = rng.uniform(0.35, 0.9)
    for _ in range(18):
        middle_x = rng.uniform(-0.68, 0.68)
        middle_y = rng.uniform(0.0, 1.0) * top * (1 - 0.8 * middle_x**2)
        radius = rng.uniform(0.12, 0.22)
        across, rise = (x - F(middle_x)) * F(aspect) / F(radius), (up - F(middle_y)) / F(radius)
        ragged = (rng.normal(size=none.shape) * 0.2).astype(F)
        light = 0.5 * across + 0.6 * rise + 0.9 * (middle_y / top - 0.55) + 1.2 * ragged
        crown = smoothstep(-0.1, 0.2, 1 - across**2 - rise**2 + ragged)
        sketch.put(centre, half, crown, light.clip(-1, 1).astype(F), smoothstep(0.0, 0.6, rise) + none)


def _blades(sketch: _Sketch, centre: float, reach: float, count: int, flowers: int) -> None:
    """A tuft: curved blades, each lighter towards its tip, and stalks with a blossom."""
    rng, half = sketch.rng, max(int(reach), 8)
    x, up = _grid(half, 1.0)
    none = np.zeros((_HEIGHT, 2 * half), F)
    pixel = F(1 / half)
    for index in range(count + flowers):
        blossom = index >= count
        foot, lean = rng.uniform(-0.75, 0.75), rng.normal() * (0.12 if blossom else 0.25)
        height = rng.uniform(0.55, 0.95) if blossom else rng.uniform(0.25, 1.0) * (1 - 0.5 * foot**2)
        along = up / F(height)
        middle = F(foot) + F(lean) * along**2
        width = pixel * (0.5 if blossom else 1.9) * (1.15 - along) + pixel * 0.25
        cover = ((width - np.abs(x - middle)) / pixel + 0.5).clip(0, 1) * (along < 1)
        light = none + F(rng.normal() * 0.3 - 0.25) + along * F(0.8)
        sketch.put(centre, half, cover.astype(F), light.clip(-1, 1).astype(F), none)
        if blossom:
            across, rise = (x - F(foot + lean)) * half, (up - F(height)) * _HEIGHT
            radius = rng.uniform(2.6, 4.4)
            disc = (radius - np.sqrt(across**2 + (rise * 1.3) ** 2) + 0.5).clip(0, 1).astype(F)
            sketch.put(centre, half, disc, (none + rise / F(6)).clip(-1, 1).astype(F), none + 1)


def _stone(sketch: _Sketch, centre: float, reach: float) -> None:
    rng, half = sketch.rng, max(int(reach), 4)
    x, up = _grid(half, rng.uniform(0.3, 1.0))
    bump = sum(F(rng.normal() * 0.08) * np.cos(F(k) * np.arctan2(up, x) + F(rng.random() * 6)) for k in range(2, 7))
    inside = 1 - (x / 0.85) ** 2 - up**2 + bump
    facets = F(0.5) * np.sign(np.sin(x * F(5) + up * F(rng.uniform(-4, 4)) + F(rng.random() * 6)))
    light = 0.6 * x + 0.8 * (up - 0.5) + 0.3 * facets + (rng.normal(size=inside.shape) * 0.15).astype(F)
    cover = smoothstep(-0.04, 0.06, inside).astype(F)
    sketch.put(centre, half, cover, light.clip(-1, 1).astype(F), smoothstep(0.5, 0.8, up + 0 * x).astype(F))


@lru_cache(maxsize=1)
def strips() -> dict[str, Strip]:
    """All strips by name, made at the first call."""
    return {
        "conifers": _row_of((0.30, 0.56), _conifer, 1, 1.15),
        "broadleaf": _row_of((0.75, 1.25), _broadleaf, 2, 1.05),
        "bushes": _row_of((0.9, 1.8), _bush, 3, 1.1),
        "grass": _row_of((0.35, 0.6), lambda s, c, r: _blades(s, c, r, 17, 0), 4, 1.7),
        "flowers": _row_of((0.45, 0.8), lambda s, c, r: _blades(s, c, r, 12, 3), 5, 1.6),
        "reeds": _row_of((0.5, 1.1), lambda s, c, r: _blades(s, c, r, 11, 0), 6, 0.9),
        "stones": _row_of((1.4, 2.6), _stone, 7),
    }
