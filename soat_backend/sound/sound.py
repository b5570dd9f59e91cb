"""A sound as its samples."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from ..support.errors import SoatError

LOWEST_RATE, HIGHEST_RATE = 1000, 768_000


@dataclass(frozen=True)
class Sound:
    """Samples of one recording.

    Attributes:
        samples: `[channels, T]` float32 on the CPU; full scale is -1 to 1, more is allowed. T may be 0.
        rate: Samples a second.

    Raises:
        SoatError: Another shape, values that are no numbers, or a rate that no recording has.
    """

    samples: torch.Tensor
    rate: int

    def __post_init__(self) -> None:
        if self.samples.dim() != 2 or not len(self.samples):
            raise SoatError(
                f"The sound's samples: expected [channels, samples], got {list(self.samples.shape)}. Load it again."
            )
        if not LOWEST_RATE <= self.rate <= HIGHEST_RATE:
            raise SoatError(
                f"The sound's sample rate: expected {LOWEST_RATE} to {HIGHEST_RATE} samples a second, got {self.rate}. "
                "Whatever made it has named another number; load the sound from its file."
            )
        if not bool(self.samples.isfinite().all()):
            raise SoatError("The sound has samples that are no numbers (NaN or infinity). Load or make it again.")

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.samples.shape[1] / self.rate

    def frames(self, fps: float) -> int:
        """How many frames last as long as the sound; the last one may reach beyond its end."""
        # Of rates such as 30000/1001 the product is off in the last digits.
        return math.ceil(round(self.seconds * fps, 6))
