"""What a style does to a convolution besides scaling what goes in. On every device and in every implementation this."""

from __future__ import annotations

import math

import torch


def demodulation(style: torch.Tensor, power: torch.Tensor) -> torch.Tensor:
    """What scales each output channel to unit variance (Source: StyleGAN2, section 2.2, eq. 3).

    Args:
        style: `[B or 1, C_in]` float32, the affine layer's output times the weight's gain 1/sqrt(C_in k k).
        power: `[C_out, C_in]`, the sums of the squares of each kernel: `Kernels.power`.

    Returns:
        `[B or 1, C_out]` float32, above 0.
    """
    return torch.rsqrt(style.square() @ power.t() + 1e-8)


def normalise_style_fp16(style: torch.Tensor, taps: int) -> torch.Tensor:
    """A style so small that a convolution in half precision doesn't overflow; demodulation undoes a common factor.

    Args:
        style: `[B or 1, C_in]` float32.
        taps: Of a kernel: 9 of 3x3.

    Returns:
        The style times a factor, its largest value 1/sqrt(C_in taps) either way.
    """
    largest = style.abs().amax(dim=1, keepdim=True).clamp_min(1e-12)
    return style / (largest * math.sqrt(style.shape[1] * taps))
