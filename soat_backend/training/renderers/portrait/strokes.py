"""Single hairs: thin bent lines in space, laid onto the picture where nothing is before them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..spectral_noise import F
from .brushes import CENTRE_Y, HEAD_SCALE, Canvas
from .tracing import Place

# Of two hairs that touch the same pixel both count, up to this.
_MOST_COVER = 0.95


@dataclass
class Strokes:
    """`n` lines, each a parabola from `start` through near `bend` to `end`, in the coordinates of a solid.

    Attributes:
        start: `[n, 3]`.
        bend: `[n, 3]`, the middle control point.
        end: `[n, 3]`.
        colour: `[n, 3]` linear, lit already.
        width: `[n]` or a number, at the root, in head units; they thin out towards the tip.
        strength: `[n]` or a number, 0..1.
    """

    start: np.ndarray
    bend: np.ndarray
    end: np.ndarray
    colour: np.ndarray
    width: np.ndarray | float
    strength: np.ndarray | float = 1.0


def draw_strokes(canvas: Canvas, place: Place, strokes: Strokes, tolerance: float = 0.06, taper: float = 0.85) -> None:
    """Draw lines over the picture.

    Args:
        canvas: Painted on; its depth hides what is more than `tolerance` behind it.
        place: Of the solid the lines belong to.
        strokes: They.
        tolerance: In head units.
        taper: How much thinner the tips are than the roots.
    """
    count = len(strokes.start)
    if count == 0:
        return
    points = [_to_camera(place, point) for point in (strokes.start, strokes.bend, strokes.end)]
    length = np.abs(points[1] - points[0])[:, :2].sum(1) + np.abs(points[2] - points[1])[:, :2].sum(1)
    steps = int(np.clip(np.ceil(np.percentile(length, 95) / canvas.pixel / 0.9), 3, 160)) + 1
    share = np.linspace(0, 1, steps, dtype=F)[None, :, None]
    path = points[0][:, None] * (1 - share) ** 2 + points[1][:, None] * (2 * share * (1 - share))
    path += points[2][:, None] * share**2
    scale = F(canvas.side * HEAD_SCALE)
    column = path[..., 0] * scale + F(canvas.side * 0.5 - 0.5)
    row = F(canvas.side * CENTRE_Y - 0.5) - path[..., 1] * scale
    # A point stands for a piece of the line: its area is what it covers.
    piece = (length / canvas.pixel / (steps - 1))[:, None]
    width = np.broadcast_to(np.asarray(strokes.width, F), (count,))[:, None] / F(canvas.pixel)
    strength = np.broadcast_to(np.asarray(strokes.strength, F), (count,))[:, None]
    amount = piece * width * strength * (1 - F(taper) * share[..., 0])
    _splat(canvas, row, column, path[..., 2], amount, strokes.colour, tolerance)


def _to_camera(place: Place, points: np.ndarray) -> np.ndarray:
    return (points.astype(F) @ place.axes.T.astype(F) + place.origin.astype(F)).astype(F)


def _splat(
    canvas: Canvas,
    row: np.ndarray,
    column: np.ndarray,
    depth: np.ndarray,
    amount: np.ndarray,
    colour: np.ndarray,
    tolerance: float,
) -> None:
    """Spread each point over the four pixels around it."""
    side = canvas.side
    top, left = np.floor(row).astype(np.int32), np.floor(column).astype(np.int32)
    seen = (top >= 0) & (top < side - 1) & (left >= 0) & (left < side - 1)
    before = canvas.depth.take(np.clip(top, 0, side - 1) * side + np.clip(left, 0, side - 1))
    seen &= depth > before - F(tolerance)
    which = np.nonzero(seen)[0]
    if len(which) == 0:
        return
    row, column, top, left, amount = (field[seen] for field in (row, column, top, left, amount))
    low, right = row - top, column - left
    index = np.concatenate([(top + i) * side + left + j for i in (0, 1) for j in (0, 1)])
    shares = [(low if i else 1 - low) * (right if j else 1 - right) * amount for i in (0, 1) for j in (0, 1)]
    weight = np.concatenate(shares)
    first, last = int(top.min()), int(top.max()) + 2
    index -= first * side
    size = (last - first) * side
    total = np.bincount(index, weight, size)
    tint = np.empty((3, size), F)
    for channel in range(3):
        mean = np.bincount(index, weight * np.tile(colour[which, channel], 4), size)
        tint[channel] = mean / np.maximum(total, 1e-6)
    alpha = (F(_MOST_COVER) * (1 - np.exp(-total * F(1 / _MOST_COVER)))).astype(F).reshape(-1, side)
    image = canvas.image[first:last]
    image += (tint.reshape(3, -1, side).transpose(1, 2, 0) - image) * alpha[..., None]
