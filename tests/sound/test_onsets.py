"""Where something begins: clicks, drums and tones at known times."""

from __future__ import annotations

import math

import pytest
import torch
from soat.soat_backend.sound import Sound
from soat.soat_backend.sound.onsets import find_onsets, flux
from soat.soat_backend.sound.rhythm import RATE as RHYTHM_RATE
from soat.soat_backend.sound.rhythm import rhythm
from soat.soat_backend.support.errors import SoatError
from sounds import RATE, clicks, sound, tone

AT = (0.0, 0.25, 0.5, 1.0, 1.317, 2.0, 2.771)


def drum(rate: int) -> torch.Tensor:
    t = torch.arange(rate // 5) / rate
    return 0.8 * torch.sin(2.0 * math.pi * 60.0 * t) * torch.exp(-t / 0.06)


def hiss(rate: int) -> torch.Tensor:
    t = torch.arange(rate // 5) / rate
    return 0.3 * torch.randn(len(t), generator=torch.Generator().manual_seed(0)) * torch.exp(-t / 0.03)


def note(rate: int) -> torch.Tensor:
    t = torch.arange(rate // 5) / rate
    return 0.3 * torch.sin(2.0 * math.pi * 523.25 * t) * torch.exp(-t / 0.04)


@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000])
@pytest.mark.parametrize(
    "kind", [lambda rate: torch.tensor([0.8]), drum, hiss, note], ids=["click", "drum", "hiss", "note"]
)
def test_what_begins_is_found_to_ten_milliseconds_and_nothing_else(kind, rate):
    samples = torch.zeros(1, 3 * rate)
    for second in AT:
        start = round(second * rate)
        part = kind(rate)[: 3 * rate - start]
        samples[0, start : start + len(part)] += part
    found = find_onsets(Sound(samples, rate), 3.0)
    assert found.seconds.tolist() == pytest.approx(AT, abs=0.01)
    assert found.strength.max() == 1.0 and found.strength.min() > 0.5


@pytest.mark.parametrize("fps", [12.0, 24.0, 30_000 / 1001, 60.0])
def test_they_are_in_the_frames_nearest_to_them(fps):
    strength, count = find_onsets(sound(clicks(*AT)), 3.0).in_frames(round(3 * fps), fps)
    # To 10 ms: what lies nearly between two frames may be in either.
    for frame, number in zip(strength.nonzero().flatten().tolist(), AT, strict=True):
        assert abs(frame - number * fps) <= 0.5 + 0.01 * fps
    assert count.tolist() == (strength > 0).double().tolist()


def test_what_is_less_is_weaker():
    samples = clicks(0.5, 1.5, 2.5) + clicks(1.0, 2.0, height=0.2)
    found = find_onsets(sound(samples), 3.0)
    assert len(found.seconds) == 5
    assert found.strength[::2].min() > 0.9 and found.strength[1::2].max() < 0.7


def test_two_in_one_frame_are_two():
    strength, count = find_onsets(sound(clicks(0.9, 1.1)), 3.0).in_frames(3, 1.0)
    assert count.tolist() == [0.0, 2.0, 0.0] and strength[1] == 1.0


@pytest.mark.parametrize(
    "samples",
    [
        torch.zeros(1, 2 * RATE),
        torch.zeros(1, 0),
        1e-5 * torch.randn(1, 2 * RATE, generator=torch.Generator().manual_seed(3)),
    ],
    ids=["silence", "nothing", "a hum nobody hears"],
)
def test_nothing_begins_in_silence(samples):
    assert len(find_onsets(sound(samples), 2.0).seconds) == 0


def test_what_goes_on_begins_once():
    noise = 0.2 * torch.randn(1, 3 * RATE, generator=torch.Generator().manual_seed(3))
    for steady in (tone(440.0, 3.0), noise):
        found = find_onsets(sound(steady), 2.9)
        assert found.seconds.tolist() == pytest.approx([0.0], abs=0.01)


def test_only_the_first_seconds_are_listened_to():
    wave = sound(clicks(0.5, 1.5, 2.5))
    assert find_onsets(wave, 2.0).seconds.tolist() == pytest.approx([0.5, 1.5], abs=0.01)
    assert len(flux(wave, 2.0)) < 0.7 * len(flux(wave, 3.0))


@pytest.mark.parametrize(("tempo", "seed"), [(90.0, 0), (120.0, 1), (120.0, 2), (150.0, 3)])
def test_the_beats_of_a_few_bars_are_found(tempo, seed):
    bars = rhythm(5.0, tempo, seed)
    found = find_onsets(bars, 5.0).seconds
    beat = 60.0 / tempo
    for number in range(int(5.0 / beat - 0.01)):
        assert (found - number * beat).abs().min() < 0.015
    # All that is found is on a half of a beat: drums, cymbals, bass.
    halves = found / (beat / 2.0)
    assert (halves - halves.round()).abs().max() * beat / 2.0 < 0.04


def test_bars_are_made_of_their_numbers():
    first = rhythm(2.0, 120.0, 5)
    assert first.rate == RHYTHM_RATE and first.samples.shape == (1, 2 * RHYTHM_RATE)
    assert torch.equal(first.samples, rhythm(2.0, 120.0, 5).samples)
    assert not torch.equal(first.samples, rhythm(2.0, 120.0, 6).samples)
    assert first.samples.abs().max() == pytest.approx(0.9)
    for wrong, message in (((0.0, 120.0, 0), "seconds: "), ((1.0, 0.0, 0), "tempo: ")):
        with pytest.raises(SoatError, match=message):
            rhythm(*wrong)
