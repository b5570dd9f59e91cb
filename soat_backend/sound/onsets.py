"""Where something begins in a sound: beats, notes, claps.

The spectral flux of bands a third of an octave wide, compressed by a logarithm, and the peaks of it that stand out.
(Source: Klapuri 1999, Sound onset detection by applying psychoacoustic knowledge, for the bands and the logarithm;
Boeck, Krebs and Schedl 2012, Evaluating the online capabilities of onset detection methods, section 2, for how peaks
are picked.)
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from .sound import Sound
from .spectra import frequencies, power, window_length

_WINDOW_SECONDS, _STEP_SECONDS = 0.046, 0.01
# Over two steps: about as long as the window takes to hear something come in.
_STEPS_COMPARED = 2
# What comes in is heard by a window's end, and stands out most when so many steps of it are over it: measured
# of clicks, drums and tones.
_HEARD_AFTER_STEPS = 2.0
_LOWEST_HZ, _BANDS_AN_OCTAVE = 40.0, 3
# What a band has, before the logarithm: 1 / 1000 of full scale (-60 dB) is where it begins to count.
_COMPRESSION = 1000.0
# A peak is the highest within 50 ms, and stands out of the mean from 100 ms before to 70 ms after.
_HIGHEST_STEPS, _BEFORE_STEPS, _AFTER_STEPS = 5, 10, 7
# How far it stands out: of the highest peak's height, and in any case.
_STANDS_OUT, _LEAST = 0.2, 0.1


@dataclass(frozen=True)
class Onsets:
    """Where something begins.

    Attributes:
        seconds: `[N]` float64, rising.
        strength: `[N]` float64: how much comes in, the strongest 1.
    """

    seconds: torch.Tensor
    strength: torch.Tensor

    def in_frames(self, frames: int, fps: float) -> tuple[torch.Tensor, torch.Tensor]:
        """What begins nearest to each frame's beginning: the strongest one's strength and how many, both `[frames]`."""
        nearest = (self.seconds * fps).round().long()
        kept = nearest < frames
        strength, count = (torch.zeros(frames, dtype=torch.float64, device="cpu") for _ in range(2))
        strength.scatter_reduce_(0, nearest[kept], self.strength[kept], "amax")
        count.index_add_(0, nearest[kept], torch.ones_like(self.strength[kept]))
        return strength, count


def find_onsets(sound: Sound, until: float) -> Onsets:
    """Find where something begins in the first `until` seconds of a sound, to some 10 ms.

    Args:
        sound: Of any number of channels.
        until: In seconds; 0 or more.

    Returns:
        The onsets; none in silence, or in a sound that doesn't change.
    """
    rise = flux(sound, min(until, sound.seconds))
    highest = F.max_pool1d(rise[None], 2 * _HIGHEST_STEPS + 1, 1, _HIGHEST_STEPS)[0]
    around = F.pad(rise, (_BEFORE_STEPS, _AFTER_STEPS)).unfold(0, _BEFORE_STEPS + 1 + _AFTER_STEPS, 1).mean(1)
    threshold = around + max(_STANDS_OUT * float(rise.max()), _LEAST)
    steps: list[int] = []
    for step in ((rise == highest) & (rise >= threshold)).nonzero().flatten().tolist():
        if not steps or step - steps[-1] > _HIGHEST_STEPS:  # Else as high as the last one.
            steps.append(step)
    found = torch.tensor(steps, dtype=torch.long, device="cpu")
    strength = rise[found]
    return Onsets(
        ((found.double() - _HEARD_AFTER_STEPS) * _STEP_SECONDS).clamp_min(0.0),
        strength / strength.max() if steps else strength,
    )


def flux(sound: Sound, until: float) -> torch.Tensor:
    """How much comes into the bands, on average over them, every 10 ms: `[steps]` float64, 0 or more.

    Each step's window ends there, and so does the first where the sound begins.
    """
    length = window_length(sound, _WINDOW_SECONDS)
    # What lies before a sound is silence, and is heard as such.
    padded = Sound(F.pad(sound.samples, (length, length)), sound.rate)
    count = round((until + length / sound.rate) / _STEP_SECONDS) + 1
    times = torch.arange(count, dtype=torch.float64, device="cpu") * _STEP_SECONDS + length / 2.0 / sound.rate
    bands = _bands(sound, length)
    heard = torch.cat([spectrum @ bands for spectrum in power(padded, times, length)])
    loud = torch.log1p(_COMPRESSION * heard.sqrt())
    before = F.pad(loud, (0, 0, _STEPS_COMPARED, 0))[: len(loud)]
    return (loud - before).clamp_min(0.0).mean(1)


def _bands(sound: Sound, length: int) -> torch.Tensor:
    """Which bins are in which band: `[bins, bands]` of 0 and 1; bands that no bin lies in are left out."""
    hertz = frequencies(sound, length)
    number = ((hertz / _LOWEST_HZ).clamp_min(1e-9).log2() * _BANDS_AN_OCTAVE).floor().long()
    kinds = number[number >= 0].unique()
    return (number[:, None] == kinds).double()
