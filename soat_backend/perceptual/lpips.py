"""LPIPS: how different two pictures look, as a network's features tell.

Source: Zhang, Isola, Efros, Shechtman, Wang 2018, eq. 1.
"""

from __future__ import annotations

import copy

import torch
import torch.nn.functional as F

from .features import FeatureNetwork

_TINY = 1e-20
# LPIPS was made for pictures of about this size, and larger ones cost time and memory that details don't repay.
LARGEST_SIDE = 256


class PerceptualTarget:
    """Pictures that others are compared with: their features are computed once.

    Args:
        network: On the device of the images.
        images: `[B, 3, H, W]` in -1..1; pictures smaller than the network takes are enlarged for it.
    """

    def __init__(self, network: FeatureNetwork, images: torch.Tensor) -> None:
        self.network = network
        with torch.no_grad():
            self.features = [_unit(feature) for feature in features_of(network, images)]

    def select(self, indices: list[int]) -> PerceptualTarget:
        """The targets of these numbers only."""
        chosen = copy.copy(self)
        chosen.features = [feature[indices] for feature in self.features]
        return chosen

    def distance(self, images: torch.Tensor) -> torch.Tensor:
        """LPIPS of pictures to their targets, differentiable: `[B]`, 0 for equal ones.

        Args:
            images: Of the targets' size, one for each target, or any number if there is one target.
        """
        total = torch.zeros(images.shape[0], dtype=torch.float32, device=images.device)
        for index, feature in enumerate(features_of(self.network, images)):
            difference = (_unit(feature) - self.features[index]).square()
            weighted = (difference * self.network.get_buffer(f"linear{index}")).sum(dim=1)
            total = total + weighted.mean(dim=(1, 2))
        return total


def perceive(network: FeatureNetwork, images: torch.Tensor) -> list[torch.Tensor]:
    """What LPIPS compares, weighted: squared differences, summed over channels, are its maps of how pictures differ.

    Their means over all places, summed over the maps, are LPIPS itself.

    Args:
        network: On the device of the images.
        images: As of `PerceptualTarget`; differentiable.

    Returns:
        `[B, C, h, w]` for each of the network's depths.
    """
    return [
        _unit(feature) * network.get_buffer(f"linear{index}").clamp_min(0.0).sqrt()
        for index, feature in enumerate(features_of(network, images))
    ]


def features_of(network: FeatureNetwork, images: torch.Tensor) -> list[torch.Tensor]:
    """A network's features of pictures `[B, 3, H, W]` in -1..1 of any size: smaller ones than it takes are enlarged."""
    size = network.architecture.enlarged_size(*images.shape[2:])
    if images.shape[2:] != size:
        images = F.interpolate(images, size=size, mode="bilinear")
    return network(images)


def _unit(feature: torch.Tensor) -> torch.Tensor:
    """Each place's channels scaled to length 1; where all are zero they stay so."""
    return feature * torch.rsqrt(feature.square().sum(dim=1, keepdim=True) + _TINY)
