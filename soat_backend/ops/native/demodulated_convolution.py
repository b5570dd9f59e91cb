"""A convolution that is scaled before and after it, in one pass (`winograd.cpp`), and as one step of autograd."""

from __future__ import annotations

from typing import Any, cast

import torch

from ...geometry.canvas import Canvas, Window
from ..kernels import Kernels
from ..modulation import demodulation
from .arguments import as_map
from .binding import call
from .winograd import scaled_convolution


def demodulated_convolution(
    x: torch.Tensor, canvas: Canvas, window: Window, style: torch.Tensor, kernels: Kernels, gain: float | torch.Tensor
) -> torch.Tensor:
    """`reference.demodulated_convolution` of 3x3 kernels in C++, without gradient."""
    scale = demodulation(style, kernels.power) * gain
    return scaled_convolution(x, canvas, window, style, kernels.winograd, kernels.out_channels, scale)


def demodulated_convolution_with_gradient(
    x: torch.Tensor, canvas: Canvas, window: Window, style: torch.Tensor, kernels: Kernels, gain: float | torch.Tensor
) -> torch.Tensor:
    """With gradients of x and the style, for canvases that don't wrap."""
    assert not canvas.wrap_y and not canvas.wrap_x, "`dispatch` looks"
    batch = max(len(x), len(style))
    x, style = x.expand(batch, -1, -1, -1), style.expand(batch, -1).float()
    scale = demodulation(style, kernels.power) * gain
    return cast(torch.Tensor, _WithGradient.apply(x, style, scale, canvas, window, kernels))


class _WithGradient(torch.autograd.Function):
    """What is kept is the map before it and after it."""

    @staticmethod
    def forward(ctx: Any, x: Any, style: Any, scale: Any, canvas: Canvas, window: Window, kernels: Kernels) -> Any:
        x = as_map(x)
        out = scaled_convolution(x, canvas, window, style, kernels.winograd, kernels.out_channels, scale)
        ctx.save_for_backward(x, style.contiguous(), scale, out)
        ctx.canvas, ctx.window, ctx.kernels = canvas, window, kernels
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        x, style, scale, out = ctx.saved_tensors
        gradient = as_map(gradient)
        of_scale = (gradient * out).sum((2, 3), dtype=torch.float32) / scale
        # All of the canvas, as it lies to the window, beyond which nothing was made of it.
        result = Canvas(ctx.window.height, ctx.window.width)
        whole = Window(-ctx.window.top, -ctx.window.left, ctx.canvas.height, ctx.canvas.width)
        of_x = scaled_convolution(gradient, result, whole, scale, ctx.kernels.winograd_transposed, x.shape[1])
        of_style = torch.zeros_like(style)
        pixels, channels = x.shape[2] * x.shape[3], x.shape[1]
        # In its place: the gradient of what was scaled becomes that of what it was made of.
        call("scaling_gradient", x.dtype, of_x, x, len(x), pixels, channels, style, channels, of_style)
        return of_x, of_style, of_scale, None, None, None
