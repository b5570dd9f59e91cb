"""Every operator in plain PyTorch: for any device and type, with gradients of any order.

What each takes and gives is said in `dispatch.py`.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from ..geometry.canvas import Canvas, Window, read
from .convolution import convolve, convolve_doubled, interleave_phases
from .filters import fir_kernel
from .kernels import Kernels
from .modulation import demodulation, normalise_style_fp16

LRELU_SLOPE = 0.2
LRELU_GAIN = math.sqrt(2.0)


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
    """The operators below, one after the other."""
    if x.dtype == torch.float16:
        style = normalise_style_fp16(style, 9)
    y = modulated_convolution(x, canvas, window, style, kernels, doubled=doubled)
    return finish(y, demodulation(style, kernels.power), bias, noise, clamp, doubled=doubled)


def modulated_convolution(
    x: torch.Tensor, canvas: Canvas, window: Window, style: torch.Tensor, kernels: Kernels, *, doubled: bool
) -> torch.Tensor:
    """Of a whole map always; `dispatch.modulated_convolution` may give four."""
    patch = scaled_window(x, canvas, window, style, halo=1)
    return convolve_doubled(patch, kernels) if doubled else convolve(patch, kernels)


def scaled_window(x: torch.Tensor, canvas: Canvas, window: Window, style: torch.Tensor, halo: int) -> torch.Tensor:
    """A view of what is read, times the style."""
    return read(x, canvas, window, halo) * style.to(x.dtype)[:, :, None, None]


def finish(
    y: torch.Tensor | tuple[torch.Tensor, ...],
    scale: torch.Tensor,
    bias: torch.Tensor,
    noise: torch.Tensor | None = None,
    clamp: float | None = None,
    *,
    doubled: bool = False,
) -> torch.Tensor:
    """Blur, scale, bias, noise, leaky ReLU, gain, clamp."""
    y = interleave_phases(y)
    y = blur(y) if doubled else y
    y = y * scale.to(y.dtype)[:, :, None, None] + bias.to(y.dtype)[:, None, None]
    if noise is not None:
        y = y + noise.to(y.dtype)
    y = F.leaky_relu(y, LRELU_SLOPE) * LRELU_GAIN
    return y if clamp is None else y.clamp(-clamp, clamp)


def blur(y: torch.Tensor) -> torch.Tensor:
    """Filter each channel with outer([1, 3, 3, 1]) / 16, the gain of 4 that goes with doubling both sides.

    Args:
        y: `[B, C, H + 3, W + 3]`.

    Returns:
        `[B, C, H, W]`: only where the filter lies wholly inside.
    """
    return F.conv2d(y, fir_kernel(y.device, y.dtype).expand(y.shape[1], 1, 4, 4), groups=y.shape[1])


def to_rgb(
    x: torch.Tensor, weight: torch.Tensor, style: torch.Tensor, bias: torch.Tensor, clamp: float | None = None
) -> torch.Tensor:
    """The scaled map, convolved with kernels of 1x1."""
    rgb = F.conv2d(x * style.to(x.dtype)[:, :, None, None], weight.to(x.dtype)) + bias.to(x.dtype)[:, None, None]
    return (rgb if clamp is None else rgb.clamp(-clamp, clamp)).float()


def upsample_rgb(rgb: torch.Tensor) -> torch.Tensor:
    """Each new value between two old ones, three quarters of the nearer: rows, then columns."""
    rows = torch.stack((rgb[:, :, :-1] * 0.75 + rgb[:, :, 1:] * 0.25, rgb[:, :, :-1] * 0.25 + rgb[:, :, 1:] * 0.75), 3)
    rows = rows.flatten(2, 3)[:, :, 1:-1]  # [B, 3, 2 H, W + 2]
    both = torch.stack((rows[..., :-1] * 0.75 + rows[..., 1:] * 0.25, rows[..., :-1] * 0.25 + rows[..., 1:] * 0.75), 4)
    return both.flatten(3, 4)[..., 1:-1]
