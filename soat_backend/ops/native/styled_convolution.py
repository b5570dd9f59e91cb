"""A whole layer in one pass (`winograd.cpp`), and as one step of autograd: backward in as few passes over memory."""

from __future__ import annotations

from typing import Any, cast

import torch
import torch.nn.functional as F

from ...geometry.canvas import Canvas, Window
from ..kernels import Kernels
from ..modulation import demodulation
from .arguments import as_map
from .binding import call
from .finish import finish, finish_gradient
from .window import scaled_window
from .winograd import convolution_backwards, convolution_in_phases, finished_convolution


def styled_convolution(
    x: torch.Tensor,
    canvas: Canvas,
    window: Window,
    style: torch.Tensor,
    kernels: Kernels,
    bias: torch.Tensor,
    noise: torch.Tensor | None,
    clamp: float | None,
    *,
    doubled: bool,
) -> torch.Tensor:
    """`reference.styled_convolution` in C++, without gradient."""
    scale = demodulation(style, kernels.power)
    return _forward(x, canvas, window, style, kernels, scale, bias, noise, clamp, doubled)


def styled_convolution_with_gradient(
    x: torch.Tensor,
    canvas: Canvas,
    window: Window,
    style: torch.Tensor,
    kernels: Kernels,
    bias: torch.Tensor,
    noise: torch.Tensor | None,
    clamp: float | None,
    *,
    doubled: bool,
) -> torch.Tensor:
    """With gradients of all that goes in, for a window that is all of its canvas and a canvas that doesn't wrap."""
    assert window == canvas.window and not canvas.wrap_y and not canvas.wrap_x, "`dispatch` looks"
    scale = demodulation(style, kernels.power)
    scale, style = scale.expand(len(x), -1).float(), style.expand(len(x), -1).float()
    noise = None if noise is None else noise.float()
    return cast(
        torch.Tensor, _WithGradient.apply(x, style, scale, bias.float(), noise, kernels.weight, kernels, clamp, doubled)
    )


def _forward(
    x: torch.Tensor,
    canvas: Canvas,
    window: Window,
    style: torch.Tensor,
    kernels: Kernels,
    scale: torch.Tensor,
    bias: torch.Tensor,
    noise: torch.Tensor | None,
    clamp: float | None,
    doubled: bool,
) -> torch.Tensor:
    if not doubled:
        return finished_convolution(x, canvas, window, style, kernels, scale, bias, noise, clamp)
    maps = convolution_in_phases(x, canvas, window, style, kernels)
    return finish(maps, scale, bias, noise, clamp, doubled=True)


class _WithGradient(torch.autograd.Function):
    """What is kept is the map before it and after it."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Any,
        style: Any,
        scale: Any,
        bias: Any,
        noise: Any,
        _weight: Any,
        kernels: Kernels,
        clamp: Any,
        doubled: bool,
    ) -> torch.Tensor:
        canvas, style, x = Canvas(*x.shape[2:]), style.contiguous(), as_map(x)
        out = _forward(x, canvas, canvas.window, style, kernels, scale, bias, noise, clamp, doubled)
        ctx.save_for_backward(x, style, scale, bias, noise, out)
        ctx.kernels, ctx.clamp, ctx.doubled = kernels, clamp, doubled
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        x, style, scale, bias, noise, out = ctx.saved_tensors
        of_noise, before = ctx.needs_input_grad[4], 2 if ctx.doubled else 0
        of_sum, *of_numbers = finish_gradient(gradient, out, scale, bias, noise, ctx.clamp, of_noise, before)
        of_weight = _weight_gradient(x, style, of_sum, ctx.kernels, ctx.doubled) if ctx.needs_input_grad[5] else None
        if ctx.doubled:
            # What the transposed convolution reads of the picture itself; beyond it there are only zeros.
            of_scaled = as_map(F.conv2d(of_sum, ctx.kernels.whole(of_sum.dtype).transpose(0, 1), stride=2))
        else:
            of_scaled = convolution_backwards(of_sum, ctx.kernels)
        of_style = torch.zeros_like(style)
        pixels, channels = x.shape[2] * x.shape[3], x.shape[1]
        # In its place: the gradient of what was scaled becomes that of what it was made of.
        call("scaling_gradient", x.dtype, of_scaled, x, len(x), pixels, channels, style, channels, of_style)
        return of_scaled, of_style, *of_numbers, of_weight, None, None, None


def _weight_gradient(
    x: torch.Tensor, style: torch.Tensor, of_sum: torch.Tensor, kernels: Kernels, doubled: bool
) -> torch.Tensor:
    """The gradient of a convolution's weight, of what went in (scaled once more, which isn't kept) and its result's."""
    canvas, weight = Canvas(*x.shape[2:]), kernels.whole(of_sum.dtype)
    scaled = scaled_window(x, canvas, canvas.window, style, halo=0)
    if not doubled:
        return _of_weight(of_sum, scaled, weight, 1, 1).to(kernels.weight.dtype)
    # The transposed convolution is what takes a convolution's gradient back, so the two change places.
    return _of_weight(scaled, of_sum, weight.transpose(0, 1), 2, 0).transpose(0, 1).to(kernels.weight.dtype)


def _of_weight(
    of_result: torch.Tensor, x: torch.Tensor, weight: torch.Tensor, stride: int, padding: int
) -> torch.Tensor:
    every, around = [stride, stride], [padding, padding]
    only_weight = [False, True, False]
    return torch.ops.aten.convolution_backward(
        of_result, x, weight, None, every, around, [1, 1], False, [0, 0], 1, only_weight
    )[1]
