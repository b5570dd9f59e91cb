"""A mountain range as a height field: spurs that come down towards the viewer, cut by gullies, seen from the front."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..spectral_noise import F, smoothstep
from .palettes import mix
from .scene import Scene, random_origin, smoothed, wrap_smoothly
from .textures import textures

# Columns beyond each border, as a share of the side: spurs and shadows come in from there.
MARGIN = 0.12

_FOOT_BELOW_BASE = 0.32  # of the range's height
_SUN_SLOPE = 0.55  # the height that a shadow loses for each pixel of its length


@dataclass(frozen=True)
class Shape:
    """What tells one kind of range from another.

    Attributes:
        falloff: How steeply spurs fall from the crest: above 1 they are hollow, below 1 round.
        gullies: Depth of the gullies, as a share of the range's height.
        fineness: Of the gullies' width: 1 for four or so to a summit.
        terraces: Share of the height that lies in steps, 0..1.
    """

    falloff: float
    gullies: float
    fineness: float
    terraces: float = 0.0


SHAPES = {
    "mountains": Shape(1.25, 0.30, 1.0),
    "alps": Shape(1.35, 0.34, 1.1),
    "hills": Shape(0.85, 0.10, 0.6),
    "mesas": Shape(0.9, 0.16, 1.2, 0.75),
    "dunes": Shape(0.8, 0.03, 0.35),
}


@dataclass(frozen=True)
class Face:
    """What is seen of a range at each pixel of some rows of the canvas, `[rows, side]` each.

    Attributes:
        first: The first of the rows.
        cover: Antialiased coverage.
        height: Above the foot, 1 for a high summit.
        nearness: 0 at the crest, 1 at the foot.
        relief: How much it faces the light, around 0, of standard deviation 1.
        shadow: 1 where another part of the range stands in the light.
        steepness: 0 level, 1 a wall.
        amplitude: Height of a high summit, as a share of the side.
        crest_height: `[side]`, height of the crest.
        ground: `[steps, side]`, y of the ground from the crest to the foot, infinite where it is hidden.
    """

    first: int
    cover: np.ndarray
    height: np.ndarray
    nearness: np.ndarray
    relief: np.ndarray
    shadow: np.ndarray
    steepness: np.ndarray
    amplitude: float
    crest_height: np.ndarray
    ground: np.ndarray


def margin_of(scene: Scene) -> int:
    """Columns beyond each border that a crest needs."""
    return int(scene.side * MARGIN)


def raise_range(scene: Scene, kind: str, crest: np.ndarray, base: float, amplitude: float, lift: float) -> Face:
    """Build a range and look at it.

    Args:
        scene: Where it will stand.
        kind: Key of `SHAPES`.
        crest: `[margin + side + margin]`, height of the crest, 1 for a high summit.
        base: y of its foot.
        amplitude: Height of a high summit, as a share of the side.
        lift: Added to all heights, as a share of the side.
    """
    shape, side = SHAPES[kind], scene.side
    pixels = amplitude * side
    steps = int(np.clip(1.3 * pixels, 24, 0.3 * side))
    heights = _heights(scene, shape, crest, steps, pixels)
    relief, shadow, steepness = _light(scene, heights, pixels)
    margin = margin_of(scene)
    inside = slice(margin, margin + side)
    heights, relief, shadow, steepness = (field[:, inside] for field in (heights, relief, shadow, steepness))
    nearness = np.linspace(0, 1, steps, dtype=F)[:, None]
    y = base - lift + F(amplitude) * (F(_FOOT_BELOW_BASE) * nearness - heights)
    # From the foot up: what is seen is what rises above all that is nearer.
    skyline = np.minimum.accumulate(y[::-1], 0)[::-1]
    first = max(int(skyline[0].min() * side) - 1, 0)
    last = min(int((base + 0.10) * side), side)
    if last <= first:
        first, last = 0, 0
    cover = scene.below(skyline[0].astype(F), first, last)
    step = _visible_step(scene, skyline, first, last)
    column = np.arange(side)[None]
    ground = np.where(y <= skyline + F(0.5 / side), y, np.inf)
    return Face(
        first, cover, heights[step, column], nearness[step, 0], relief[step, column], shadow[step, column],
        steepness[step, column], amplitude, crest[inside], ground,
    )  # fmt: skip


def _visible_step(scene: Scene, skyline: np.ndarray, first: int, last: int) -> np.ndarray:
    """Which step of the range is seen at each pixel: the nearest whose skyline is above it."""
    centre = scene.position[first:last, None]
    above = np.zeros((last - first, scene.side), np.int16)
    for line in skyline[1:]:
        above += line[None] <= centre
    return above


def _heights(scene: Scene, shape: Shape, crest: np.ndarray, steps: int, pixels: float) -> np.ndarray:
    """`[steps, margin + side + margin]`: 0 at the foot, the crest at the crest."""
    rng, texel = scene.rng, scene.texel
    which = int(rng.integers(3))
    row, column = random_origin(rng)
    scale = F(rng.uniform(0.8, 1.25)) * F(shape.fineness)
    columns = np.arange(len(crest), dtype=F)[None] * F(texel)  # of the reference canvas
    nearness = np.linspace(0, 1, steps, dtype=F)[:, None]
    forward = nearness * F(pixels * texel * 1.6)
    # Spurs run down from the summits and wander.
    bend = wrap_smoothly(textures().cumulus[which], row + forward * F(0.7), column + columns * F(0.7))
    spur = columns / F(texel) + bend * nearness * (2 - nearness) * F(0.05 * scene.side)
    spur = spur.clip(0, len(crest) - 1).astype(np.int32)
    # What is small on the crest ends near it.
    smooth, smoother = (smoothed(crest, share * scene.side) for share in (0.012, 0.035))
    summit = mix(mix(crest[spur], smooth[spur], np.minimum(nearness * 6, 1)), smoother[spur], nearness)
    heights = summit * (1 - nearness) ** F(shape.falloff) * (1 + F(0.12) * bend * nearness)
    if shape.terraces:
        heights = _terraced(heights, F(shape.terraces))
    # Gullies leave a spur to its two sides, leaning outwards on their way down.
    slope = np.gradient(heights, axis=1) * F(pixels)
    to_the_right = smoothstep(0.35, -0.35, slope)
    lean = F(1.1)
    down, across = row + forward * scale * F(1.3), column + columns * scale * F(1.6)
    texture = textures().gullies[which]
    gullies = wrap_smoothly(texture, down, across - lean * down)
    gullies = gullies + (wrap_smoothly(texture, down, across + lean * down) - gullies) * (1 - to_the_right)
    deep = np.minimum(nearness * F(3.5), 1) * np.minimum((1 - nearness) * F(2.5), 1)
    return (heights + gullies * deep * F(shape.gullies * 0.33) * (F(0.3) + heights)).astype(F)


def _terraced(heights: np.ndarray, amount: np.float32) -> np.ndarray:
    """Cliffs and ledges, as of layers of hard and soft rock."""
    layers = heights * F(3.2)
    floor = np.floor(layers)
    stepped = (floor + smoothstep(0.25, 0.75, layers - floor)) / F(3.2)
    return heights + (stepped - heights) * amount


def _light(scene: Scene, heights: np.ndarray, pixels: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How much the ground faces the light, where it lies in shadow, and how steep it is."""
    tall = heights * F(pixels)
    across = np.gradient(tall, axis=1)
    towards = np.gradient(tall, axis=0) * F(len(heights) / (pixels * 1.6))
    squared = across * across + towards * towards
    length = np.sqrt(1 + squared)
    relief = (F(-0.8 * scene.light) * across - F(0.30) * towards + F(0.5)) / length
    relief = (relief - relief.mean()) / (relief.std() + F(1e-3))
    lit_line = tall - F(_SUN_SLOPE * scene.light) * np.arange(tall.shape[1], dtype=F)[None]
    towards_light = -1 if scene.light > 0 else 1
    highest = np.maximum.accumulate(lit_line[:, ::towards_light], 1)[:, ::towards_light]
    shadow = ((highest - lit_line) * F(scene.texel) * F(0.25)).clip(0, 1)
    return relief.clip(-2.2, 2.2), shadow, smoothstep(0.3, 2.2, np.sqrt(squared))
