"""PyTorch's convolutions of a scaled window, on any device, with gradients of any order.

The style's scale is moved from the weights to what goes in and what comes out, which is the same linear map and needs
no weights per sample: one convolution does a whole batch (Source: StyleGAN2, section 2.2, eq. 1 and 3).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

from .kernels import Kernels


def convolve(x: torch.Tensor, kernels: Kernels) -> torch.Tensor:
    """The convolution of a scaled window with the weights that all samples share.

    Args:
        x: `[B, C_in, H + 2, W + 2]`, a window with its halo; without one if the kernels are 1x1.
        kernels: The layer's.

    Returns:
        `[B, C_out, H, W]` of x's dtype.
    """
    return F.conv2d(x, kernels.whole(x.dtype))


def convolve_points(x: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """A 1x1 convolution with weights of each sample: products of matrices, of a map as it lies in memory.

    Args:
        x: `[B, C_in, H, W]`.
        weights: `[B or 1, C_out, C_in]`.

    Returns:
        `[B, C_out, H, W]` of x's dtype.
    """
    rows = x.permute(0, 2, 3, 1).flatten(1, 2)  # [B, H W, C_in]
    typed = weights.to(x.dtype)
    made = rows @ (typed[0].t() if len(typed) == 1 else typed.transpose(1, 2))
    return made.transpose(1, 2).unflatten(2, x.shape[2:])


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

    Args:
        x: `[B, C_in, H + 2, W + 2]`, a window with its halo.
        kernels: The layer's.

    Returns:
        Of x's dtype, with H + 2 rows if they are even ones, one less if odd; columns likewise.
    """
    return tuple(F.conv2d(x, kernel) for kernel in kernels.phases(x.dtype))


def interleave_phases(y: torch.Tensor | tuple[torch.Tensor, ...]) -> torch.Tensor:
    """What `convolve_doubled` gives, of what `convolve_in_phases` does; a map that is whole already stays.

    Args:
        y: A map, or the four of `convolve_in_phases`.
    """
    if not isinstance(y, tuple):
        return y
    batch, channels, height, width = y[0].shape
    whole = y[0].new_empty(batch, channels, 2 * height - 1, 2 * width - 1)
    for index, phase in enumerate(y):
        whole[:, :, index // 2 :: 2, index % 2 :: 2] = phase
    return whole
