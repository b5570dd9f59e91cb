"""The shortcut of a `resnet` block: what its beginning is, beside the two convolutions, added to what they make.

Between the two convolutions a feature map has both as its channels: first the convolution's own, then the shortcut's.
So whatever is done to the map there, an edit, a blend, a crop, is done to both.

Source: Karras et al. 2020 (StyleGAN2), figure 7c; gains as in stylegan2-ada-pytorch.
"""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from ...geometry.canvas import Canvas, Window, read
from ...ops import upsample_rgb
from ...support.runtime import MAP_LAYOUT

# Of both summands, so that the sum is as large as either.
_GAIN = math.sqrt(0.5)


class Shortcut(nn.Module):
    """A 1x1 convolution without a style, whose result is doubled in size."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, 1, 1, dtype=torch.float32))
        self.gain = _GAIN / math.sqrt(in_channels)

    def forward(self, x: torch.Tensor, canvas: Canvas, window: Window) -> torch.Tensor:
        """What is added to the block's end.

        Args:
            x: The block's input, `[B, C_in, H, W]`.
            canvas: What x covers.
            window: Of that canvas.

        Returns:
            `[B, C_out, 2 window.height, 2 window.width]` of x's type.
        """
        patch = read(x, canvas, window, halo=1)
        return upsample_rgb(F.conv2d(patch, (self.weight * self.gain).to(x.dtype)))


class _Part:
    """One of a block's two layers, as the loop runs it: all but its call is its SynthesisLayer's."""

    def __init__(self, layer: Any) -> None:
        self.layer = layer
        self.affine, self.noise_const = layer.affine, layer.noise_const
        self.out_channels = layer.out_channels

    def flops(self, pixels: float) -> float:
        """As of `LayerModule`."""
        return float(self.layer.flops(pixels))

    def kernel_bytes(self, device_type: str, dtype: torch.dtype) -> int:
        """As of `LayerModule`."""
        return int(self.layer.kernel_bytes(device_type, dtype))


class BlockStart(_Part):
    """A block's `conv0` with the shortcut: its output has the channels of both."""

    def __init__(self, layer: Any, shortcut: Any) -> None:
        super().__init__(layer)
        self.shortcut = shortcut
        self.out_channels = 2 * layer.out_channels

    def __call__(
        self, x: torch.Tensor, canvas: Canvas, window: Window, style: torch.Tensor, noise: torch.Tensor | None
    ) -> torch.Tensor:
        """As of `LayerModule`; the window's edges are even."""
        own = self.layer(x, canvas, window, style, noise)
        kept = self.shortcut(x, canvas, window.halved())
        return torch.cat((own, kept.expand(len(own), -1, -1, -1)), 1).contiguous(memory_format=MAP_LAYOUT)

    def flops(self, pixels: float) -> float:
        """As of `LayerModule`; the shortcut too convolves at half the resolution."""
        return super().flops(pixels) + 2.0 * self.shortcut.weight.numel() * pixels / 4


class BlockEnd(_Part):
    """A block's `conv1`, to which the shortcut is added."""

    def __call__(
        self, x: torch.Tensor, canvas: Canvas, window: Window, style: torch.Tensor, noise: torch.Tensor | None
    ) -> torch.Tensor:
        """As of `LayerModule`."""
        # Its part of the map by itself, with the halo that it reads: not all of a long canvas for each window.
        patch = read(x, canvas, window, halo=1)
        own, kept = patch.chunk(2, 1)
        around = Canvas(window.height + 2, window.width + 2)
        inside = Window(1, 1, window.height, window.width)
        y = self.layer(own, around, inside, style, noise)
        return y * _GAIN + kept[:, :, 1:-1, 1:-1]
