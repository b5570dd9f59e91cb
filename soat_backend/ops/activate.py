"""What follows a convolution: noise, bias, leaky ReLU, gain, clamp."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

LRELU_SLOPE = 0.2
LRELU_GAIN = math.sqrt(2.0)


def activate(
    x: torch.Tensor, bias: torch.Tensor, noise: torch.Tensor | None = None, clamp: float | None = None
) -> torch.Tensor:
    """Leaky ReLU of slope 0.2 and gain sqrt 2 after noise and bias, clamped (Source: `bias_act` of stylegan2-ada).

    Args:
        x: `[B, C, H, W]`.
        bias: `[C]`.
        noise: Already scaled by the layer's strength, `[B or 1, 1, H, W]`, or None.
        clamp: Output limit, or None.

    Returns:
        `[B, C, H, W]` of x's dtype.
    """
    x = x + bias.to(x.dtype)[:, None, None]
    if noise is not None:
        x = x + noise.to(x.dtype)
    # In place: the sum is ours, and a large picture's maps are better allocated once less.
    x = F.leaky_relu_(x, LRELU_SLOPE) * LRELU_GAIN
    return x if clamp is None else x.clamp(-clamp, clamp)
