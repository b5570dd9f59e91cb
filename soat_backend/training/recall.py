"""Recall: every picture of the data has a sample near it, so that what is rare is painted too.

A discriminator asks of each sample whether it looks real, and a generator that never paints a hat is never asked about
one. Here each real picture is given to the nearest of some random samples that has none yet, and that sample is drawn
towards it.

Source: Li and Malik 2018, Implicit Maximum Likelihood Estimation. Deviations: each sample gets one picture at most, or
a few that are near to everything would get most of them and turn into their mean; and both are compared when shrunk,
since what is fine is the discriminator's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from ..perceptual import load_alexnet, perceive
from ..synthesis.coarse import shrunk

# Longest side of the pictures that are compared, in pixels.
SIDE = 64
# Random samples to choose from, and pictures given to them before there are new ones.
CANDIDATES = 512
GIVEN = CANDIDATES // 2
# Pictures a step.
PICTURES = 4
# Candidates drawn at once.
_BATCH = 16

# A generator's pictures `[B, 3, R, R]` of `[B, z_dim]`.
Draw = Callable[[torch.Tensor], torch.Tensor]


@dataclass
class _Candidates:
    """Random samples: `z` `[N, z_dim]`, what they look like `[N, D]`, and whether they are `free` `[N]`."""

    z: torch.Tensor
    looks: torch.Tensor
    free: torch.Tensor


class Recall:
    """What draws samples towards real pictures.

    Args:
        device: Of the pictures.
    """

    def __init__(self, device: torch.device) -> None:
        self._network = load_alexnet().to(device)
        self._candidates: _Candidates | None = None
        self._given = 0

    def loss(self, draw: Draw, z: Callable[[int], torch.Tensor], real: torch.Tensor) -> torch.Tensor:
        """How far the samples nearest to real pictures are from them: LPIPS and the mean square of pixels, both shrunk.

        Args:
            draw: The generator, differentiable.
            z: So many random `[N, z_dim]`.
            real: `[B, 3, R, R]` in -1..1.

        Returns:
            A scalar, differentiable.
        """
        looks = self._looks(real)
        candidates = self._candidates_for(len(real), draw, z)
        chosen = [nearest_free(look, candidates.looks, candidates.free) for look in looks]
        self._given += len(real)
        return (self._looks(draw(candidates.z[chosen])) - looks).square().sum(dim=1).mean()

    def _candidates_for(self, count: int, draw: Draw, z: Callable[[int], torch.Tensor]) -> _Candidates:
        """The present candidates, or new ones if too many of these are taken."""
        if self._candidates is None or self._given + count > GIVEN:
            codes = z(CANDIDATES)
            with torch.no_grad():
                looks = torch.cat([self._looks(draw(part)) for part in codes.split(_BATCH)])
            self._candidates = _Candidates(codes, looks, torch.ones(CANDIDATES, dtype=torch.bool, device=codes.device))
            self._given = 0
        return self._candidates

    def _looks(self, pictures: torch.Tensor) -> torch.Tensor:
        """Vectors `[B, D]` whose squared distances are LPIPS plus the mean square of the difference of pixels."""
        small = shrunk(pictures, SIDE)
        maps = [*perceive(self._network, small), small / small.shape[1] ** 0.5]
        return torch.cat([each.flatten(1) / each[0, 0].numel() ** 0.5 for each in maps], dim=1)


def nearest_free(look: torch.Tensor, looks: torch.Tensor, free: torch.Tensor) -> int:
    """The free one of `looks` `[N, D]` that is nearest to `look` `[D]`; it isn't free any more."""
    distances = (looks - look).square().sum(dim=1)
    nearest = int(torch.where(free, distances, torch.inf).argmin())
    free[nearest] = False
    return nearest
