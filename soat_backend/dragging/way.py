"""What both ways of dragging share: the points of one picture, where they are, and how far from their targets."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch

from .pixel_grid import Sight, disc_offsets

# Of the disc around a point that goes with it: its radius in sides of the picture, and in places that are looked at.
# What reaches far goes along as a whole, face with nose; between points that lie nearer than two of these, half the way
# is each one's, but not less than the least.
_RADIUS, _LEAST_RADIUS, _PLACES = 18 / 128, 4 / 128, 4.5


class Way(ABC):
    """A way to drag the points of one picture: a loss for its maps as they are now.

    Args:
        sight: What is looked at.
        first: The maps that the drag begins with.
        handles: `[P, 2]`, x and y in pixels.
        targets: The same.

    Attributes:
        places: Where the handles are as far as is known, `[P, 2]`.
    """

    def __init__(
        self, sight: Sight, first: Sequence[torch.Tensor], handles: torch.Tensor, targets: torch.Tensor
    ) -> None:
        self.sight, self.handles, self.targets = sight, handles, targets
        self.places = handles.clone()
        disc = disc_offsets(1.0, 1.0 / _PLACES).to(handles.device)
        self._discs = disc * _radii(handles, max(sight.size))[:, None, None]
        self.templates = self.discs(first, handles)

    @property
    def distances(self) -> torch.Tensor:
        """Of each point from its target in pixels, `[P]`."""
        return (self.targets - self.places).norm(dim=1)

    def discs(self, maps: Sequence[torch.Tensor], places: torch.Tensor, index: int | None = None) -> torch.Tensor:
        """What the maps have around places, differentiable by them.

        Args:
            maps: `[C, H, W]` each.
            places: `[P, 2]`, one for each point; or of one point `[..., 2]`.
            index: Of which point they are; None: of each.

        Returns:
            `[..., K, sum of C]`.
        """
        return self.sight.sample(maps, places[..., None, :] + (self._discs if index is None else self._discs[index]))

    def inside(self, places: torch.Tensor) -> torch.Tensor:
        """Places `[..., 2]`, those beyond the picture moved to its edge."""
        height, width = self.sight.size
        return torch.stack((places[..., 0].clamp(0.0, width), places[..., 1].clamp(0.0, height)), dim=-1)

    @abstractmethod
    def loss(self, now: Sequence[torch.Tensor]) -> torch.Tensor:
        """Find the points in the maps, and say how these should change: a number, differentiable by them."""


def _radii(handles: torch.Tensor, side: int) -> torch.Tensor:
    """Of each handle's disc, in pixels `[P]`."""
    between = (handles[:, None] - handles).norm(dim=2)
    between.fill_diagonal_(float("inf"))
    nearest = between.amin(dim=1) if len(handles) else between.new_zeros(0)
    return (nearest / 2.0).clamp(_LEAST_RADIUS * side, _RADIUS * side)
