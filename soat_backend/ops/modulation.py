"""Modulated convolution: the input scaled by the style, one convolution for the whole batch, the output demodulated.

The scale is moved from the weights to the input and the output, which is the same linear map and needs no weights per
sample (Source: StyleGAN2, section 2.2, eq. 1 and 3).
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from .kernels import Kernels


def convolve(x: torch.Tensor, kernels: Kernels) -> torch.Tensor:
    """The convolution of a scaled window with the weights that all samples share.

    Args:
        x: `[B, C_in, H + 2, W + 2]`, a window with its halo.
        kernels: The layer's.

    Returns:
        `[B, C_out, H, W]` of x's dtype.
    """
    return F.conv2d(x, kernels.whole(x.dtype))


def convolve_doubled(x: torch.Tensor, kernels: Kernels) -> torch.Tensor:
    """The transposed convolution of stride 2, still to be blurred.

    Args:
        x: `[B, C_in, H + 2, W + 2]`, a window with its halo.
        kernels: The layer's.

    Returns:
        `[B, C_out, 2 H + 3, 2 W + 3]`: rows -1 ... 2 H + 1 of the result, all that a 4-tap blur of rows 0 ... 2 H - 1
        reads. Of x's dtype.
    """
    return F.conv_transpose2d(x, kernels.whole(x.dtype).transpose(0, 1), stride=2, padding=1)


def convolve_in_phases(x: torch.Tensor, kernels: Kernels) -> tuple[torch.Tensor, ...]:
    """The same as four maps: its even rows and columns, even and odd, odd and even, odd and odd ones.

    Libraries' convolutions are faster than their transposed ones, and what reads the result need not put it together.
    """
    return tuple(F.conv2d(x, kernel) for kernel in kernels.phases(x.dtype))


def put_together(phases: tuple[torch.Tensor, ...]) -> torch.Tensor:
    """What `convolve_doubled` gives, of what `convolve_in_phases` does; a map that is whole already stays."""
    if len(phases) == 1:
        return phases[0]
    batch, channels, height, width = phases[0].shape
    y = phases[0].new_empty(batch, channels, 2 * height - 1, 2 * width - 1)
    for index, phase in enumerate(phases):
        y[:, :, index // 2 :: 2, index % 2 :: 2] = phase
    return y


def demodulation(style: torch.Tensor, power: torch.Tensor) -> torch.Tensor:
    """What scales each output channel to unit variance, `[B or 1, C_out]` float32.

    Args:
        style: `[B or 1, C_in]` float32, the affine layer's output times the weight's gain 1/sqrt(C_in k k).
        power: `[C_out, C_in]`, the sums of the squares of each kernel.
    """
    return torch.rsqrt(style.square() @ power.t() + 1e-8)


def tamed(style: torch.Tensor, kernel_size: int) -> torch.Tensor:
    """A style `[B or 1, C_in]` so small that half precision doesn't overflow; demodulation undoes a common factor."""
    largest = style.abs().amax(dim=1, keepdim=True).clamp_min(1e-12)
    return style / (largest * math.sqrt(style.shape[1] * kernel_size))
