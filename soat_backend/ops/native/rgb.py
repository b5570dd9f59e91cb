"""To colours, and doubling the size of an RGB skip, each one pass and a step of autograd (`rgb.cpp`)."""

from __future__ import annotations

import math
from typing import Any, cast

import torch
import torch.nn.functional as F

from ..filters import fir_kernel
from .arguments import as_map
from .binding import call

# Of the colours that a map becomes: up to RGBA's.
COLOURS = range(1, 5)


def to_rgb(
    x: torch.Tensor, weight: torch.Tensor, style: torch.Tensor, bias: torch.Tensor, clamp: float | None = None
) -> torch.Tensor:
    """With gradients of all that goes in."""
    x = as_map(x.expand(max(x.shape[0], style.shape[0]), -1, -1, -1))
    modulated = (weight.float().flatten(1)[None] * style.float()[:, None]).contiguous()
    return cast(torch.Tensor, _ToRGB.apply(x, modulated, bias.float(), clamp))


class _ToRGB(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any, modulated: Any, bias: Any, clamp: Any) -> torch.Tensor:
        batch, channels, height, width = x.shape
        colours = len(bias)
        rgb = torch.empty(batch, colours, height, width, dtype=torch.float32, device=x.device)
        stride = colours * channels if len(modulated) > 1 else 0
        limit = math.inf if clamp is None else clamp
        call("to_rgb", x.dtype, x, rgb, batch, height * width, channels, colours, modulated, stride, bias, limit)
        ctx.save_for_backward(x, modulated, None if clamp is None else rgb)
        ctx.clamp = clamp
        return rgb

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        x, modulated, rgb = ctx.saved_tensors
        if rgb is not None:
            gradient = gradient * (rgb.abs() < ctx.clamp)
        # Each pixel is a row: both gradients are products of matrices, of the map as it lies in memory.
        rows = gradient.flatten(2).to(x.dtype)  # [B, colours, H W]
        of_x = (rows.transpose(1, 2) @ modulated.to(x.dtype)).transpose(1, 2).unflatten(2, x.shape[2:])
        of_modulated = (rows @ x.permute(0, 2, 3, 1).flatten(1, 2)).float()
        if len(modulated) < len(x):
            of_modulated = of_modulated.sum(0, keepdim=True)
        return of_x, of_modulated, gradient.sum((0, 2, 3)), None


def upsample_rgb(rgb: torch.Tensor) -> torch.Tensor:
    """With its gradient; of float32 only."""
    return cast(torch.Tensor, _UpsampleRGB.apply(rgb))


class _UpsampleRGB(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rgb: torch.Tensor) -> torch.Tensor:
        batch, channels, height, width = rgb.shape
        out = rgb.new_empty(batch, channels, 2 * (height - 2), 2 * (width - 2))
        call("upsample_rgb", None, rgb.contiguous(), out, batch * channels, height - 2, width - 2)
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        # The filter is symmetric: what a value was spread over is gathered with the same shares.
        kernel = fir_kernel(gradient.device, gradient.dtype).expand(gradient.shape[1], 1, 4, 4)
        return F.conv2d(gradient, kernel, stride=2, padding=3, groups=gradient.shape[1])
