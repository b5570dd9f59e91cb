"""How like a picture is to the one it should become: perceptually, and pixel by pixel."""

from __future__ import annotations

import copy

import torch
import torch.nn.functional as F

from ..perceptual import FeatureNetwork, PerceptualTarget

# LPIPS was made for pictures of about this size, and larger ones cost time and memory that details don't repay.
LARGEST_SIDE = 256


class Likeness:
    """The data term of an inversion, for each of some pictures.

    Args:
        network: Whose features are compared.
        targets: `[N, 3, R, R]` in -1..1.
        masks: `[N or 1, 1, R, R]` in 0..1, where likeness counts; None for everywhere.
    """

    def __init__(self, network: FeatureNetwork, targets: torch.Tensor, masks: torch.Tensor | None = None) -> None:
        targets = shrunk(targets)
        self.masks = (torch.ones_like(targets[:, :1]) if masks is None else shrunk(masks)).expand(
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
            pictures: `[B, 3, R, R]`, one for each target, or any number if there is one target.
        """
        masked = shrunk(pictures) * self.masks
        squares = (masked - self.targets).square().mean(dim=(1, 2, 3))
        shares = self.masks.mean(dim=(1, 2, 3))
        return self.perceptual.distance(masked) / shares, squares / shares


def shrunk(images: torch.Tensor) -> torch.Tensor:
    """Pictures averaged down to LARGEST_SIDE pixels a side; smaller ones as they are."""
    if images.shape[-1] <= LARGEST_SIDE:
        return images
    return F.adaptive_avg_pool2d(images, LARGEST_SIDE)
