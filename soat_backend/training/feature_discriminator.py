"""A discriminator that looks at a frozen network's features instead of at pixels.

Source: Sauer et al. 2021, Projected GANs. Deviations: AlexNet, which comes with the pack, features projected to fewer
channels but not across scales, and one small head that sees the pixels, for what features are blind to, and once more
those along the edges. Of pictures larger than AlexNet's it sees the whole resized, and a window as it is, which other
heads judge: what is fine is alike everywhere, and a quarter of the picture costs a quarter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from ..perceptual import load_alexnet
from .discriminator import Corner

# Pictures are resized to this for AlexNet, whose first layer sees every fourth pixel; windows have it too.
SIDE = 128
# How far a window may reach over an edge, where the picture goes on mirrored. AlexNet sees little of its own picture's
# outermost rows, which are in one of its first layer's windows and not in three: lines would stay there.
REACH = 16
# How many of the outermost rows and columns are looked at once more, by the head that sees the pixels, at every step.
EDGE = 8
_CHANNELS = 64
_SLOPE = 0.2
_SEED = 0
# Deviations of AlexNet's five features over the procedural pictures, and how often a head halves each.
_LEVELS = ((64, 0.92, 2), (192, 1.84, 1), (384, 2.03, 0), (256, 2.15, 0), (256, 0.96, 0))


class FeatureDiscriminator(nn.Module):
    """Judges each place of AlexNet's five features, projected at random, and of the pixels, by a small head of its own.

    Its heads are normalised spectrally and want the hinge loss; there is no penalty on gradients.
    """

    def __init__(self, resolution: int) -> None:
        super().__init__()
        random = torch.Generator().manual_seed(_SEED)
        self.heads = nn.ModuleList()
        for index, (channels, deviation, halvings) in enumerate(_LEVELS):
            projection = torch.randn(_CHANNELS, channels, 1, 1, generator=random) / (math.sqrt(channels) * deviation)
            self.register_buffer(f"projection{index}", projection)
            self.heads.append(_head(halvings))
        self.pixels = nn.Sequential(
            *_convolution(3, 32, 3), *_convolution(32, 48, 4, 2), *_convolution(48, 64, 4, 2), *_ending()
        )
        # Of the window, where there is one.
        self.near_heads = nn.ModuleList(_head(halvings) for *_, halvings in _LEVELS if resolution > SIDE)
        # Not a part of this module, so that its weights are in no state.
        self._network = (load_alexnet(),)

    def look(self, images: torch.Tensor, corner: Corner = (0, 0)) -> list[torch.Tensor]:
        """What there is to judge: in this nothing learns, so that one look serves several judgements.

        Args:
            images: `[B, 3, R, R]` in -1..1.
            corner: Of the window, the row and column of its first pixel, -REACH..R - SIDE + REACH; of larger pictures
                than SIDE only.

        Returns:
            AlexNet's features, projected, `[B, 64, h, w]` each; of larger pictures also the window's; the pixels; the
            pixels along the edges.
        """
        images = images.float()
        edges = _along_edges(images)
        seen = self._features(F.interpolate(images, size=(SIDE, SIDE), mode="bilinear"))
        if len(self.near_heads):
            top, left = (REACH + first for first in corner)
            mirrored = F.pad(images, (REACH,) * 4, mode="reflect")
            images = mirrored[:, :, top : top + SIDE, left : left + SIDE]
            seen += self._features(images)
        return [*seen, images, edges]

    def _features(self, images: torch.Tensor) -> list[torch.Tensor]:
        features = self._network[0].to(images.device)(images)
        return [F.conv2d(feature, self.get_buffer(f"projection{index}")) for index, feature in enumerate(features)]

    def judge(self, seen: Sequence[torch.Tensor], fade: float = 1.0) -> list[torch.Tensor]:
        """Judge how real each place looks.

        Args:
            seen: Of `look`.
            fade: Of no importance here: what is faded in is seen in the pictures.

        Returns:
            Of each head the logits of all places, `[B, places]` float32, positive for real.
        """
        heads = (*self.heads, *self.near_heads, self.pixels, self.pixels)
        return [head(each).flatten(1) for head, each in zip(heads, seen, strict=True)]

    def forward(self, images: torch.Tensor, fade: float = 1.0) -> list[torch.Tensor]:
        """Look at pictures, at their first corner, and judge them."""
        return self.judge(self.look(images), fade)


def random_corner(resolution: int, random: torch.Generator) -> Corner:
    """Draw where a step's window is: with its middle anywhere in the picture, but over no edge by more than REACH.

    Were every corner inside the picture as likely, the outermost rows would be in one window of a hundred.

    Args:
        resolution: R, side of the pictures.
        random: What to draw with, on any device.

    Returns:
        Row and column of the window's first pixel, -REACH..R - SIDE + REACH; (0, 0) of pictures that have no window.
    """
    if resolution <= SIDE:
        return 0, 0
    middle = torch.randint(resolution, (2,), generator=random, device=random.device)
    top, left = (middle - SIDE // 2).clamp(-REACH, resolution - SIDE + REACH).tolist()
    return top, left


def _along_edges(images: torch.Tensor) -> torch.Tensor:
    """The outermost rows of each side beside their mirror image, `[B, 3, 2 EDGE, 4 R]`; each side's edge is level."""
    turned = [images.rot90(turns, (2, 3))[:, :, :EDGE] for turns in range(4)]
    rows = torch.cat(turned, dim=3)
    return torch.cat((rows.flip(2), rows), dim=2)


def _head(halvings: int) -> nn.Sequential:
    """Layers that turn a projected feature into a logit for each place."""
    layers = _convolution(_CHANNELS, _CHANNELS, 3 if halvings else 1)
    for _ in range(halvings):
        layers += _convolution(_CHANNELS, _CHANNELS, 4, 2)
    return nn.Sequential(*layers, *_ending())


def _ending() -> list[nn.Module]:
    return [*_convolution(_CHANNELS, _CHANNELS, 3), spectral_norm(nn.Conv2d(_CHANNELS, 1, 1))]


def _convolution(in_channels: int, out_channels: int, kernel: int, stride: int = 1) -> list[nn.Module]:
    convolution = nn.Conv2d(in_channels, out_channels, kernel, stride, padding=(kernel - 1) // 2)
    return [spectral_norm(convolution), nn.LeakyReLU(_SLOPE, inplace=True)]
