"""Windows of a sound at given times, and how its power is spread over frequencies there."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch

from ..support.runtime import ON_CPU
from .sound import Sound

_AT_ONCE = 256  # Windows: so many are in memory, however long the sound is.


def window_length(sound: Sound, seconds: float) -> int:
    """The power of two of samples that lasts about so long."""
    return 2 ** max(round(math.log2(seconds * sound.rate)), 4)


def hann(length: int) -> torch.Tensor:
    """Hann's window `[length]`, float32, periodic, as spectra want it."""
    return torch.hann_window(length, periodic=True, **ON_CPU)


def windows(sound: Sound, seconds: torch.Tensor, length: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Cut windows out of a sound, some hundred at a time.

    Args:
        sound: The sound.
        seconds: `[N]` float64: where each window has its middle. Beyond its ends the sound is silent.
        length: Of a window, in samples.

    Yields:
        Samples under Hann's window `[n, channels, length]`, and `[n]`: the sum of the window's squares as far as it
        lies over the sound. The sum of a window's squares by that number is the mean square of what there is of sound.
    """
    shape, total = hann(length), sound.samples.shape[1]
    weights = torch.cat((torch.zeros(1, dtype=torch.float64, device="cpu"), shape.double().square().cumsum(0)))
    for middles in seconds.split(_AT_ONCE):
        starts = (middles * sound.rate).round().long() - length // 2
        places = starts[:, None] + torch.arange(length, device="cpu")
        inside = (places >= 0) & (places < total)
        if not total:
            cut = torch.zeros(len(starts), len(sound.samples), length, **ON_CPU)
        else:
            cut = sound.samples[:, places.clamp(0, total - 1)].movedim(0, 1) * (inside * shape)[:, None]
        first, last = (-starts).clamp(0, length), (total - starts).clamp(0, length)
        yield cut, (weights[last] - weights[first]).clamp_min(0.0)


def mean_square(sound: Sound, seconds: torch.Tensor, length: int) -> torch.Tensor:
    """The mean square of the samples around each time, over channels too: `[N]` float64.

    Channels are averaged as squares, so that what is in two channels with opposite signs counts.
    """
    found = []
    for cut, weight in windows(sound, seconds, length):
        squares = cut.double().square().sum(2).mean(1)
        found.append(torch.where(weight > 0.0, squares / weight.clamp_min(1e-12), torch.zeros_like(squares)))
    return torch.cat(found)


def power(sound: Sound, seconds: torch.Tensor, length: int) -> Iterator[torch.Tensor]:
    """How the mean square around each time is spread over frequencies.

    Args:
        sound: The sound.
        seconds: `[N]` float64, where the windows have their middles.
        length: Of a window, in samples; even.

    Yields:
        `[n, length / 2 + 1]` float64: bin k is for k x rate / length Hz, and their sum is `mean_square` (Parseval).
    """
    for cut, weight in windows(sound, seconds, length):
        spectrum = torch.fft.rfft(cut).abs().double().square().mean(1)
        spectrum[:, 1:-1] *= 2.0  # The negative frequencies, which rfft leaves out.
        scale = torch.where(weight > 0.0, 1.0 / (length * weight.clamp_min(1e-12)), torch.zeros_like(weight))
        yield spectrum * scale[:, None]


def frequencies(sound: Sound, length: int) -> torch.Tensor:
    """What each bin of `power` is for, in Hz: `[length / 2 + 1]` float64."""
    return torch.arange(length // 2 + 1, dtype=torch.float64, device="cpu") * (sound.rate / length)
