"""How loud a sound is at each frame of a film: as a whole, in a band of frequencies, and of a pitch.

All are root mean squares of samples, so that they can be compared: a sine of amplitude 1 has 0.707 of each that
it belongs to, and the squares of parts add up to the whole's.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

from ..support.errors import SoatError, require_between, require_choice
from .sound import Sound
from .spectra import frequencies, mean_square, power, window_length

PITCHES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
MAX_FRAMES = 65536
MIN_FPS, MAX_FPS = 0.01, 240.0
MAX_HZ = 96_000.0
# Windows, in seconds. The longer, the finer frequencies are told apart, and the less moments are.
_LOUDNESS_SECONDS, _BAND_SECONDS, _PITCH_SECONDS = 0.04, 0.09, 0.3
# MIDI numbers of the pitches that count, C3 to B7: deeper ones lie too near each other for the window.
_LOWEST_PITCH, _HIGHEST_PITCH = 48, 107
_A4, _A4_HZ = 69, 440.0


def frame_times(frames: int, fps: float) -> torch.Tensor:
    """When each frame begins, in seconds: `[frames]` float64.

    Raises:
        SoatError: A number out of its range.
    """
    require_between("frames", frames, 1, MAX_FRAMES)
    require_between("fps", fps, MIN_FPS, MAX_FPS)
    return torch.arange(frames, dtype=torch.float64, device="cpu") / fps


def loudness(sound: Sound, frames: int, fps: float) -> torch.Tensor:
    """The root mean square of the samples around the beginning of each frame.

    Args:
        sound: Of any number of channels, whose squares are averaged.
        frames: How many; those beyond the sound's end are silent.
        fps: Frames a second.

    Returns:
        `[frames]` float64, 1 for a square wave at full scale.

    Raises:
        SoatError: A number out of its range.
    """
    length = max(round(_LOUDNESS_SECONDS * sound.rate), 2)
    return _over_frames(frames, fps, length / sound.rate, lambda times: mean_square(sound, times, length))


def band(sound: Sound, frames: int, fps: float, low_hz: float, high_hz: float) -> torch.Tensor:
    """The root mean square of what a sound has between two frequencies, both included.

    Args:
        sound: The sound.
        frames: As of `loudness`.
        fps: As of `loudness`.
        low_hz: The lowest frequency that counts. Windows of 90 ms tell frequencies some 20 Hz apart.
        high_hz: The highest. What a recording can't have, above half its rate, is silent.

    Returns:
        As of `loudness`, of this part of the sound.

    Raises:
        SoatError: A number out of its range, or a band with its ends the wrong way round.
    """
    for name, value in (("low_hz", low_hz), ("high_hz", high_hz)):
        require_between(name, value, 0.0, MAX_HZ)
    if low_hz >= high_hz:
        raise SoatError(f"The band begins at low_hz {low_hz:g} and ends at high_hz {high_hz:g}. Swap or part them.")
    length = window_length(sound, _BAND_SECONDS)
    hertz = frequencies(sound, length)
    # The bins whose middle lies in the band; of one narrower than a bin, the nearest bin.
    wanted = (hertz >= low_hz) & (hertz <= high_hz)
    if not bool(wanted.any()) and high_hz <= hertz[-1]:
        wanted[round((low_hz + high_hz) / 2.0 * length / sound.rate)] = True
    return _over_frames(frames, fps, length / sound.rate, lambda times: _summed(sound, times, length, wanted))


def chroma(sound: Sound, frames: int, fps: float, pitch: str) -> torch.Tensor:
    """The root mean square of what a sound has of one pitch, in all octaves from C3 to B7 (131 to 3951 Hz).

    Each frequency belongs to the nearest pitch of equal temperament with A4 at 440 Hz (Source: Fujishima 1999,
    Realtime chord recognition of musical sound; Mueller 2015, Fundamentals of Music Processing, section 3.1).

    Args:
        sound: The sound.
        frames: As of `loudness`.
        fps: As of `loudness`.
        pitch: One of PITCHES.

    Returns:
        As of `loudness`, of this part of the sound.

    Raises:
        SoatError: A number out of its range, or no such pitch.
    """
    require_choice("pitch", pitch, PITCHES)
    length = window_length(sound, _PITCH_SECONDS)
    hertz = frequencies(sound, length).clamp_min(1.0)
    nearest = (_A4 + 12.0 * (hertz / _A4_HZ).log2()).round().long()
    wanted = (nearest >= _LOWEST_PITCH) & (nearest <= _HIGHEST_PITCH) & (nearest % 12 == PITCHES.index(pitch))
    return _over_frames(frames, fps, length / sound.rate, lambda times: _summed(sound, times, length, wanted))


def _summed(sound: Sound, times: torch.Tensor, length: int, wanted: torch.Tensor) -> torch.Tensor:
    return torch.cat([spectrum[:, wanted].sum(1) for spectrum in power(sound, times, length)])


def _over_frames(
    frames: int, fps: float, window_seconds: float, squares_at: Callable[[torch.Tensor], torch.Tensor]
) -> torch.Tensor:
    """Root mean squares around the beginnings of frames, each of so many windows that no sound falls between two."""
    beginnings = frame_times(frames, fps)
    looks = max(math.ceil(2.0 / (fps * window_seconds)), 1)
    shares = (torch.arange(looks, dtype=torch.float64, device="cpu") + 0.5) / looks - 0.5
    times = (beginnings[:, None] + shares / fps).flatten()
    # The first window begins with the sound: before it there is nothing to hear.
    return squares_at(times.clamp_min(window_seconds / 2.0)).reshape(frames, looks).mean(1).sqrt()
