"""3x3 layers by Winograd's minimal filtering: a quarter of the multiplications, with the same result.

4 x 4 results come from a tile of 6 x 6 values, F(4 x 4, 3 x 3): tile and kernel become the values of polynomials at six
points in each direction, where their convolution is one multiplication a point. Doubling layers take F(3, 2) for the
places between the old ones, and one tap for the old ones.
Source: Winograd, "Arithmetic Complexity of Computations", 1980; Lavin and Gray, "Fast Algorithms for Convolutional
Neural Networks", 2016 (arXiv 1509.09308), section 4, with other points (`kernels.WINOGRAD_POINTS`). The reference is
`scaled_window`, `convolve` and `finish`, one after the other.
"""

from __future__ import annotations

import math

import torch

from ..geometry.canvas import Canvas, Window
from . import native
from .finish import native_numbers
from .native.binding import empty_map, suits, wants_gradient
from .window import native_window

# Results of a tile in each direction, and how few tiles don't make up for weights that are so much more to read.
_TILE, _FEWEST_TILES = 4, 16
_DOUBLING_TILE, _FEWEST_DOUBLING_TILES = 3, 64


def pays(window: Window, *tensors: torch.Tensor | None, doubles: bool = False) -> bool:
    """Whether a layer should be run by `winograd_layer`, or by `winograd_phases` if it doubles.

    Args:
        window: What it reads, without halo.
        tensors: All that go into the layer, the map first.
        doubles: Whether it doubles the size.
    """
    x = tensors[0]
    if x is None or wants_gradient(*tensors) or not suits(x) or not (library := native.library()):
        return False
    if doubles and x.dtype == torch.bfloat16 and library.multiplies_bfloat16:
        # Three fifths of the multiplications in float32 are slower than all of them in half the time.
        return False
    return enough_tiles(window.height, window.width, doubles)


def enough_tiles(height: int, width: int, doubles: bool) -> bool:
    """Whether a map makes up for weights that are more to read."""
    tile, fewest = (_DOUBLING_TILE, _FEWEST_DOUBLING_TILES) if doubles else (_TILE, _FEWEST_TILES)
    tiles = math.ceil(height / tile) * math.ceil(width / tile)
    wasteful = tiles * tile**2 > 1.5 * height * width
    return tiles >= fewest and not wasteful


def winograd_layer(
    x: torch.Tensor,
    canvas: Canvas,
    window: Window,
    weights: torch.Tensor,
    style: torch.Tensor,
    scale: torch.Tensor,
    bias: torch.Tensor,
    noise: torch.Tensor | None,
    clamp: float | None,
) -> torch.Tensor:
    """What `scaled_window`, `convolve` and `finish` do one after the other, if `pays` says so.

    Args:
        x: `[B, C_in, canvas.height, canvas.width]`.
        canvas: What x covers.
        window: What to make of it.
        weights: The layer's, `Kernels.winograd`.
        style: `[B or 1, C_in]` float32.
        scale: Demodulation, `[B or 1, C_out]` float32.
        bias: `[C_out]`.
        noise: Already scaled, `[B or 1, 1, window.height, window.width]` float32, or None.
        clamp: Output limit, or None.

    Returns:
        `[B, C_out, window.height, window.width]` of x's dtype.
    """
    library = native.library()
    assert library is not None, "`pays` was asked"
    x, (rows, columns), own_style = native_window(x, canvas, window, style, halo=1)
    out = empty_map(x, window.height, window.width, len(bias))
    numbers = native_numbers(len(x), scale, bias, noise, clamp)
    library.call("winograd", x.dtype, x, weights, out, *x.shape[:2], len(bias), *rows, *columns, *own_style, *numbers)
    return out


def winograd_phases(
    x: torch.Tensor, canvas: Canvas, window: Window, weights: torch.Tensor, channels: int, style: torch.Tensor
) -> tuple[torch.Tensor, ...]:
    """What `scaled_window` and `convolve_in_phases` do one after the other, if `pays` says so.

    Args:
        x: `[B, C_in, canvas.height, canvas.width]`.
        canvas: What x covers.
        window: What to read of it.
        weights: The layer's, `Kernels.winograd_doubling`.
        channels: C_out.
        style: `[B or 1, C_in]` float32.

    Returns:
        Four maps of x's dtype, with window.height + 2 rows if they are even ones, one less if odd; columns likewise.
    """
    library = native.library()
    assert library is not None, "`pays` was asked"
    x, (rows, columns), own_style = native_window(x, canvas, window, style, halo=1)
    maps = tuple(
        empty_map(x, rows[2] - odd_row, columns[2] - odd_column, channels)
        for odd_row in (0, 1)
        for odd_column in (0, 1)
    )
    library.call("winograd_doubling", x.dtype, x, weights, *maps, *x.shape[:2], channels, *rows, *columns, *own_style)
    return maps


def winograd_plain(x: torch.Tensor, weights: torch.Tensor, channels: int) -> torch.Tensor:
    """The convolution of a map `[B, C_in, H, W]`, zeros around it, to `[B, channels, H, W]`; nothing else."""
    library = native.library()
    assert library is not None, "`pays` was asked"
    canvas = Canvas(*x.shape[2:])
    ones = torch.ones(1, x.shape[1], dtype=torch.float32, device=x.device)
    x, (rows, columns), style = native_window(x, canvas, canvas.window, ones, halo=1)
    out = empty_map(x, x.shape[2], x.shape[3], channels)
    library.call("winograd_plain", x.dtype, x, weights, out, *x.shape[:2], channels, *rows, *columns, *style)
    return out
