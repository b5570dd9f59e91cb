"""How like a picture is to the one it should become: perceptually, and pixel by pixel."""

from __future__ import annotations

import copy

import torch

from ..perceptual import FeatureNetwork, PerceptualTarget
from ..perceptual.lpips import LARGEST_SIDE
from ..synthesis.coarse import shrunk
from ..synthesis.colours import as_rgb


class Likeness:
    """The data term of an inversion, for each of some pictures.

    Args:
        network: Whose features are compared.
        targets: `[N, 3, H, W]` in -1..1.
        masks: `[N or 1, 1, H, W]` in 0..1, where likeness counts; None for everywhere.
        largest_side: Pixels of the longer side; larger pictures are made smaller.
    """

    def __init__(
        self,
        network: FeatureNetwork,
        targets: torch.Tensor,
        masks: torch.Tensor | None = None,
        largest_side: int = LARGEST_SIDE,
    ) -> None:
        self.largest_side = largest_side
        targets = shrunk(targets, largest_side)
        self.masks = (torch.ones_like(targets[:, :1]) if masks is None else shrunk(masks, largest_side)).expand(
            len(targets), -1, -1, -1
        )
        # Grey where nothing counts, in both pictures, so that features don't feel what isn't to be fitted.
        self.targets = targets * self.masks
        self.perceptual = PerceptualTarget(network, self.targets)

    def select(self, indices: list[int]) -> Likeness:
        """The likeness to the targets of these numbers only."""
        if indices == list(range(len(self.targets))):
            return self
        chosen = copy.copy(self)
        chosen.masks, chosen.targets = self.masks[indices], self.targets[indices]
        chosen.perceptual = self.perceptual.select(indices)
        return chosen

    def measure(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """LPIPS and mean squared error (in -1..1), differentiable, `[B]` each.

        Args:
            pictures: `[B, img_channels, H, W]`, one for each target, or any number if there is one target; alpha
                doesn't count.
        """
        masked = shrunk(as_rgb(pictures), self.largest_side) * self.masks
        squares = (masked - self.targets).square().mean(dim=(1, 2, 3))
        shares = self.masks.mean(dim=(1, 2, 3))
        return self.perceptual.distance(masked) / shares, squares / shares
