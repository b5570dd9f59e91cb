"""3x3 convolutions by Winograd's minimal filtering: a quarter of the multiplications, with the same result.

4 x 4 results come from a tile of 6 x 6 values, F(4 x 4, 3 x 3): tile and kernel become the values of polynomials at six
points in each direction, where their convolution is one multiplication a point. Doubling layers take F(3, 2) for the
places between the old ones, and one tap for the old ones. Calculated in float32, whatever the maps' type.
Source: Winograd, "Arithmetic Complexity of Computations", 1980; Lavin and Gray, "Fast Algorithms for Convolutional
Neural Networks", 2016 (arXiv 1509.09308), section 4, with other points (`kernels.WINOGRAD_POINTS`).
"""

from __future__ import annotations

import torch

from ...geometry.canvas import Canvas, Window
from ..kernels import Kernels
from .arguments import empty_map, finish_arguments, window_arguments
from .binding import call


def finished_convolution(
    x: torch.Tensor,
    canvas: Canvas,
    window: Window,
    style: torch.Tensor,
    kernels: Kernels,
    scale: torch.Tensor,
    bias: torch.Tensor,
    noise: torch.Tensor | None,
    clamp: float | None,
) -> torch.Tensor:
    """`modulated_convolution` and `finish` of a layer that doesn't double, in one pass, without gradient.

    Returns:
        `[B, C_out, window.height, window.width]` of x's dtype.
    """
    x, (rows, columns), own_style = window_arguments(x, canvas, window, style, halo=1)
    out = empty_map(x, window.height, window.width, len(bias))
    numbers = finish_arguments(len(x), scale, bias, noise, clamp)
    sizes = (*x.shape[:2], len(bias))
    call("winograd", x.dtype, x, kernels.winograd, out, *sizes, *rows, *columns, *own_style, *numbers)
    return out


def convolution_in_phases(
    x: torch.Tensor, canvas: Canvas, window: Window, style: torch.Tensor, kernels: Kernels
) -> tuple[torch.Tensor, ...]:
    """`modulated_convolution` of a layer that doubles, in one pass, without gradient.

    Returns:
        Four maps of x's dtype, as of `convolve_in_phases`.
    """
    x, (rows, columns), own_style = window_arguments(x, canvas, window, style, halo=1)
    channels = kernels.out_channels
    maps = tuple(
        empty_map(x, rows[2] - odd_row, columns[2] - odd_column, channels)
        for odd_row in (0, 1)
        for odd_column in (0, 1)
    )
    sizes = (*x.shape[:2], channels)
    call("winograd_doubling", x.dtype, x, kernels.winograd_doubling, *maps, *sizes, *rows, *columns, *own_style)
    return maps


def scaled_convolution(
    x: torch.Tensor,
    canvas: Canvas,
    window: Window,
    style: torch.Tensor,
    weights: torch.Tensor,
    channels: int,
    scale: torch.Tensor | None = None,
) -> torch.Tensor:
    """A convolution of a window, scaled before and after it, in one pass, without gradient.

    Args:
        x: `[B, C_in, canvas.height, canvas.width]`.
        canvas: What x covers.
        window: What to make; it and a halo of one around it may reach beyond the canvas.
        style: `[B or 1, C_in]`.
        weights: At Winograd's points, as of `Kernels.winograd`.
        channels: C_out.
        scale: `[B or 1, C_out]`, or None.

    Returns:
        `[B, C_out, window.height, window.width]` of x's dtype.
    """
    x, (rows, columns), own_style = window_arguments(x, canvas, window, style, halo=1)
    out = empty_map(x, window.height, window.width, channels)
    own_scale = None if scale is None else scale.expand(len(x), -1).float().contiguous()
    sizes = (*x.shape[:2], channels)
    call("winograd_plain", x.dtype, x, weights, out, *sizes, *rows, *columns, *own_style, own_scale)
    return out


def convolution_backwards(of_result: torch.Tensor, kernels: Kernels) -> torch.Tensor:
    """The gradient of a 3x3 convolution's result taken back to what went in, zeros around both.

    Args:
        of_result: `[B, C_out, H, W]`.
        kernels: The convolution's.

    Returns:
        `[B, C_in, H, W]` of the same dtype.
    """
    canvas, (channels, in_channels) = Canvas(*of_result.shape[2:]), kernels.weight.shape[:2]
    ones = torch.ones(1, channels, dtype=torch.float32, device=of_result.device)
    return scaled_convolution(of_result, canvas, canvas.window, ones, kernels.winograd_transposed, in_channels)
