"""Where an augmented picture's pixels come from: pixel blitting and general geometric transformations.

Source: Karras et al. 2020, appendix B, the first two groups of the pipeline. Deviation: blitting copies pixels, where
theirs is a part of the affine map that the general ones are together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from .draws import Draws

# Source: the same table. Translations in pictures, deviations of scales in powers of two.
WHOLE_SHIFT, SCALE_DEVIATION, SHIFT_DEVIATION = 0.125, 0.2, 0.125


@dataclass(frozen=True)
class Blit:
    """How pixels are copied, in this order.

    Attributes:
        mirrored: `[B]`, 1 where a picture is, else 0.
        quarters: `[B]`, quarter turns clockwise.
        shift: `[B, 2]`, right and down in pictures; rounded to pixels. What comes in is a mirror's.
    """

    mirrored: torch.Tensor
    quarters: torch.Tensor
    shift: torch.Tensor

    @classmethod
    def draw(cls, draws: Draws) -> Blit:
        """Each with the draws' probability."""
        return cls(draws.choice(2), draws.choice(4), draws.uniforms(WHOLE_SHIFT))

    def apply(self, images: torch.Tensor) -> torch.Tensor:
        """`[B, C, H, H]` of the same pixels."""
        side = images.shape[2]
        pixels = torch.arange(side, device=images.device)
        made = []
        for image, mirrored, quarters, shift in zip(
            images, self.mirrored.tolist(), self.quarters.tolist(), (self.shift * side).round().tolist(), strict=True
        ):
            turned = (image.flip(2) if mirrored else image).rot90(-int(quarters), (1, 2))
            right, down = (mirrored_places(pixels - int(by), side) for by in shift)
            made.append(turned[:, down][:, :, right])
        return torch.stack(made)


@dataclass(frozen=True)
class Geometry:
    """What is done to each picture of a batch, in this order, about its middle.

    Attributes:
        scale: `[B]`, in powers of two.
        first_turn: `[B]` in radians, clockwise as all turns.
        stretch: `[B]`, in powers of two: so much wider, and as much lower.
        second_turn: `[B]`.
        shift: `[B, 2]`, right and down in pictures.
    """

    scale: torch.Tensor
    first_turn: torch.Tensor
    stretch: torch.Tensor
    second_turn: torch.Tensor
    shift: torch.Tensor

    @classmethod
    def draw(cls, draws: Draws) -> Geometry:
        """Each with the draws' probability. Two turns by any angle, so that either is there with it in all."""
        turning = 1.0 - math.sqrt(1.0 - draws.p)
        return cls(
            draws.normal(SCALE_DEVIATION),
            draws.uniform(math.pi, turning),
            draws.normal(SCALE_DEVIATION),
            draws.uniform(math.pi, turning),
            draws.normals(SHIFT_DEVIATION),
        )

    def backwards(self, side: int) -> torch.Tensor:
        """From each place of the new picture to where it comes from.

        Args:
            side: Of the pictures, in pixels.

        Returns:
            `[B, 2, 3]` float64 on the CPU, of right and down in pixels from the middle.
        """
        larger, wider = self.scale.exp2(), self.stretch.exp2()
        done = (
            _scaling(torch.stack((larger, larger), 1)),
            _turn(self.first_turn),
            _scaling(torch.stack((wider, 1.0 / wider), 1)),
            _turn(self.second_turn),
            _shift(self.shift * side),
        )
        forwards = done[0]
        for each in done[1:]:
            forwards = each @ forwards
        return torch.linalg.inv(forwards)[:, :2]


def mirrored_places(places: torch.Tensor, side: int) -> torch.Tensor:
    """Into a picture: what lies beyond it is what mirrors at its edges show, so that pixels at the edge come twice."""
    distance = places.remainder(2 * side)
    return torch.minimum(distance, 2 * side - 1 - distance)


# On the CPU: not every device has float64.
def _matrices(batch: torch.Tensor) -> torch.Tensor:
    return torch.eye(3, dtype=torch.float64, device="cpu").repeat(len(batch), 1, 1)


def _scaling(factors: torch.Tensor) -> torch.Tensor:
    made = _matrices(factors)
    made[:, 0, 0], made[:, 1, 1] = factors[:, 0].cpu(), factors[:, 1].cpu()
    return made


def _shift(by: torch.Tensor) -> torch.Tensor:
    made = _matrices(by)
    made[:, :2, 2] = by.cpu()
    return made


def _turn(angle: torch.Tensor) -> torch.Tensor:
    made, angle = _matrices(angle), angle.cpu().double()
    made[:, 0, 0] = made[:, 1, 1] = angle.cos()
    made[:, 1, 0], made[:, 0, 1] = angle.sin(), -angle.sin()
    return made
