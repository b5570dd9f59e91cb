"""A few bars of music, synthesised: drums, a bass and a chord, for films that have no sound yet."""

from __future__ import annotations

import numpy as np
import torch

from ..support.errors import require_between
from .sound import Sound

RATE = 44_100
MIN_SECONDS, MAX_SECONDS = 0.1, 600.0
MIN_TEMPO, MAX_TEMPO = 20.0, 300.0
_BEATS_A_BAR = 4
# Half tones over A, of chords in a minor key that may follow each other in any order.
_ROOTS = (0, 3, 5, 8, 10)
_MINOR, _MAJOR = (0, 3, 7), (0, 4, 7)
_A2_HZ = 110.0


def rhythm(seconds: float, tempo: float, seed: int) -> Sound:
    """Synthesise some bars: a drum on each beat, another on the second and fourth, cymbals, a bass, and a chord a bar.

    Args:
        seconds: How long.
        tempo: Beats a minute; the first is at 0 seconds.
        seed: Which chords, and where the cymbals are.

    Returns:
        One channel, RATE samples a second, at most 0.9 loud; the same for the same numbers.

    Raises:
        SoatError: A number out of its range.
    """
    require_between("seconds", seconds, MIN_SECONDS, MAX_SECONDS)
    require_between("tempo", tempo, MIN_TEMPO, MAX_TEMPO)
    random = np.random.default_rng(seed)
    beat = 60.0 / tempo
    track = np.zeros(round(seconds * RATE))
    cymbals = random.random(2 * _BEATS_A_BAR) < 0.8
    root = 0
    for number in range(int(np.ceil(seconds / beat))):
        _add(track, number * beat, _drum())
        if number % 2:
            _add(track, number * beat, 0.35 * _noise(random, 0.18, 0.05))
        for half in range(2):
            if cymbals[(2 * number + half) % len(cymbals)]:
                _add(track, (number + half / 2) * beat, 0.12 * np.diff(_noise(random, 0.08, 0.02), prepend=0.0))
        if number % _BEATS_A_BAR == 0:
            root = 0 if not number else int(random.choice(_ROOTS))
            third = _MINOR if root in (0, 5) else _MAJOR
            for step in third:
                _add(track, number * beat, 0.06 * _tone(root + step + 12, _BEATS_A_BAR * beat, 0.08))
        _add(track, (number + 0.5) * beat, 0.2 * _tone(root - 12, 0.45 * beat, 0.004))
    loudest = np.abs(track).max(initial=0.0)
    samples = torch.from_numpy((track * (0.9 / loudest if loudest else 1.0)).astype(np.float32))
    return Sound(samples[None], RATE)


def _times(seconds: float) -> np.ndarray:
    return np.arange(round(seconds * RATE)) / RATE


def _drum() -> np.ndarray:
    """A sine that falls from 150 Hz to 50 Hz."""
    t = _times(0.3)
    return np.sin(2.0 * np.pi * (50.0 * t + 100.0 * 0.03 * (1.0 - np.exp(-t / 0.03)))) * np.exp(-t / 0.09)


def _noise(random: np.random.Generator, seconds: float, decay: float) -> np.ndarray:
    t = _times(seconds)
    return random.standard_normal(len(t)) * np.exp(-t / decay)


def _tone(half_tones: int, seconds: float, rise: float) -> np.ndarray:
    """A soft tone, so many half tones over A2, which fades out towards its end."""
    t = _times(seconds)
    phase = 2.0 * np.pi * _A2_HZ * 2.0 ** (half_tones / 12.0) * t
    shape = np.minimum(t / rise, 1.0) * np.minimum((seconds - t) / (0.3 * seconds), 1.0)
    return (np.sin(phase) + 0.3 * np.sin(2.0 * phase) + 0.1 * np.sin(3.0 * phase)) * shape


def _add(track: np.ndarray, seconds: float, sound: np.ndarray) -> None:
    start = round(seconds * RATE)
    length = max(min(len(sound), len(track) - start), 0)
    track[start : start + length] += sound[:length]
