"""To RGB, and doubling the size of an RGB skip."""

from __future__ import annotations

import math
from typing import Any, cast

import torch
import torch.nn.functional as F

from . import native
from .finish import fir_kernel
from .native.binding import suits


def to_rgb(
    x: torch.Tensor, weight: torch.Tensor, style: torch.Tensor, bias: torch.Tensor, clamp: float | None = None
) -> torch.Tensor:
    """A 1x1 modulated convolution to RGB, without demodulation.

    Args:
        x: `[B, C, H, W]`.
        weight: `[3, C, 1, 1]`.
        style: `[B or 1, C]` float32, the affine layer's output times the weight's gain.
        bias: `[3]`.
        clamp: Output limit, or None.

    Returns:
        `[B, 3, H, W]` float32.
    """
    if suits(x) and (library := native.library()):
        x = x.expand(max(x.shape[0], style.shape[0]), -1, -1, -1).contiguous(memory_format=torch.channels_last)
        modulated = (weight.float().flatten(1)[None] * style.float()[:, None]).contiguous()
        return cast(torch.Tensor, _ToRGB.apply(library, x, modulated, bias.float(), clamp))
    rgb = F.conv2d(x * style.to(x.dtype)[:, :, None, None], weight.to(x.dtype)) + bias.to(x.dtype)[:, None, None]
    return (rgb if clamp is None else rgb.clamp(-clamp, clamp)).float()


class _ToRGB(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, library: native.Library, x: Any, modulated: Any, bias: Any, clamp: Any) -> torch.Tensor:
        batch, channels, height, width = x.shape
        rgb = torch.empty(batch, 3, height, width, dtype=torch.float32, device=x.device)
        stride = 3 * channels if len(modulated) > 1 else 0
        limit = math.inf if clamp is None else clamp
        library.call("to_rgb", x.dtype, x, rgb, batch, height * width, channels, modulated, stride, bias, limit)
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
        rows = gradient.flatten(2).to(x.dtype)  # [B, 3, H W]
        of_x = (rows.transpose(1, 2) @ modulated.to(x.dtype)).transpose(1, 2).unflatten(2, x.shape[2:])
        of_modulated = (rows @ x.permute(0, 2, 3, 1).flatten(1, 2)).float()
        if len(modulated) < len(x):
            of_modulated = of_modulated.sum(0, keepdim=True)
        return None, of_x, of_modulated, gradient.sum((0, 2, 3)), None


def upsample_rgb(rgb: torch.Tensor) -> torch.Tensor:
    """Double the size of an RGB skip with [1, 3, 3, 1] (Source: `upfirdn2d.upsample2d` of stylegan2-ada-pytorch).

    Args:
        rgb: `[B, 3, H + 2, W + 2]` float32, a window with a halo of one.

    Returns:
        `[B, 3, 2 H, 2 W]`.
    """
    if suits(rgb) and rgb.dtype == torch.float32 and (library := native.library()):
        return cast(torch.Tensor, _UpsampleRGB.apply(library, rgb))
    rows = torch.stack((rgb[:, :, :-1] * 0.75 + rgb[:, :, 1:] * 0.25, rgb[:, :, :-1] * 0.25 + rgb[:, :, 1:] * 0.75), 3)
    rows = rows.flatten(2, 3)[:, :, 1:-1]  # [B, 3, 2 H, W + 2]
    both = torch.stack((rows[..., :-1] * 0.75 + rows[..., 1:] * 0.25, rows[..., :-1] * 0.25 + rows[..., 1:] * 0.75), 4)
    return both.flatten(3, 4)[..., 1:-1]


class _UpsampleRGB(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, library: native.Library, rgb: torch.Tensor) -> torch.Tensor:
        batch, channels, height, width = rgb.shape
        out = rgb.new_empty(batch, channels, 2 * (height - 2), 2 * (width - 2))
        library.call("upsample_rgb", None, rgb.contiguous(), out, batch * channels, height - 2, width - 2)
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        # The filter is symmetric: what a value was spread over is gathered with the same shares.
        kernel = fir_kernel(gradient.device, gradient.dtype).expand(gradient.shape[1], 1, 4, 4)
        return None, F.conv2d(gradient, kernel, stride=2, padding=3, groups=gradient.shape[1])
