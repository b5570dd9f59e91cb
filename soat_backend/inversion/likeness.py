"""How like a picture is to the one it should become: perceptually, and pixel by pixel."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from ..perceptual import FeatureNetwork, PerceptualTarget

# LPIPS was made for pictures of about this size, and larger ones cost time and memory that details don't repay.
LARGEST_SIDE = 256


class Likeness:
    """The data term of an inversion, for one picture.

    Args:
        network: Whose features are compared.
        target: `[1, 3, R, R]` in -1..1.
        mask: `[1, 1, R, R]` in 0..1, where likeness counts; None for everywhere.
    """

    def __init__(self, network: FeatureNetwork, target: torch.Tensor, mask: torch.Tensor | None = None) -> None:
        target = shrunk(target)
        self.mask = torch.ones_like(target[:, :1]) if mask is None else shrunk(mask)
        self.share = self.mask.mean()
        # Grey where nothing counts, in both pictures, so that features don't feel what isn't to be fitted.
        self.target = target * self.mask
        self.perceptual = PerceptualTarget(network, self.target)

    def measure(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """LPIPS and mean squared error (in -1..1) of pictures `[B, 3, R, R]`, differentiable, `[B]` each."""
        masked = shrunk(pictures) * self.mask
        squares = (masked - self.target).square().mean(dim=(1, 2, 3))
        return self.perceptual.distance(masked) / self.share, squares / self.share


def shrunk(images: torch.Tensor) -> torch.Tensor:
    """Averaged down to LARGEST_SIDE if larger."""
    if images.shape[-1] <= LARGEST_SIDE:
        return images
    return F.adaptive_avg_pool2d(images, LARGEST_SIDE)
