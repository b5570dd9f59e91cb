"""How numbers that follow a sound move: smoothed, quick to rise and slow to fall, added up."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from ..support.errors import require_between

MAX_SECONDS = 60.0
# As a share of full scale: what is quieter (-80 dB) is silence, and not made loud.
_SILENCE = 1e-4


def smoothed(values: torch.Tensor, fps: float, seconds: float) -> torch.Tensor:
    """Blur numbers in time, to both sides alike, so that nothing comes late.

    Args:
        values: `[frames]`.
        fps: Frames a second.
        seconds: The Gaussian's standard deviation; 0 changes nothing.

    Returns:
        `[frames]`; the first and the last number go on beyond the ends.

    Raises:
        SoatError: A number out of its range.
    """
    require_between("smoothing", seconds, 0.0, MAX_SECONDS)
    reach = math.ceil(3.0 * seconds * fps)
    if not reach:
        return values
    offsets = torch.arange(-reach, reach + 1, dtype=values.dtype, device="cpu")
    weights = torch.exp(-0.5 * (offsets / (seconds * fps)).square())
    padded = F.pad(values[None, None], (reach, reach), mode="replicate")
    return F.conv1d(padded, (weights / weights.sum())[None, None])[0, 0]


def followed(values: torch.Tensor, fps: float, attack: float, release: float) -> torch.Tensor:
    """Follow numbers as a needle does: with one time constant upwards, with another down.

    Each frame it goes 1 - exp(-1 / (fps * constant)) of the way to its number, so in a constant 63 % of it, in three
    95 % (Source: Giannoulis, Massberg and Reiss 2012, Digital dynamic range compressor design, equation 16).

    Args:
        values: `[frames]`; the needle begins at the first.
        fps: Frames a second.
        attack: Time constant where they rise, in seconds; 0: at once.
        release: Time constant where they fall, in seconds; 0: at once.

    Returns:
        `[frames]`.

    Raises:
        SoatError: A number out of its range.
    """
    shares = []
    for name, constant in (("attack", attack), ("release", release)):
        require_between(name, constant, 0.0, MAX_SECONDS)
        shares.append(1.0 - math.exp(-1.0 / (fps * constant)) if constant * fps > 1e-6 else 1.0)
    rise, fall = shares
    needle = float(values[0])
    course = []
    for value in values.tolist():
        needle += (rise if value > needle else fall) * (value - needle)
        course.append(needle)
    return torch.tensor(course, dtype=values.dtype, device="cpu")


def at_most_one(values: torch.Tensor) -> torch.Tensor:
    """Numbers as shares of the greatest; of silence, zeros."""
    greatest = float(values.max())
    return values / greatest if greatest > _SILENCE else torch.zeros_like(values)


def travelled(values: torch.Tensor, fps: float) -> torch.Tensor:
    """How far one has come at each frame's beginning, if the numbers are speeds a second: `[frames]`, the first 0."""
    return F.pad(values.cumsum(0)[:-1] / fps, (1, 0))
