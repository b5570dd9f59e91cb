"""Rows of things that stand on the ground, planted one before the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..spectral_noise import F
from .palettes import mix
from .scene import Scene
from .sprites import Strip, strips


@dataclass(frozen=True)
class Paint:
    """Colours of a row, RGB `[3]` each: in the shade, in the light, and of blossoms or snow, if these are shown."""

    shade: np.ndarray
    light: np.ndarray
    accent: np.ndarray | None = None


def plant(
    scene: Scene,
    name: str,
    ground: np.ndarray,
    height: float,
    paint: Paint,
    density: np.ndarray | float = 1.0,
    scatter: float = 0.0,
    outlined: bool = False,
) -> None:
    """Plant a row along a line of the ground.

    Args:
        scene: What to paint on.
        name: Key of `strips()`.
        ground: `[side]`, y of the feet; where it is infinite nothing stands.
        height: Of the tallest, as a share of the side.
        paint: The row's colours.
        density: Share of things to show, `[side]` or one number.
        scatter: How far some stand before the line and others behind it, as a share of their height.
        outlined: Whether its outline counts as that of the region marked last.
    """
    strip, side = strips()[name], scene.side
    offset = int(scene.details.integers(len(strip.rank)))
    pixels = height * side
    finite = np.isfinite(ground)
    if pixels < 0.8 or not finite.any():
        return
    level, column = _columns(scene, strip, pixels, offset)
    rank = strip.rank[column << level]
    # Numbers of each thing's own.
    size, forward = F(0.7) + F(0.35) * (rank * 7.3 % 1), (rank * 13.7 % 1) - F(0.5)
    feet = (np.where(finite, ground, 0) + F(scatter * height) * forward) * F(side)
    first = max(int(feet[finite].min() - pixels) - 1, 0)
    last = min(int(feet[finite].max()) + 1, side)
    if last <= first:
        return
    shown = (finite & (rank < density)).astype(F)
    cover, light, accent = strip.cover[level], strip.light[level], strip.accent[level]
    tall = len(cover)
    above = (feet[None] - np.arange(first, last, dtype=F)[:, None] - F(0.5)) * (F(tall / pixels) / size)[None]
    row = tall - 1 - np.floor(above).astype(np.int32)
    inside = (row >= 0) & (row < tall)
    row = row.clip(0, tall - 1)
    amount = cover[row, column[None]] * (inside * shown[None])
    lit = light[row, column[None]] * F(0.5) + F(0.5)
    colour = mix(paint.shade, paint.light, lit[..., None])
    if paint.accent is not None:
        # On small things it is mixed with what is around it.
        share = accent[row, column[None]] * F(min(0.5 + pixels / 80, 1))
        colour = mix(colour, paint.accent * (F(0.72) + F(0.28) * lit[..., None]), share[..., None])
    region = scene.image[first:last]
    region += (colour - region) * amount[..., None]
    if outlined:
        scene.grow(amount, first)


def _columns(scene: Scene, strip: Strip, pixels: float, offset: int) -> tuple[int, np.ndarray]:
    """The level nearest to the size wanted, and which of its columns is at each of the canvas."""
    level = 0
    while level < len(strip.cover) - 1 and len(strip.cover[level + 1]) >= pixels * 0.75:
        level += 1
    tall, length = strip.cover[level].shape
    step = tall / pixels
    column = np.floor((offset >> level) + np.arange(scene.side) * step).astype(np.int64) % length
    # The strips are lit from the right: a row lit from the left is the mirror image.
    if scene.light < 0:
        column = length - 1 - column
    return level, column
