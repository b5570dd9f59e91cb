"""Points that are followed by their features, and drawn on step by step.

Source: Pan et al. 2023, DragGAN (2305.10973), sections 3.2 and 3.3, by its formulas. Deviations: a point is followed by
all that is around it, in several layers, instead of by one value; and drawn by what was around it in the first picture,
not in the last, so that it can't drift.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from .pixel_grid import Sight, size_of, square_offsets
from .way import Way

# Steps to each side in which a point is looked for.
_SOUGHT = 3
# What a point counts that is where it should be, beside one that isn't.
_ARRIVED = 0.05


class Track(Way):
    """A way that follows points; its arguments are those of `Way`."""

    def __init__(
        self, sight: Sight, first: Sequence[torch.Tensor], handles: torch.Tensor, targets: torch.Tensor
    ) -> None:
        super().__init__(sight, first, handles, targets)
        self._square = square_offsets(_SOUGHT, sight.step).to(handles.device)
        self._begun = False

    def loss(self, now: Sequence[torch.Tensor]) -> torch.Tensor:
        """Follow the points, and draw the discs around them a step on (eq. 1).

        A point that is less than a step from its target counts less, as DragGAN leaves it out: what holds some points
        would else weigh as much as what draws the others, and nothing would move.
        """
        if self._begun:
            self.places = self.follow([x.detach() for x in now])
        self._begun = True
        way = self.targets - self.places
        # A step on, or the rest of the way; those that have arrived are held there.
        step = way * (self.sight.step / way.norm(dim=1, keepdim=True).clamp_min(self.sight.step))
        weights = (way.norm(dim=1) / self.sight.step).clamp(_ARRIVED, 1.0)
        drawn = self.discs(now, self.places + step)
        return (size_of(drawn - self.templates).mean(dim=(1, 2)) * (weights / weights.max())).sum()

    @torch.no_grad()
    def follow(self, now: Sequence[torch.Tensor]) -> torch.Tensor:
        """Where the points are in maps: the most alike around where they were last (eq. 3), `[P, 2]` in pixels."""
        side = 2 * _SOUGHT + 1
        offsets = []
        for index, place in enumerate(self.places):
            differences = self.discs(now, place + self._square, index) - self.templates[index]
            table = differences.square().sum(dim=(1, 2)).reshape(side, side)
            best = int(table.argmin())
            row, column = best // side, best % side
            between = [_between(table[row], column), _between(table[:, column], row)]
            offsets.append(self._square[best] + self.sight.step * torch.stack(between))
        return self.inside(self.places + torch.stack(offsets))


def _between(values: torch.Tensor, place: int) -> torch.Tensor:
    """Where the parabola through the least of some values and its neighbours has its least, -0.5 to 0.5 from it."""
    if not 0 < place < len(values) - 1:
        return values.new_zeros(())
    low, here, high = values[place - 1], values[place], values[place + 1]
    return (0.5 * (low - high) / (low + high - 2.0 * here).clamp_min(1e-12)).clamp(-0.5, 0.5)
