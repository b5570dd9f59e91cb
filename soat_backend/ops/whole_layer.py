"""A whole layer as one step of autograd: forward by what inference runs, backward in as few passes over memory.

For pictures that a code is searched for: weights that want no gradient, all of a canvas with borders of zeros. The
operators one after the other are the same, and what anything else is run by.
"""

from __future__ import annotations

from typing import Any, cast

import torch
import torch.nn.functional as F

from ..geometry.canvas import Canvas, Window
from . import native
from .finish import finish, finish_gradient
from .kernels import Kernels
from .native.binding import suits, wants_gradient
from .winograd import enough_tiles, winograd_layer, winograd_phases, winograd_plain


def is_whole_layer(
    x: torch.Tensor,
    canvas: Canvas,
    window: Window,
    style: torch.Tensor,
    kernels: Kernels,
    noise: torch.Tensor | None,
    doubles: bool,
) -> bool:
    """Whether `whole_layer` can run a layer, and should."""
    whole = window == canvas.window and not canvas.wrap_x and not canvas.wrap_y
    wanted = wants_gradient(x, style, noise) and not kernels.wants_gradient
    if not whole or not wanted or not suits(x) or native.library() is None or len(style) not in (1, len(x)):
        return False
    return enough_tiles(window.height, window.width, doubles)


def whole_layer(
    x: torch.Tensor,
    style: torch.Tensor,
    scale: torch.Tensor,
    bias: torch.Tensor,
    noise: torch.Tensor | None,
    kernels: Kernels,
    clamp: float | None,
    doubles: bool,
) -> torch.Tensor:
    """What `scaled_window`, `convolve` (or `convolve_doubled`) and `finish` do, with gradients of all but the kernels.

    Args:
        x: `[B, C_in, H, W]`.
        style: `[B or 1, C_in]` float32.
        scale: Demodulation, `[B or 1, C_out]` float32.
        bias: `[C_out]`.
        noise: Already scaled, `[B or 1, 1, h, w]` of the output's size, or None.
        kernels: The layer's.
        clamp: Output limit, or None.
        doubles: Whether it doubles the size.

    Returns:
        `[B, C_out, H, W]`, or twice as large, of x's dtype.
    """
    batch = len(x)
    scale, style = scale.expand(batch, -1).float(), style.expand(batch, -1).float()
    noise = None if noise is None else noise.float()
    return cast(torch.Tensor, _WholeLayer.apply(x, style, scale, bias.float(), noise, kernels, clamp, doubles))


class _WholeLayer(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Any, style: Any, scale: Any, bias: Any, noise: Any, kernels: Kernels, clamp: Any, doubles: bool
    ) -> torch.Tensor:
        canvas, style = Canvas(*x.shape[2:]), style.contiguous()
        x = x.contiguous(memory_format=torch.channels_last)
        if doubles:
            maps = winograd_phases(x, canvas, canvas.window, kernels.winograd_doubling, kernels.out_channels, style)
            out = finish(maps, scale, bias, noise, clamp, doubled=True)
        else:
            out = winograd_layer(x, canvas, canvas.window, kernels.winograd, style, scale, bias, noise, clamp)
        ctx.save_for_backward(x, style, scale, bias, noise, out)
        ctx.kernels, ctx.clamp, ctx.doubles = kernels, clamp, doubles
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        x, style, scale, bias, noise, out = ctx.saved_tensors
        library, kernels = native.library(), ctx.kernels
        assert library is not None, "`is_whole_layer` was asked"
        of_noise = ctx.needs_input_grad[4]
        before = 2 if ctx.doubles else 0
        of_sum, *of_numbers = finish_gradient(library, gradient, out, scale, bias, noise, ctx.clamp, of_noise, before)
        if ctx.doubles:
            # What the transposed convolution reads of the picture itself; beyond it there are only zeros.
            of_scaled = F.conv2d(of_sum, kernels.whole(of_sum.dtype).transpose(0, 1), stride=2)
            of_scaled = of_scaled.contiguous(memory_format=torch.channels_last)
        else:
            of_scaled = winograd_plain(of_sum, kernels.winograd_transposed, x.shape[1])
        of_style = torch.zeros_like(style)
        pixels = x.shape[2] * x.shape[3]
        library.call("scaling_gradient", x.dtype, of_scaled, x, len(x), pixels, x.shape[1], style, x.shape[1], of_style)
        return of_scaled, of_style, *of_numbers, None, None, None
