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


def convolution_backwards(of_result: torch.Tensor, kernels: Kernels) -> torch.Tensor:
    """The gradient of a 3x3 convolution's result taken back to what went in, zeros around both.

    Args:
        of_result: `[B, C_out, H, W]`.
        kernels: The convolution's.

    Returns:
        `[B, C_in, H, W]` of the same dtype.
    """
    canvas, channels = Canvas(*of_result.shape[2:]), kernels.weight.shape[1]
    ones = torch.ones(1, of_result.shape[1], dtype=torch.float32, device=of_result.device)
    x, (rows, columns), style = window_arguments(of_result, canvas, canvas.window, ones, halo=1)
    out = empty_map(x, x.shape[2], x.shape[3], channels)
    sizes = (*x.shape[:2], channels)
    call("winograd_plain", x.dtype, x, kernels.winograd_transposed, out, *sizes, *rows, *columns, *style)
    return out
