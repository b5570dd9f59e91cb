"""Resampling with StyleGAN2's [1, 3, 3, 1] filter."""

from __future__ import annotations

import torch
import torch.nn.functional as F

FIR = (1.0, 3.0, 3.0, 1.0)


def blur(x: torch.Tensor) -> torch.Tensor:
    """Filter each channel with outer([1, 3, 3, 1]) / 16, the gain of 4 that goes with doubling both sides.

    Args:
        x: `[B, C, H, W]`.

    Returns:
        `[B, C, H - 3, W - 3]`: only where the filter lies wholly inside.
    """
    taps = torch.tensor(FIR, device=x.device, dtype=x.dtype) / 4.0
    channels = x.shape[1]
    kernel = torch.outer(taps, taps).expand(channels, 1, 4, 4)
    return F.conv2d(x, kernel, groups=channels)


def upsample_rgb(rgb: torch.Tensor) -> torch.Tensor:
    """Double the size of an RGB skip (Source: `upfirdn2d.upsample2d` of stylegan2-ada-pytorch).

    Args:
        rgb: `[B, 3, H + 2, W + 2]`, a window with a halo of one.

    Returns:
        `[B, 3, 2 H, 2 W]`.
    """
    rows = torch.stack((rgb[:, :, :-1] * 0.75 + rgb[:, :, 1:] * 0.25, rgb[:, :, :-1] * 0.25 + rgb[:, :, 1:] * 0.75), 3)
    rows = rows.flatten(2, 3)[:, :, 1:-1]  # [B, 3, 2 H, W + 2]
    both = torch.stack((rows[..., :-1] * 0.75 + rows[..., 1:] * 0.25, rows[..., :-1] * 0.25 + rows[..., 1:] * 0.75), 4)
    return both.flatten(3, 4)[..., 1:-1]
