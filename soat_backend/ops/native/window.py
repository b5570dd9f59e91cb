"""A window of the canvas with its halo, scaled by the style, in one pass (`window.cpp`)."""

from __future__ import annotations

import torch

from ...geometry.canvas import Canvas, Window
from .arguments import empty_map, window_arguments
from .binding import call


def scaled_window(x: torch.Tensor, canvas: Canvas, window: Window, style: torch.Tensor, halo: int) -> torch.Tensor:
    """`reference.scaled_window` in C++, without gradient."""
    x, (rows, columns), (style, stride) = window_arguments(x, canvas, window, style, halo)
    out = empty_map(x, rows[2], columns[2])
    call("scaled_window", x.dtype, x, out, *x.shape[:2], *rows, *columns, style, stride)
    return out
