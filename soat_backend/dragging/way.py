"""What both ways of dragging share: the points of one picture, where they are, and how far from their targets."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch

from .pixel_grid import Sight, disc_offsets

# Of the disc around a point that goes with it: its radius in sides of the picture, and in places that are looked at.
_RADIUS, _PLACES = 9 / 128, 4.5


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
        radius = _RADIUS * max(sight.size)
        self._disc = disc_offsets(radius, radius / _PLACES).to(handles.device)
        self.templates = self.discs(first, handles)

    @property
    def distances(self) -> torch.Tensor:
        """Of each point from its target in pixels, `[P]`."""
        return (self.targets - self.places).norm(dim=1)

    def discs(self, maps: Sequence[torch.Tensor], places: torch.Tensor) -> torch.Tensor:
        """What the maps have around places `[..., 2]`: `[..., K, sum of C]`, differentiable by the maps."""
        return self.sight.sample(maps, places[..., None, :] + self._disc)

    def inside(self, places: torch.Tensor) -> torch.Tensor:
        """Places `[..., 2]`, those beyond the picture moved to its edge."""
        height, width = self.sight.size
        return torch.stack((places[..., 0].clamp(0.0, width), places[..., 1].clamp(0.0, height)), dim=-1)

    @abstractmethod
    def loss(self, now: Sequence[torch.Tensor]) -> torch.Tensor:
        """Find the points in the maps, and say how these should change: a number, differentiable by them."""
