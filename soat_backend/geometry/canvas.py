"""The canvas a feature map covers, windows of it, and reading them with a halo across borders that are zero or wrap.

Two units: *pixels* of the layer at hand, and *lengths*, of which 1 has as many pixels as the layer's sampling rate: the
side of the picture of a model that begins with 4 x 4. Geometry that outlives a layer is kept in lengths.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F


@dataclass(frozen=True)
class Canvas:
    """Size in pixels, and whether the left edge continues at the right one (x), the top at the bottom (y)."""

    height: int
    width: int
    wrap_y: bool = False
    wrap_x: bool = False

    @property
    def window(self) -> Window:
        """The window that covers the whole canvas."""
        return Window(0, 0, self.height, self.width)


@dataclass(frozen=True)
class Window:
    """A rectangle of a canvas in pixels; on a canvas that wraps it may reach over the right or bottom edge."""

    top: int
    left: int
    height: int
    width: int

    def in_steps(self, step: int, canvas: Canvas) -> Window:
        """The smallest window around this one whose edges are multiples of a step, as layers that grow need it."""
        top, left = self.top // step * step, self.left // step * step
        height = min(-(-(self.top + self.height - top) // step) * step, canvas.height)
        width = min(-(-(self.left + self.width - left) // step) * step, canvas.width)
        return Window(top, left, height, width)

    def scaled(self, factor: int) -> Window:
        """The window of a layer whose resolution is so many times as high."""
        return Window(self.top * factor, self.left * factor, self.height * factor, self.width * factor)

    def halved(self) -> Window:
        """The window that a doubling layer reads to write this one."""
        return Window(self.top // 2, self.left // 2, self.height // 2, self.width // 2)

    def rows(self, canvas: Canvas) -> torch.Tensor:
        """The canvas's rows that this window covers, `[height]`, as numbers from 0."""
        return _positions(self.top, self.height, canvas.height, canvas.wrap_y)

    def columns(self, canvas: Canvas) -> torch.Tensor:
        """The canvas's columns that this window covers, `[width]`, as numbers from 0."""
        return _positions(self.left, self.width, canvas.width, canvas.wrap_x)

    def pieces(self, canvas: Canvas) -> Iterator[tuple[tuple[slice, slice], tuple[slice, slice]]]:
        """Split at the seams of a canvas that wraps: (slices of the canvas, slices of the window)."""
        for canvas_rows, rows in _pieces(self.top, self.height, canvas.height):
            for canvas_columns, columns in _pieces(self.left, self.width, canvas.width):
                yield (canvas_rows, canvas_columns), (rows, columns)


def _positions(start: int, length: int, size: int, wraps: bool) -> torch.Tensor:
    positions = torch.arange(start, start + length, device="cpu")
    return positions % size if wraps else positions


def _pieces(start: int, length: int, size: int) -> Iterator[tuple[slice, slice]]:
    inside = min(length, size - start)
    yield slice(start, start + inside), slice(0, inside)
    if inside < length:
        yield slice(0, length - inside), slice(inside, length)


def read(x: torch.Tensor, canvas: Canvas, window: Window, halo: int) -> torch.Tensor:
    """Read a window and a halo around it; outside the canvas there are zeros, or its other side where it wraps.

    Args:
        x: `[B, C, canvas.height, canvas.width]`.
        canvas: What x covers.
        window: What to read.
        halo: Pixels more on every side.

    Returns:
        `[B, C, window.height + 2 halo, window.width + 2 halo]`.
    """
    x, above, below = _read_axis(x, 2, window.top - halo, window.height + 2 * halo, canvas.wrap_y)
    x, before, after = _read_axis(x, 3, window.left - halo, window.width + 2 * halo, canvas.wrap_x)
    return F.pad(x, (before, after, above, below)) if before or after or above or below else x


def _read_axis(x: torch.Tensor, axis: int, start: int, length: int, wraps: bool) -> tuple[torch.Tensor, int, int]:
    size = x.shape[axis]
    if start == 0 and length == size:
        # The very map: a view of all of it would cost the gradient a copy.
        return x, 0, 0
    if wraps:
        index = torch.arange(start, start + length, device=x.device) % size
        return x.index_select(axis, index), 0, 0
    first, last = max(start, 0), min(start + length, size)
    return x.narrow(axis, first, last - first), first - start, start + length - last


def around(canvas: Canvas, window: Window, halo: int) -> Window:
    """A window and a halo around it, cut off at edges that don't wrap."""
    top, height = _around(window.top, window.height, halo, canvas.height, canvas.wrap_y)
    left, width = _around(window.left, window.width, halo, canvas.width, canvas.wrap_x)
    return Window(top, left, height, width)


def _around(start: int, length: int, halo: int, size: int, wraps: bool) -> tuple[int, int]:
    if wraps:
        return start - halo, length + 2 * halo
    first, last = max(start - halo, 0), min(start + length + halo, size)
    return first, last - first


def meet(first: tuple[float, float], second: tuple[float, float], period: float | None) -> bool:
    """Whether two stretches (begin, end) of an axis have something in common; on a circle of that length, if any."""
    if period is None:
        return first[0] < second[1] and second[0] < first[1]
    if first[1] - first[0] >= period:
        return True
    nearest = math.floor((second[0] - first[0]) / period)
    turns = [(nearest + k) * period for k in (-1, 0, 1, 2)]
    return any(first[0] + turn < second[1] and second[0] < first[1] + turn for turn in turns)


def support(values: torch.Tensor, canvas: Canvas) -> Window | None:
    """The smallest window outside which a map is zero; None if it is zero everywhere.

    Args:
        values: `[B, 1, H or 1, W or 1]`; a side of length 1 stands for the same value all along the canvas.
        canvas: What the map covers.
    """
    nonzero = (values != 0).flatten(0, 1).any(dim=0)
    rows = _axis_support(nonzero.any(dim=1), canvas.height, canvas.wrap_y)
    columns = _axis_support(nonzero.any(dim=0), canvas.width, canvas.wrap_x)
    if rows is None or columns is None:
        return None
    return Window(rows[0], columns[0], rows[1], columns[1])


def _axis_support(nonzero: torch.Tensor, size: int, wraps: bool) -> tuple[int, int] | None:
    positions = nonzero.nonzero().flatten().cpu()
    if len(positions) == 0:
        return None
    if len(nonzero) == 1:
        return 0, size
    if not wraps or len(positions) == size:
        return int(positions[0]), int(positions[-1] - positions[0]) + 1
    # On a circle the support is what the longest run of zeros leaves over.
    gaps = torch.cat((positions[1:], positions[:1] + size)) - positions
    longest = int(gaps.argmax())
    start = int(positions[(longest + 1) % len(positions)])
    return start % size, size - int(gaps[longest]) + 1
