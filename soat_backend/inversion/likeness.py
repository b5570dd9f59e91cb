"""How like a picture is to the one it should become: perceptually, and pixel by pixel."""

from __future__ import annotations

import copy

import torch
import torch.nn.functional as F

from ..perceptual import FeatureNetwork, PerceptualTarget
from ..synthesis.colours import as_rgb

# LPIPS was made for pictures of about this size, and larger ones cost time and memory that details don't repay.
LARGEST_SIDE = 256


class Likeness:
    """The data term of an inversion, for each of some pictures.

    Args:
        network: Whose features are compared.
        targets: `[N, 3, H, W]` in -1..1.
        masks: `[N or 1, 1, H, W]` in 0..1, where likeness counts; None for everywhere.
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
            pictures: `[B, img_channels, H, W]`, one for each target, or any number if there is one target; alpha
                doesn't count.
        """
        masked = shrunk(as_rgb(pictures)) * self.masks
        squares = (masked - self.targets).square().mean(dim=(1, 2, 3))
        shares = self.masks.mean(dim=(1, 2, 3))
        return self.perceptual.distance(masked) / shares, squares / shares


def shrunk(images: torch.Tensor) -> torch.Tensor:
    """Pictures averaged down until their longer side has LARGEST_SIDE pixels; smaller ones as they are."""
    size = shrunk_size(*images.shape[2:])
    return images if images.shape[2:] == size else F.adaptive_avg_pool2d(images, size)


def shrunk_size(height: int, width: int) -> tuple[int, int]:
    """Height and width that `shrunk` gives."""
    longer = max(height, width)
    if longer <= LARGEST_SIDE:
        return height, width
    return max(round(height * LARGEST_SIDE / longer), 1), max(round(width * LARGEST_SIDE / longer), 1)
