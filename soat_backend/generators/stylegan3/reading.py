"""What a layer reads of its input for a window of its output, and how the filters between lie to it."""

from __future__ import annotations

from dataclasses import dataclass

from ...geometry.canvas import Canvas, Window
from .shapes import LayerShape


@dataclass(frozen=True)
class Reading:
    """How a window of a layer's output is made.

    Attributes:
        window: What the convolution reads of the layer's input; beyond a canvas that doesn't wrap there are zeros.
        zeros: Samples (left, right, above, below) to be put around what the convolution makes: places beyond the rim of
            the canvas, where there is no bias.
        padding: As of `filtered_leaky_relu`.
        rows: Which of the rows that come out are the window's.
        columns: The same of the columns.
    """

    window: Window
    zeros: tuple[int, int, int, int]
    padding: tuple[int, int]
    rows: slice
    columns: slice


@dataclass(frozen=True)
class _AxisPlan:
    """One axis of a Reading: where the convolution's outputs begin, how many, and what is put around and cut off."""

    first: int
    count: int
    zeros: tuple[int, int]
    padding: tuple[int, int]
    skip: int


def plan_reading(shape: LayerShape, canvas: Canvas, window: Window) -> Reading:
    """Plan how a window of a layer's output is made.

    Source: StyleGAN3's padding, as said by where each sample lies: window and whole are the same numbers.

    Args:
        shape: The layer's.
        canvas: At its input.
        window: Of the canvas at its output.
    """
    axes = (
        (window.top, window.height, canvas.height, canvas.wrap_y),
        (window.left, window.width, canvas.width, canvas.wrap_x),
    )
    y, x = (_direct(shape, *axis) for axis in axes)
    if y.padding != x.padding:
        # The filters take one padding for both axes.
        y, x = (_aligned(shape, *axis) for axis in axes)
    before = shape.kernel - 1
    read = Window(y.first - before, x.first - before, y.count + before, x.count + before)
    rows, columns = slice(y.skip, y.skip + window.height), slice(x.skip, x.skip + window.width)
    return Reading(read, (*x.zeros, *y.zeros), y.padding, rows, columns)


def _lead(shape: LayerShape, wraps: bool) -> int:
    """Where the first of the samples that output 0 is made of lies, from the convolution's output 0, at the inner rate.

    On an axis that wraps nothing has a margin, and samples are counted from the picture's edge.
    """
    lead = -shape.padding[0]
    if wraps:
        # An odd kernel's middle lies over the sample it is for; without a margin, outputs begin by it earlier.
        lead += shape.out_margin * shape.down - shape.in_margin * shape.up
    return lead


def _needed(shape: LayerShape, start: int, length: int, wraps: bool) -> tuple[int, int, int, int]:
    """Of outputs from `start`: the first and the number of the convolution's outputs, and the padding around them."""
    first_inner = start * shape.down + _lead(shape, wraps)
    inner = (length - 1) * shape.down + shape.up_taps + shape.down_taps - 1
    first = -(-first_inner // shape.up)
    count = (first_inner + inner - 1) // shape.up - first + 1
    before = first * shape.up - first_inner
    return first, count, before, inner - before - count * shape.up


def _direct(shape: LayerShape, start: int, length: int, size: int, wraps: bool) -> _AxisPlan:
    """Just the outputs that are asked for; what lies beyond the canvas is left to the filters' own padding."""
    first, count, before, after = _needed(shape, start, length, wraps)
    if wraps:
        return _AxisPlan(first, count, (0, 0), (before, after), 0)
    cut_before = max(-first, 0)
    cut_after = max(first + count - (size + shape.kernel - 1), 0)
    padding = (before + cut_before * shape.up, after + cut_after * shape.up)
    return _AxisPlan(first + cut_before, count - cut_before - cut_after, (0, 0), padding, 0)


def _aligned(shape: LayerShape, start: int, length: int, size: int, wraps: bool) -> _AxisPlan:
    """Some outputs more, so that the padding is the same wherever the window lies."""
    skip = (start * shape.down + _lead(shape, wraps)) % shape.up // shape.down
    start, length = start - skip, -(-(length + skip) // shape.growth) * shape.growth
    first, count, before, after = _needed(shape, start, length, wraps)
    if wraps:
        return _AxisPlan(first, count, (0, 0), (before, after), skip)
    cut_before = min(max(-first, 0), count - 1)
    cut_after = min(max(first + count - (size + shape.kernel - 1), 0), count - 1 - cut_before)
    return _AxisPlan(first + cut_before, count - cut_before - cut_after, (cut_before, cut_after), (before, after), skip)
