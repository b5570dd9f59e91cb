"""What a layer reads of its input for a window of its output, and how the filters between lie to it."""

from __future__ import annotations

from dataclasses import dataclass

from ...geometry.canvas import Canvas, Window
from ...ops import Padding, Rates
from .shapes import LayerShape


@dataclass(frozen=True)
class Reading:
    """How a window of a layer's output is made.

    Attributes:
        window: What the convolution reads of the layer's input; beyond a canvas that doesn't wrap there are zeros.
        padding: As of `filtered_leaky_relu`.
    """

    window: Window
    padding: Padding


def plan_reading(shape: LayerShape, canvas: Canvas, window: Window) -> Reading:
    """Plan how a window of a layer's output is made.

    Source: StyleGAN3's padding, as said by where each sample lies: window and whole are the same numbers.

    Args:
        shape: The layer's.
        canvas: At its input.
        window: Of the canvas at its output.
    """
    rates, more = Rates(shape.up, shape.down, shape.up_taps, shape.down_taps), shape.kernel - 1

    def axis(start: int, length: int, size: int, wraps: bool) -> tuple[tuple[int, int], tuple[int, int]]:
        # Of what the convolution makes, which is larger than the canvas, and has no bias beyond its rim.
        return rates.samples(start, length, -_lead(shape, wraps), None if wraps else size + more)

    (row, rows), along = axis(window.top, window.height, canvas.height, canvas.wrap_y)
    (column, columns), across = axis(window.left, window.width, canvas.width, canvas.wrap_x)
    return Reading(Window(row - more, column - more, rows + more, columns + more), (across, along))


def _lead(shape: LayerShape, wraps: bool) -> int:
    """Where the first of the samples that output 0 is made of lies, from the convolution's output 0, at the inner rate.

    On an axis that wraps nothing has a margin, and samples are counted from the picture's edge.
    """
    lead = -shape.padding[0]
    if wraps:
        # An odd kernel's middle lies over the sample it is for; without a margin, outputs begin by it earlier.
        lead += shape.out_margin * shape.down - shape.in_margin * shape.up
    return lead
