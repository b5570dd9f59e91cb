"""What every search of an inversion makes small first: how unlike its pictures are to those they should become."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ..synthesis.feature_map import FeatureMap
from .likeness import Likeness
from .settings import InversionSettings


class DataTerm:
    """The weighted sum of both distances, differentiable.

    Args:
        likeness: To the pictures that are sought.
        settings: Have the weights.

    Attributes:
        lpips: Of what was measured last, `[as many]`.
    """

    def __init__(self, likeness: Likeness, settings: InversionSettings) -> None:
        self.likeness, self.settings = likeness, settings
        self.lpips = torch.empty(0)

    def __call__(self, pictures: torch.Tensor, indices: list[int] | None = None) -> torch.Tensor:
        """Of pictures `[N, img_channels, H, W]`, one for each target, or for those of these numbers; `[N]`."""
        return self._measure(self.likeness if indices is None else self.likeness.select(indices), pictures)

    def of(self, indices: list[int]) -> Callable[[FeatureMap], torch.Tensor]:
        """The term for the targets of these numbers, of what a synthesis made."""
        likeness = self.likeness.select(indices)
        return lambda features: self._measure(likeness, features.picture)

    def _measure(self, likeness: Likeness, pictures: torch.Tensor) -> torch.Tensor:
        lpips, mse = likeness.measure(pictures)
        self.lpips = lpips.detach()
        return self.settings.perceptual_weight * lpips + self.settings.mse_weight * mse
