"""Ridges: mountains, alps, hills and mesas in layers of rising contrast, with facets, snow, forests and mist."""

from __future__ import annotations

import numpy as np

from ..noise import F, smoothstep
from .palettes import mix
from .scene import Scene, crest, crop, fir_line, random_origin, wrap
from .textures import textures

_KINDS = ("mountains", "alps", "hills", "mesas", "mixed")
_KIND_ODDS = (0.28, 0.30, 0.20, 0.08, 0.14)
_KIND_HEIGHT = {"hills": 0.62, "mesas": 0.7}


def paint_ridges(scene: Scene, has_water: bool) -> None:
    """Two to four ridges from far to near."""
    rng, palette = scene.rng, scene.palette
    count = int(rng.integers(2, 5))
    kind = _KINDS[rng.choice(5, p=_KIND_ODDS)]
    snowy = rng.random() < palette.snow
    relief = rng.uniform(0.10, 0.36)
    mistiness = F(rng.uniform(0.3, 0.9))
    for index in range(count):
        nearness = F(index / (count - 1)) if count > 1 else F(0.5)
        ridge_kind = _kind_of(rng, kind, index, count)
        amplitude = relief * (1 - 0.62 * nearness) * rng.uniform(0.75, 1.25) * _KIND_HEIGHT.get(ridge_kind, 1.0)
        _paint_ridge(scene, ridge_kind, nearness, amplitude, snowy, mistiness, has_water)


def _kind_of(rng: np.random.Generator, kind: str, index: int, count: int) -> str:
    if kind == "mixed":
        kind = "alps" if index == 0 else "mountains" if index < count - 1 else "hills"
    nearest_of_many = index == count - 1 and count > 2
    if kind in ("mountains", "alps") and nearest_of_many and rng.random() < 0.6:
        return "hills"
    return kind


def _paint_ridge(
    scene: Scene,
    kind: str,
    nearness: np.float32,
    amplitude: float,
    snowy: bool,
    mistiness: np.float32,
    has_water: bool,
) -> None:
    rng, palette = scene.rng, scene.palette
    zoom = rng.uniform(0.24, 0.62) * (1 - 0.2 * nearness) * (1.0 if kind != "hills" else 1.1)
    profile = crest(scene, getattr(textures(), kind), zoom)
    base = scene.horizon + F(0.012) + nearness * F(0.03 if has_water else 0.06)
    top = (base - F(amplitude) * profile - F(0.01) * (1 - nearness)).astype(F)
    forest = bool(nearness > 0.45 and rng.random() < 0.15 and kind != "mesas")
    if forest:
        tallest = 0.018 + 0.035 * nearness
        top = top - fir_line(scene, int(60 + 60 * (1 - nearness)), tallest * 0.3, tallest, 2.6)
    first = max(int(top.min() * scene.side) - 1, 0)
    last = min(int((base + 0.10) * scene.side), scene.side)
    if last <= first:
        return
    top = np.minimum(top, base)
    cover = scene.below(top, first, last)
    depth = (scene.position[first:last, None] - top[None]) / F(max(amplitude, 0.03))  # under the crest, 0..1 and more
    relief, rock = _relief(scene, kind, forest, nearness, amplitude, profile, top, depth, first)

    haze = mix(palette.horizon, palette.middle, F(0.25))
    colour = mix(
        mix(palette.far, palette.near, F(0.16) * (1 - nearness)), palette.near, nearness ** F(1.15) * F(0.92) + F(0.04)
    )
    contrast = F(0.13 + 0.13 * nearness) * (F(0.55) if palette.night else 1)
    sunlight = (palette.sun - 0.5) * (F(0.10) * np.maximum(relief, 0) * (1 - palette.night))[..., None]
    lit = colour[None, None] * (1 + relief * contrast)[..., None] + sunlight
    if snowy and kind in ("mountains", "alps") and not forest:
        lit = _snow(scene, lit, nearness, profile, depth, relief, rock, haze)
    mist = smoothstep(0.15, 1.25, depth) * mistiness * F(0.75 - 0.55 * nearness)
    lit = mix(lit, haze, mist[..., None])
    region = scene.image[first:last]
    region += (lit - region) * cover[..., None]
    scene.mark("ridge", cover, first)


def _relief(
    scene: Scene,
    kind: str,
    forest: bool,
    nearness: np.float32,
    amplitude: float,
    profile: np.ndarray,
    top: np.ndarray,
    depth: np.ndarray,
    first: int,
) -> tuple[np.ndarray, np.ndarray]:
    """How much each place faces the light, and the height of the rock's texture there (for the snow line)."""
    rng = scene.rng
    rows = len(depth)
    which = int(rng.integers(3))
    row, column = random_origin(rng)
    scale = F(1.15 - 0.35 * nearness) * F(rng.uniform(0.8, 1.25)) * scene.texel
    y = scene.position[first : first + rows, None] * scene.side
    down = row + (y - 0.35 * top[None] * scene.side) * scale * 0.8
    # Leaning towards the light, so that creases run down the flanks instead of hanging straight like curtains.
    across = column + (np.arange(scene.side)[None] + F(0.7 * scene.light) * (y - top[None] * scene.side)) * scale
    relief = wrap(textures().rock_slope[which], down, across) * F(scene.light)
    rock = wrap(textures().rock[which], down, across)
    if kind != "hills":
        relief = relief * F(0.6) + _facing(scene, profile, amplitude, depth, rock)
    if forest or kind == "hills":
        relief = relief * F(0.45) + crop(scene, textures().grain[0], 1.3, 1.3, rows) * F(0.35) * nearness
    return relief, rock


def _facing(scene: Scene, profile: np.ndarray, amplitude: float, depth: np.ndarray, rock: np.ndarray) -> np.ndarray:
    """The lit and the shadowed flank of each summit, parted by a ridge that wanders as it comes down."""
    width = 2 * int(8 / scene.texel) + 1
    smooth = np.convolve(np.pad(profile, width // 2, mode="edge"), np.ones(width) / width, "valid")
    slope = (np.gradient(smooth).astype(F) * scene.side * F(amplitude * scene.light) * 1.2).clip(-1.5, 1.5)
    wander = (rock * F(7) - F(16 * scene.light)) * np.minimum(depth, 1.0) / F(scene.texel)
    column = (np.arange(scene.side)[None] + wander).astype(np.int32).clip(0, scene.side - 1)
    return slope[column] * np.exp(-depth * F(0.7))


def _snow(
    scene: Scene,
    lit: np.ndarray,
    nearness: np.float32,
    profile: np.ndarray,
    depth: np.ndarray,
    relief: np.ndarray,
    rock: np.ndarray,
    haze: np.ndarray,
) -> np.ndarray:
    """Snow above a line that follows the crest and the rock, shaded where it turns from the light."""
    palette = scene.palette
    line = F(0.34 + 0.3 * palette.snow) * (1.1 - 0.55 * nearness)
    amount = smoothstep(0.16, -0.10, depth - line * (profile[None] * 1.25 - 0.15) + 0.12 * rock) * F(0.95)
    white = mix(palette.cloud_lit, np.ones(3, F) * (0.35 if palette.night else 1.0), F(0.4))
    white = mix(white, haze, F(0.25) * (1 - nearness))
    shade = mix(palette.cloud_shade, palette.near, F(0.15))
    snow = mix(white, shade, (0.42 - 0.42 * relief).clip(0, 0.85)[..., None])
    return mix(lit, snow, amount[..., None])
