"""A discriminator that looks at a frozen network's features instead of at pixels.

Source: Sauer et al. 2021, Projected GANs. Deviations: AlexNet, which comes with the pack, features projected to fewer
channels but not across scales, and one small head that sees the pixels, for what features are blind to.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from ..perceptual import load_alexnet

# Pictures are resized to this for AlexNet, whose first layer sees every fourth pixel.
_SIDE = 128
_CHANNELS = 64
_SLOPE = 0.2
_SEED = 0
# Deviations of AlexNet's five features over the procedural pictures, and how often a head halves each.
_LEVELS = ((64, 0.92, 2), (192, 1.84, 1), (384, 2.03, 0), (256, 2.15, 0), (256, 0.96, 0))


class FeatureDiscriminator(nn.Module):
    """Judges each place of AlexNet's five features, projected at random, and of the pixels, by a small head of its own.

    Its heads are normalised spectrally and want the hinge loss; there is no penalty on gradients.
    """

    def __init__(self) -> None:
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
        # Not a part of this module, so that its weights are in no state.
        self._network = (load_alexnet(),)

    def forward(self, images: torch.Tensor, fade: float = 1.0) -> list[torch.Tensor]:
        """Judge how real each place of pictures looks.

        Args:
            images: `[B, 3, R, R]` in -1..1.
            fade: Of no importance here: what is faded in is seen in the pictures.

        Returns:
            Of each head the logits of all places, `[B, places]` float32, positive for real.
        """
        images = images.float()
        network = self._network[0].to(images.device)
        resized = F.interpolate(images, size=(_SIDE, _SIDE), mode="bilinear")
        logits = []
        for index, (head, feature) in enumerate(zip(self.heads, network(resized), strict=True)):
            logits.append(head(F.conv2d(feature, self.get_buffer(f"projection{index}"))))
        logits.append(self.pixels(images))
        return [each.flatten(1) for each in logits]


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
    return [spectral_norm(convolution), nn.LeakyReLU(_SLOPE)]
