"""Points whose templates are moved along straight lines to the targets: nothing is followed, so nothing is lost.

Source: Ling et al. 2023, FreeDrag (2307.04684), section 4, by its formulas. Deviation: a template is a disc of several
layers, as in `track.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from .pixel_grid import Sight, size_of
from .way import Way

# Of a part of the way: at most so many optimiser's steps, so long in steps of the way, chosen among so many places.
_STEPS, _LENGTH, _CHOICES = 5, 7, 10
# The difference from the template that a part of the way should begin with, of maps whose values have deviation 1.
_WISHED = 0.4
# Below this part of it the template has arrived.
_ARRIVED = 0.5
# Of the share of what is there that a template takes over: 0.5 at a difference of a fifth of the wished one, 0.1 at
# four fifths.
_MIDDLE = 0.2 * _WISHED
_STEEPNESS = math.log(9.0) / (0.6 * _WISHED)


class Line(Way):
    """A way that moves templates along lines; its arguments are those of `Way`."""

    def __init__(
        self, sight: Sight, first: Sequence[torch.Tensor], handles: torch.Tensor, targets: torch.Tensor
    ) -> None:
        super().__init__(sight, first, handles, targets)
        self._wanted, self._arrived = handles.clone(), handles.clone()
        self._before = [math.inf] * len(handles)
        self._taken = [0] * len(handles)

    def loss(self, now: Sequence[torch.Tensor]) -> torch.Tensor:
        """Go on where a part of the way is done, and draw the templates to where they are wanted (eq. 3)."""
        with torch.no_grad():
            for index, difference in enumerate(self._differences(now).tolist()):
                arrived = difference <= _ARRIVED * _WISHED
                if arrived:
                    self._arrived[index] = self._wanted[index]
                # Between the two by how much of the difference is gone.
                gone = min(max(1.0 - difference / max(self._before[index], 1e-6), 0.0), 1.0)
                there = torch.lerp(self._arrived[index], self._wanted[index], gone)
                self.places[index] = self._wanted[index] if arrived else there
                if arrived or self._taken[index] >= _STEPS:
                    self._go_on(index, now, difference, arrived)
                self._taken[index] += 1
        return self._differences(now).sum()

    def _go_on(self, index: int, now: Sequence[torch.Tensor], difference: float, arrived: bool) -> None:
        """End a part of a point's way, at which its template differs so much from what is there; begin another."""
        wanted = self._wanted[index]
        if self._before[index] < math.inf and not torch.equal(wanted, self.targets[index]):
            share = 1.0 / (1.0 + math.exp(min(_STEEPNESS * (difference - _MIDDLE), 60.0)))
            self.templates[index] = torch.lerp(self.templates[index], self.discs(now, wanted, index), share)
        if arrived:
            self._wanted[index] = self._choose(index, now, self.targets[index], _WISHED)
        elif difference > self._before[index]:
            self._wanted[index] = self._choose(index, now, self.handles[index], 0.0)
        self._taken[index] = 0
        self._before[index] = float(self._differences(now)[index])

    def _choose(self, index: int, now: Sequence[torch.Tensor], end: torch.Tensor, wished: float) -> torch.Tensor:
        """Of places from where a point is wanted towards an end, that whose difference is nearest to the wished one."""
        way = end - self._wanted[index]
        length = float(way.norm())
        reach = min(1.0, _LENGTH * self.sight.step / length) if length > 0 else 0.0
        shares = torch.arange(1, _CHOICES + 1, dtype=torch.float32, device="cpu").to(way.device) / _CHOICES
        places = self._wanted[index] + shares[:, None] * (way * reach)
        differences = (self.discs(now, places, index) - self.templates[index]).abs().mean(dim=(1, 2))
        return places[int((differences - wished).abs().argmin())]

    def _differences(self, now: Sequence[torch.Tensor]) -> torch.Tensor:
        return size_of(self.discs(now, self._wanted) - self.templates).mean(dim=(1, 2))
