"""How often pictures are augmented before the discriminator sees them: as often as it begins to know them by heart."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from .colour import Colour
from .draws import Draws
from .geometry import Blit, Geometry
from .resampling import move

# Steps between adjustments of p (Source: Karras et al. 2020, section 3.1).
INTERVAL = 4


class Augmentation:
    """Augments real and generated pictures alike, each transformation of each picture with probability p.

    Source: Karras et al. 2020: pixel blitting, geometric and colour transformations ("bgc"), and the heuristic r_t of
    section 3.1. While p is 0 it does nothing. Deviation: p doesn't rise above 1.

    Args:
        on: Whether p may rise at all.
        target: The r_t that p is adjusted to, the mean sign of the logits of real pictures.
        images: In which p rises from 0 to 1 if r_t is always above the target.

    Attributes:
        p: 0..1.
        signs: The sum of what was observed since p was adjusted.
        steps: How often that was.
    """

    def __init__(self, on: bool, target: float, images: float) -> None:
        self.on = on
        self.target = target
        self.images = images
        self.p = 0.0
        self.signs = 0.0
        self.steps = 0

    def __call__(self, pictures: torch.Tensor, random: torch.Generator) -> torch.Tensor:
        """Pictures `[B, 3, R, R]` in -1..1, augmented; themselves while p is 0. Differentiable once."""
        if not self.p:
            return pictures
        draws = Draws(len(pictures), self.p, random, pictures.device)
        copied = Blit.draw(draws).apply(pictures)
        moved = move(copied, Geometry.draw(draws).backwards(pictures.shape[2]))
        return Colour.draw(draws).apply(moved)

    def observe(self, real: Sequence[torch.Tensor], batch: int) -> None:
        """Note the logits of a step's real pictures, and after every fourth step adjust p.

        Args:
            real: Of each of the discriminator's heads; each head counts the same.
            batch: Pictures of a step.
        """
        if not self.on:
            return
        self.signs += float(torch.stack([logits.detach().sign().mean() for logits in real]).mean())
        self.steps += 1
        if self.steps < INTERVAL:
            return
        rt = self.signs / self.steps
        step = batch * INTERVAL / self.images
        direction = (rt > self.target) - (rt < self.target)
        self.p = min(max(self.p + direction * step, 0.0), 1.0)
        self.signs, self.steps = 0.0, 0

    def state(self) -> dict[str, float]:
        """What a training that goes on needs to know."""
        return {"p": self.p, "signs": self.signs, "steps": self.steps}

    def load_state(self, state: dict[str, float]) -> None:
        """Go on from what `state` gave."""
        self.p, self.signs, self.steps = state["p"], state["signs"], int(state["steps"])
