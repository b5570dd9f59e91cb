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
from .resampling import Border, Padding, Rates, borders

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


def demodulated_convolution(
    x: torch.Tensor, canvas: Canvas, window: Window, style: torch.Tensor, kernels: Kernels, gain: float | torch.Tensor
) -> torch.Tensor:
    """Scaled, convolved, scaled."""
    taps = kernels.weight[0, 0].numel()
    if x.dtype == torch.float16:
        style = normalise_style_fp16(style, taps)
    y = convolve(scaled_window(x, canvas, window, style, halo=kernels.weight.shape[2] // 2), kernels)
    return y * (demodulation(style, kernels.power) * gain).to(y.dtype)[:, :, None, None]


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


def filtered_leaky_relu(
    x: torch.Tensor,
    bias: torch.Tensor | None,
    up_filter: torch.Tensor | None,
    down_filter: torch.Tensor | None,
    up: int,
    down: int,
    padding: Padding,
    gain: float,
    slope: float,
    clamp: float | None,
) -> torch.Tensor:
    """Bias, upsampling, leaky ReLU, gain, clamp, downsampling, one after the other."""
    rates, (across, along) = Rates.of(up_filter, down_filter, up, down), borders(padding)
    rates.results(x.shape[2], along), rates.results(x.shape[3], across)  # That there are any.
    y = x if bias is None else x + bias.to(x.dtype)[:, None, None]
    before = x.new_ones(1) if up_filter is None else up_filter.to(x.dtype)
    after = x.new_ones(1) if down_filter is None else down_filter.to(x.dtype)
    y = upsample(y, before[None] * up, (1, up), across, (0, 0))
    y = upsample(y, before[:, None] * up, (up, 1), (0, 0), along)
    y = F.leaky_relu(y, slope) * gain
    y = y if clamp is None else y.clamp(-clamp, clamp)
    if after.ndim == 2:
        return downsample(y, after, (down, down))
    return downsample(downsample(y, after[None], (1, down)), after[:, None], (down, 1))


def upsample(
    x: torch.Tensor, taps: torch.Tensor, factors: tuple[int, int], across: Border, along: Border
) -> torch.Tensor:
    """Zeros between samples and around them, then filter each channel.

    Args:
        x: `[B, C, H, W]`.
        taps: `[h, w]`.
        factors: Of rows and columns.
        across: Zeros before and after the samples of a row, each with `factor - 1` zeros after it; negative: cut off.
        along: Of a column.

    Returns:
        `[B, C, H', W']`: where the filter lies wholly inside.
    """
    # A transposed convolution multiplies no zeros, and makes all places that have a part of any sample.
    spread = F.conv_transpose2d(x, taps.expand(x.shape[1], 1, *taps.shape), stride=factors, groups=x.shape[1])
    (height, width), (down, right) = taps.shape, factors
    return F.pad(
        spread,
        (across[0] - width + 1, across[1] - width + right, along[0] - height + 1, along[1] - height + down),
    )


def downsample(x: torch.Tensor, taps: torch.Tensor, factors: tuple[int, int]) -> torch.Tensor:
    """Filter each channel where the filter lies wholly inside, and keep every so many-th row and column.

    Args:
        x: `[B, C, H, W]`.
        taps: `[h, w]`.
        factors: Of rows and columns.
    """
    return F.conv2d(x, taps.flip(0, 1).expand(x.shape[1], 1, *taps.shape), stride=factors, groups=x.shape[1])
