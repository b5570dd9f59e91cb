"""What goes into a convolution: a window of the canvas with its halo, scaled by the style."""

from __future__ import annotations

import torch

from ..geometry.canvas import Canvas, Window, read
from . import native
from .native.binding import empty_map, suits, wants_gradient


def scaled_window(x: torch.Tensor, canvas: Canvas, window: Window, style: torch.Tensor, halo: int) -> torch.Tensor:
    """Read a window of the canvas and scale its channels.

    Args:
        x: `[B, C, canvas.height, canvas.width]`.
        canvas: What x covers.
        window: What to read.
        style: `[B or 1, C]` float32.
        halo: Pixels more on every side; zeros outside the canvas, or its other side where it wraps.

    Returns:
        `[B, C, window.height + 2 halo, window.width + 2 halo]` of x's dtype.
    """
    if suits(x) and not wants_gradient(x, style) and (library := native.library()):
        return _native(library, x, canvas, window, style, halo)
    return read(x, canvas, window, halo) * style.to(x.dtype)[:, :, None, None]


def _native(
    library: native.Library, x: torch.Tensor, canvas: Canvas, window: Window, style: torch.Tensor, halo: int
) -> torch.Tensor:
    x, (rows, columns), (style, stride) = native_window(x, canvas, window, style, halo)
    out = empty_map(x, rows[2], columns[2])
    library.call("scaled_window", x.dtype, x, out, *x.shape[:2], *rows, *columns, style, stride)
    return out


_Axis = tuple[int, int, int, int]


def native_window(
    x: torch.Tensor, canvas: Canvas, window: Window, style: torch.Tensor, halo: int
) -> tuple[torch.Tensor, tuple[_Axis, _Axis], tuple[torch.Tensor, int]]:
    """A window and its style as native operators take them: the map, rows and columns, the style and its stride.

    Rows and columns: the canvas's size, where the window begins, its length, whether the canvas wraps.
    """
    x = x.expand(max(x.shape[0], style.shape[0]), -1, -1, -1).contiguous(memory_format=torch.channels_last)
    rows = (canvas.height, window.top - halo, window.height + 2 * halo, int(canvas.wrap_y))
    columns = (canvas.width, window.left - halo, window.width + 2 * halo, int(canvas.wrap_x))
    style = style.float().contiguous()
    return x, (rows, columns), (style, style.shape[1] if style.shape[0] > 1 else 0)
