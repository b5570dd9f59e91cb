"""How a picture lies on its canvas, and where samples of a canvas lie in the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch

from .canvas import Canvas, Window

# Two by three: `x_in_picture = a x + b y + c`, `y_in_picture = d x + e y + f`.
Affine = tuple[float, float, float, float, float, float]
_CENTRED: Affine = (1.0, 0.0, -0.5, 0.0, 1.0, -0.5)
# On a canvas that wraps, a picture's far sides meet where it is least seen; how much of the canvas fades there.
_SEAM, _LONGEST_SEAM = 0.25, 0.25


def compose(outer: Affine, inner: Affine) -> Affine:
    """The map that does the inner one first, then the outer one."""
    a, b, c, d, e, f = outer
    g, h, i, j, k, m = inner
    return (a * g + b * j, a * h + b * k, a * i + b * m + c, d * g + e * j, d * h + e * k, d * i + e * m + f)


@dataclass(frozen=True)
class Axis:
    """Places along one axis of a window: positions in pictures from the canvas's beginning, and their share.

    Attributes:
        positions: `[n]` float64.
        share: `[n]` float64, or None for 1 everywhere.
    """

    positions: torch.Tensor
    share: torch.Tensor | None = None


@dataclass(frozen=True)
class Places:
    """Where the samples of a window lie in a picture: each of some rows with each of some columns.

    Attributes:
        matrix: From the canvas to the picture, both in pictures; the picture's middle is (0, 0), y points down.
        rows: One, or two that fade into each other where a canvas that wraps meets itself.
        columns: The same across.
    """

    matrix: Affine
    rows: tuple[Axis, ...]
    columns: tuple[Axis, ...]


@dataclass(frozen=True)
class Frame:
    """How a picture lies on its canvas.

    Attributes:
        matrix: From places on the canvas, in pictures from its top left corner, to places in the picture.
        period_y: Height after which the canvas begins anew, in pictures, for a part cut out of one that wraps.
        period_x: The same across.
    """

    matrix: Affine = _CENTRED
    period_y: float | None = None
    period_x: float | None = None

    def moved(self, down: float, right: float) -> Frame:
        """The same after all of the canvas moved, in pictures."""
        return self.before((1.0, 0.0, -right, 0.0, 1.0, -down))

    def before(self, matrix: Affine) -> Frame:
        """The same, of a canvas whose places are first mapped by a matrix to those of this one."""
        return replace(self, matrix=compose(self.matrix, matrix))

    def periodic(self, period_y: float | None, period_x: float | None) -> Frame:
        """The same on a canvas that begins anew after a length in pictures; None leaves an axis as it is."""
        return replace(self, period_y=period_y or self.period_y, period_x=period_x or self.period_x)

    @property
    def middle(self) -> tuple[float, float]:
        """Where the picture's middle lies on the canvas: down and to the right of its corner, in pictures."""
        a, b, c, d, e, f = self.matrix
        area = a * e - b * d
        return (d * c - a * f) / area, (b * f - e * c) / area

    def places(self, rate: int, margin: int, canvas: Canvas, window: Window) -> Places:
        """Where a window's samples lie in the picture.

        Args:
            rate: Samples along a picture's side.
            margin: Samples beyond each edge of a canvas that doesn't wrap.
            canvas: At that rate, with the margin.
            window: Of that canvas.
        """
        middle_y, middle_x = self.middle
        period_y = canvas.height / rate if canvas.wrap_y else self.period_y
        period_x = canvas.width / rate if canvas.wrap_x else self.period_x
        rows = _positions(window.top, window.height, 0 if canvas.wrap_y else margin, rate)
        columns = _positions(window.left, window.width, 0 if canvas.wrap_x else margin, rate)
        return Places(self.matrix, _around(rows, middle_y, period_y), _around(columns, middle_x, period_x))


def _positions(start: int, count: int, margin: int, rate: int) -> torch.Tensor:
    return (torch.arange(start, start + count, dtype=torch.float64, device="cpu") - margin + 0.5) / rate


def _around(positions: torch.Tensor, middle: float, period: float | None) -> tuple[Axis, ...]:
    """Positions of an axis; where it wraps, as seen from the picture's middle, and faded where its far sides meet.

    Both sides are heard with shares whose squares sum to 1: they have nothing in common, and so the sum is as loud as
    each.
    """
    if period is None:
        return (Axis(positions),)
    away = (positions - middle + period / 2) % period - period / 2
    seam = min(_SEAM * period, _LONGEST_SEAM)
    # From the seam, in [0, period / 2]; half of each side there, all of one at the fade's end.
    depth = ((period / 2 - away.abs()) / seam).clamp(0.0, 1.0)
    angle = (1.0 + depth) * (math.pi / 4)
    beyond = away - torch.where(away < 0, -period, period)
    return Axis(away + middle, angle.sin()), Axis(beyond + middle, angle.cos())
