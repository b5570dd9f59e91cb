"""StyleGAN3's filtered leaky ReLU in plain PyTorch (Source: Karras et al. 2021, section 3.2 and appendix C.3)."""

from __future__ import annotations

import torch
import torch.nn.functional as F

# What one piece's values within may take.
_PIECE_BYTES = 64 << 20


def filtered_leaky_relu(
    x: torch.Tensor,
    bias: torch.Tensor,
    up_filter: torch.Tensor | None,
    down_filter: torch.Tensor | None,
    up: int,
    down: int,
    padding: tuple[int, int],
    gain: float,
    slope: float,
    clamp: float | None,
) -> torch.Tensor:
    """Some channels after the other, so that the values within, of which there are many times as many, take little."""
    count = max(_PIECE_BYTES // max(x[:, :1].numel() * up**2 * 4, 1), 1)
    parts = [
        _run(part + own[:, None, None], up_filter, down_filter, up, down, padding, gain, slope, clamp)
        for part, own in zip(x.split(count, 1), bias.to(x.dtype).split(count), strict=True)
    ]
    return parts[0] if len(parts) == 1 else torch.cat(parts, 1)


def _run(
    x: torch.Tensor,
    up_filter: torch.Tensor | None,
    down_filter: torch.Tensor | None,
    up: int,
    down: int,
    padding: tuple[int, int],
    gain: float,
    slope: float,
    clamp: float | None,
) -> torch.Tensor:
    batch, channels, height, width = x.shape
    y = x.float().reshape(-1, 1, height, width)
    if up > 1:
        dense = y.new_zeros(len(y), 1, height, up, width, up)
        dense[:, :, :, 0, :, 0] = y
        y = dense.reshape(len(y), 1, height * up, width * up)
    y = F.pad(y, (*padding, *padding))
    if up_filter is not None:
        y = _filtered(y, up_filter * up)
    y = F.leaky_relu(y, slope) * gain
    y = y if clamp is None else y.clamp(-clamp, clamp)
    if down_filter is not None:
        y = _filtered(y, down_filter, down)
    elif down > 1:
        y = y[:, :, ::down, ::down]
    return y.reshape(batch, channels, *y.shape[2:]).to(x.dtype)


def _filtered(y: torch.Tensor, taps: torch.Tensor, step: int = 1) -> torch.Tensor:
    """Every so manyth of a map `[N, 1, H, W]` after a filter, 2-d or the same along both axes."""
    taps = taps.to(y.device, y.dtype).flip(tuple(range(taps.dim())))
    if taps.dim() == 2:
        return F.conv2d(y, taps[None, None], stride=step)
    y = F.conv2d(y, taps[None, None, None, :], stride=(1, step))
    return F.conv2d(y, taps[None, None, :, None], stride=(step, 1))
