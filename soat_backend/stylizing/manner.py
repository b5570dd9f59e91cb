"""How far the manner of pictures is from that of others, wherever in them things are."""

from __future__ import annotations

import torch

from ..perceptual import FeatureNetwork
from ..perceptual.lpips import features_of


class Manner:
    """The manner of some pictures: mean and deviation of every feature of a network, over the whole picture.

    Source: Huang and Belongie 2017 (AdaIN), eq. 13. Here each layer's distance is divided by the length of the given
    picture's own numbers, so that all layers count alike.

    Args:
        network: On the device of the pictures.
        pictures: `[N, 3, H, W]` in -1..1.
    """

    def __init__(self, network: FeatureNetwork, pictures: torch.Tensor) -> None:
        self._network = network
        with torch.no_grad():
            self._wanted = self._measure(pictures)

    def _measure(self, pictures: torch.Tensor) -> list[torch.Tensor]:
        """Of each layer `[N, 2 C]`."""
        features = features_of(self._network, pictures)
        return [torch.cat((each.mean((2, 3)), each.std((2, 3), unbiased=False)), dim=1) for each in features]

    def distance(self, pictures: torch.Tensor, which: torch.Tensor) -> torch.Tensor:
        """How far pictures are from the given ones of the numbers `which` `[B]`: `[B]`, 0 for the same."""
        total = torch.zeros(len(pictures), dtype=torch.float32, device=pictures.device)
        for found, wanted in zip(self._measure(pictures), self._wanted, strict=True):
            own = wanted[which]
            # An epsilon under the root: where both agree it has no gradient otherwise.
            total = total + ((found - own).square().sum(1) + 1e-12).sqrt() / own.norm(dim=1).clamp_min(1e-12)
        return total / len(self._wanted)
