"""How well a picture was inverted."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from .likeness import Likeness


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
        base: How far the base code is from what the found code makes there: root mean square, in standard deviations
            of random codes' maps; None where there is none.
    """

    lpips: float
    mse: float
    sigmas: float
    steps: int
    seconds: float
    ending: str
    base: float | None = None

    @property
    def psnr(self) -> float:
        """Peak signal to noise ratio in dB."""
        return -10.0 * math.log10(max(self.mse, 1e-12))

    def __str__(self) -> str:
        base = "" if self.base is None else f"base code {self.base:.2f} deviations from the code's own, "
        return (
            f"LPIPS {self.lpips:.4f}, MSE {self.mse:.5f}, PSNR {self.psnr:.2f} dB, {self.sigmas:.2f} sigmas from the "
            f"mean (random codes: about 1), {base}{self.steps} steps in {self.seconds:.1f} s: {self.ending}"
        )


def report_of(
    likeness: Likeness,
    picture: torch.Tensor,
    sigmas: float,
    steps: int,
    seconds: float,
    ending: str,
    base: float | None = None,
) -> Report:
    """The report on one picture `[1, img_channels, H, W]` in about -1..1, by its likeness to its target."""
    lpips, mse = likeness.measure(picture)
    # Halved range, so a quarter of the squares.
    return Report(float(lpips), float(mse) / 4.0, sigmas, steps, seconds, ending, base)
