"""What native operators take, made of what operators are called with."""

from __future__ import annotations

import math

import torch

from ...geometry.canvas import Canvas, Window

# Of rows or of columns: the canvas's size, where the window begins, its length, whether the canvas wraps.
Axis = tuple[int, int, int, int]


def as_map(x: torch.Tensor) -> torch.Tensor:
    """A map as native operators read it, channels innermost; itself if it lies so already."""
    return x.contiguous(memory_format=torch.channels_last)


def empty_map(like: torch.Tensor, height: int, width: int, channels: int | None = None) -> torch.Tensor:
    """A map of the batch, channels (unless they are named) and type of another beside it, not filled, channels-last."""
    shape = (like.shape[0], like.shape[1] if channels is None else channels, height, width)
    return torch.empty(shape, dtype=like.dtype, device=like.device, memory_format=torch.channels_last)


def window_arguments(
    x: torch.Tensor, canvas: Canvas, window: Window, style: torch.Tensor, halo: int
) -> tuple[torch.Tensor, tuple[Axis, Axis], tuple[torch.Tensor, int]]:
    """A window and its style: the map, rows and columns, the style and how far it is from one picture's to the next's.

    Args:
        x: `[B, C, canvas.height, canvas.width]`.
        canvas: What x covers.
        window: What to read.
        style: `[B or 1, C]`.
        halo: Pixels more on every side.
    """
    x = as_map(x.expand(max(x.shape[0], style.shape[0]), -1, -1, -1))
    rows = (canvas.height, window.top - halo, window.height + 2 * halo, int(canvas.wrap_y))
    columns = (canvas.width, window.left - halo, window.width + 2 * halo, int(canvas.wrap_x))
    style = style.float().contiguous()
    return x, (rows, columns), (style, style.shape[1] if style.shape[0] > 1 else 0)


def finish_arguments(
    batch: int, scale: torch.Tensor, bias: torch.Tensor, noise: torch.Tensor | None, clamp: float | None
) -> tuple[torch.Tensor | float | None, ...]:
    """What finishes a layer: scale, noise and how far it is from one picture's to the next's, bias, limit.

    Args:
        batch: B.
        scale: `[B or 1, C]`.
        bias: `[C]`.
        noise: `[B or 1, 1, H, W]`, or None.
        clamp: Output limit, or None.
    """
    scale, noise = scale.expand(batch, -1).float(), None if noise is None else noise.float()
    stride = 0 if noise is None or noise.shape[0] < batch else noise.shape[2] * noise.shape[3]
    limit = math.inf if clamp is None else clamp
    own_noise = None if noise is None else noise.contiguous()
    return scale.contiguous(), own_noise, stride, bias.float().contiguous(), limit
