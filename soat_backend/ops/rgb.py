"""To RGB, and doubling the size of an RGB skip."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from .. import native
from ..native.binding import suits, wants_gradient


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
    if suits(x) and not wants_gradient(x, weight, style, bias) and (library := native.library()):
        x = x.expand(max(x.shape[0], style.shape[0]), -1, -1, -1).contiguous(memory_format=torch.channels_last)
        batch, channels, height, width = x.shape
        modulated = (weight.float().flatten(1)[None] * style[:, None]).contiguous()
        rgb = torch.empty(batch, 3, height, width)
        stride = 3 * channels if style.shape[0] > 1 else 0
        limit = math.inf if clamp is None else clamp
        pixels = height * width
        library.call("to_rgb", x.dtype, x, rgb, batch, pixels, channels, modulated, stride, bias.float(), limit)
        return rgb
    rgb = F.conv2d(x * style.to(x.dtype)[:, :, None, None], weight.to(x.dtype)) + bias.to(x.dtype)[:, None, None]
    return (rgb if clamp is None else rgb.clamp(-clamp, clamp)).float()


def upsample_rgb(rgb: torch.Tensor) -> torch.Tensor:
    """Double the size of an RGB skip with [1, 3, 3, 1] (Source: `upfirdn2d.upsample2d` of stylegan2-ada-pytorch).

    Args:
        rgb: `[B, 3, H + 2, W + 2]` float32, a window with a halo of one.

    Returns:
        `[B, 3, 2 H, 2 W]`.
    """
    if suits(rgb) and rgb.dtype == torch.float32 and not wants_gradient(rgb) and (library := native.library()):
        batch, channels, height, width = rgb.shape
        out = torch.empty(batch, channels, 2 * (height - 2), 2 * (width - 2))
        library.call("upsample_rgb", None, rgb.contiguous(), out, batch * channels, height - 2, width - 2)
        return out
    rows = torch.stack((rgb[:, :, :-1] * 0.75 + rgb[:, :, 1:] * 0.25, rgb[:, :, :-1] * 0.25 + rgb[:, :, 1:] * 0.75), 3)
    rows = rows.flatten(2, 3)[:, :, 1:-1]  # [B, 3, 2 H, W + 2]
    both = torch.stack((rows[..., :-1] * 0.75 + rows[..., 1:] * 0.25, rows[..., :-1] * 0.25 + rows[..., 1:] * 0.75), 4)
    return both.flatten(3, 4)[..., 1:-1]
