"""The discriminator: residual blocks with average pooling, and the minibatch's deviation.

Source: StyleGAN2's residual discriminator. Deviation: average pooling instead of [1, 3, 3, 1] filters, and a block's
second convolution after it, at a quarter of the cost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn

from ..generators.mapping import FullyConnected
from ..ops import LRELU_GAIN, LRELU_SLOPE

DEVIATION_GROUP = 4
# Row and column of the first pixel of a window that a discriminator looks at more closely.
Corner = tuple[int, int]


class Convolution(nn.Module):
    """Equalised convolution; all gains are folded into the weight, so that the activation needs none."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel: int = 3, *, linear: bool = False, gain: float = 1.0
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, kernel, kernel))
        self.bias = None if linear else nn.Parameter(torch.zeros(out_channels))
        self.bias_gain = gain if linear else gain * LRELU_GAIN
        self.weight_gain = self.bias_gain / math.sqrt(in_channels * kernel * kernel)
        self.padding = kernel // 2

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """`[B, in_channels, H, W]` to `[B, out_channels, H, W]`, after a leaky ReLU unless linear."""
        weight = (self.weight * self.weight_gain).to(x.dtype)
        if self.bias is None:
            return F.conv2d(x, weight, padding=self.padding)
        bias = (self.bias * self.bias_gain).to(x.dtype)
        return F.leaky_relu_(F.conv2d(x, weight, bias, padding=self.padding), LRELU_SLOPE)


class Block(nn.Module):
    """Halves the resolution; residual and skip are both scaled by sqrt 1/2."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        half = math.sqrt(0.5)
        self.fromrgb = Convolution(3, in_channels, 1)
        self.conv0 = Convolution(in_channels, in_channels)
        self.conv1 = Convolution(in_channels, out_channels, gain=half)
        self.skip = Convolution(in_channels, out_channels, 1, linear=True, gain=half)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """`[B, in_channels, 2 H, 2 W]` to `[B, out_channels, H, W]`."""
        return self.conv1(F.avg_pool2d(self.conv0(x), 2)) + self.skip(F.avg_pool2d(x, 2))


class Head(nn.Module):
    """Turns features of 4 x 4 pixels into one logit a picture."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = Convolution(channels + 1, channels)
        self.fc = FullyConnected(channels * 16, channels)
        self.out = FullyConnected(channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The logits `[B]` of features `[B, channels, 4, 4]`."""
        x = self.conv(append_deviation(x))
        x = F.leaky_relu(self.fc(x.flatten(1)), LRELU_SLOPE) * LRELU_GAIN
        return self.out(x)[:, 0]


def append_deviation(x: torch.Tensor, group: int = DEVIATION_GROUP) -> torch.Tensor:
    """Append a channel with the mean deviation over each group of consecutive items (Source: ProGAN, section 3).

    Args:
        x: `[B, C, H, W]`, B a multiple of `group`.
        group: Items compared with each other.

    Returns:
        `[B, C + 1, H, W]`.
    """
    batch, channels, height, width = x.shape
    grouped = x.reshape(batch // group, group, channels, height, width)
    variance = (grouped - grouped.mean(dim=1, keepdim=True)).square().mean(dim=1)
    deviation = (variance + 1e-8).sqrt().mean(dim=(1, 2, 3))  # [B / group]
    plane = deviation[:, None].expand(-1, group).reshape(batch, 1, 1, 1).expand(-1, -1, height, width)
    return torch.cat((x, plane), dim=1)


class Discriminator(nn.Module):
    """Tells real pictures from generated ones.

    Attributes:
        resolution: Side of the pictures it is shown.
        dtype: Type of its activations above 4x4; the head runs in float32.
    """

    def __init__(self, channels: dict[int, int], *, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.resolution = max(channels)
        self.dtype = dtype
        self.b4 = Head(channels[4])
        resolution = 8
        while resolution <= self.resolution:
            setattr(self, f"b{resolution}", Block(channels[resolution], channels[resolution // 2]))
            resolution *= 2

    def block(self, resolution: int) -> Block:
        """The block that takes features of this resolution."""
        return getattr(self, f"b{resolution}")

    def look(self, images: torch.Tensor, _corner: Corner = (0, 0)) -> list[torch.Tensor]:
        """What there is to judge: all pixels."""
        return [images]

    def judge(self, seen: Sequence[torch.Tensor], fade: float = 1.0) -> list[torch.Tensor]:
        """As `forward`, of what `look` gave."""
        (images,) = seen
        return self(images, fade)

    def forward(self, images: torch.Tensor, fade: float = 1.0) -> list[torch.Tensor]:
        """Judge how real pictures look.

        Args:
            images: `[B, 3, R, R]` in -1..1, B a multiple of 4.
            fade: How far the highest resolution's block is faded in, 0..1; below 1 the halved picture counts too.

        Returns:
            Its one head's logits `[B, 1]` float32, positive for real.
        """
        images = images.to(self.dtype).contiguous(memory_format=torch.channels_last)
        resolution = self.resolution
        x = self.block(resolution)(self.block(resolution).fromrgb(images))
        if fade < 1.0 and resolution > 8:
            x = x * fade + self.block(resolution // 2).fromrgb(F.avg_pool2d(images, 2)) * (1.0 - fade)
        resolution //= 2
        while resolution > 4:
            x = self.block(resolution)(x)
            resolution //= 2
        return [self.b4(x.float())[:, None]]
