"""What an augmented picture's colours become: Source: Karras et al. 2020, appendix B, colour transformations.

All are one affine map of RGB in -1..1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from .draws import Draws

# Source: the same. Contrast and saturation in powers of two.
BRIGHTNESS_DEVIATION, CONTRAST_DEVIATION, SATURATION_DEVIATION = 0.2, 0.5, 1.0


@dataclass(frozen=True)
class Colour:
    """What is done to each picture of a batch, in this order; all are `[B]`.

    Attributes:
        brightness: Added to all three.
        contrast: In powers of two.
        inverted: 1 where light and dark change places, else 0: hue and saturation stay.
        hue: In radians about the axis of greys.
        saturation: In powers of two.
    """

    brightness: torch.Tensor
    contrast: torch.Tensor
    inverted: torch.Tensor
    hue: torch.Tensor
    saturation: torch.Tensor

    @classmethod
    def draw(cls, draws: Draws) -> Colour:
        """Each with the draws' probability."""
        return cls(
            draws.normal(BRIGHTNESS_DEVIATION),
            draws.normal(CONTRAST_DEVIATION),
            draws.choice(2),
            draws.uniform(math.pi),
            draws.normal(SATURATION_DEVIATION),
        )

    def apply(self, images: torch.Tensor) -> torch.Tensor:
        """Pictures `[B, 3, H, W]` in these colours.

        What follows contrast is linear, and splits a colour into its grey and what is beside it: the grey is negated,
        the rest turned and scaled.
        """
        factor = self.contrast.exp2()
        mean = images.new_full((3, 3), 1.0 / 3.0)
        beside = torch.eye(3, dtype=images.dtype, device=images.device) - mean
        root = math.sqrt(1.0 / 3.0)
        # The cross product with the axis of greys.
        cross = images.new_tensor([[0.0, -root, root], [root, 0.0, -root], [-root, root, 0.0]])
        sign, vivid = 1.0 - 2.0 * self.inverted, self.saturation.exp2()
        matrix = _each(sign) * mean + _each(vivid * self.hue.cos()) * beside + _each(vivid * self.hue.sin()) * cross
        shift = factor * sign * self.brightness
        mixed = torch.einsum("bij,bjhw->bihw", _each(factor) * matrix, images)
        return mixed + shift[:, None, None, None]


def _each(values: torch.Tensor) -> torch.Tensor:
    return values[:, None, None]
