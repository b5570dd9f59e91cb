"""How well a picture was inverted."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Report:
    """How well one picture was inverted.

    Attributes:
        lpips: Perceptual distance, 0 for equal pictures.
        mse: Mean squared error of pictures in 0..1.
        sigmas: How far the code is from the mean: about 1 for random codes.
        steps: Taken.
        seconds: They took; of pictures searched at once, each one's share.
        ending: Why there were no more.
    """

    lpips: float
    mse: float
    sigmas: float
    steps: int
    seconds: float
    ending: str

    @property
    def psnr(self) -> float:
        """Peak signal to noise ratio in dB."""
        return -10.0 * math.log10(max(self.mse, 1e-12))

    def __str__(self) -> str:
        return (
            f"LPIPS {self.lpips:.4f}, MSE {self.mse:.5f}, PSNR {self.psnr:.2f} dB, {self.sigmas:.2f} sigmas from the "
            f"mean (random codes: about 1), {self.steps} steps in {self.seconds:.1f} s: {self.ending}"
        )
