"""Modulated convolution: the input scaled by the style, one convolution for the whole batch, the output demodulated."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from .resample import blur


def modulated_conv(
    x: torch.Tensor, weight: torch.Tensor, style: torch.Tensor, *, demodulate: bool = True, double: bool = False
) -> torch.Tensor:
    """Convolve with weights scaled per sample by a style (Source: StyleGAN2, section 2.2, eq. 1 and 3).

    The scale is moved from the weights to the input and the output, which is the same linear map and needs no weights
    per sample.

    Args:
        x: `[B, C_in, H + 2 p, W + 2 p]`, a window with its halo, p = 1 for a 3x3 kernel and 0 for a 1x1.
        weight: `[C_out, C_in, k, k]`, k 1 or 3.
        style: `[B or 1, C_in]` float32, the affine layer's output times the weight's gain 1/sqrt(C_in k k).
        demodulate: Whether each output channel is scaled to unit variance (torgb does not).
        double: Whether the output has twice the resolution (transposed convolution of stride 2, then blurred).

    Returns:
        `[B, C_out, H, W]`, or `[B, C_out, 2 H, 2 W]` if doubled; of x's dtype.
    """
    if demodulate and x.dtype == torch.float16:
        # Demodulation undoes any common factor of a style, and half precision overflows without this one.
        largest = style.abs().amax(dim=1, keepdim=True).clamp_min(1e-12)
        style = style / (largest * math.sqrt(weight[0].numel()))
    kernel = weight.to(x.dtype)
    y = x * style.to(x.dtype)[:, :, None, None]
    if double:
        # Rows -1 ... 2 H + 1 of the transposed convolution: all that the 4-tap blur of rows 0 ... 2 H - 1 reads.
        y = blur(F.conv_transpose2d(y, kernel.transpose(0, 1), stride=2, padding=1))
    else:
        y = F.conv2d(y, kernel)
    if demodulate:
        power = weight.float().square().sum(dim=(2, 3))  # [C_out, C_in]
        y = y * torch.rsqrt(style.square() @ power.t() + 1e-8).to(y.dtype)[:, :, None, None]
    return y
