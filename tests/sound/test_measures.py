"""Loudness, bands and pitches of sounds of which it is known what is in them."""

from __future__ import annotations

import math

import pytest
import torch
from soat.soat_backend.sound import Sound
from soat.soat_backend.sound.measures import PITCHES, band, chroma, loudness
from soat.soat_backend.sound.spectra import frequencies, mean_square, power
from soat.soat_backend.support.errors import SoatError
from sounds import RATE, audio, sound, tone

FPS = 24.0
RATES = (8_000, 44_100, 48_000)
EFFECTIVE = 0.5 / math.sqrt(2.0)  # The root mean square of a sine of amplitude 0.5.
# Frames whose windows lie over the sound.
WHOLE = slice(8, -8)


def spoken_plainly(samples: torch.Tensor, rate: int, seconds: float, length: int) -> list[float]:
    """The power in each bin around a time by its definition: Hann's window, then a sum over samples for each bin."""
    start = round(seconds * rate) - length // 2
    shape = [0.5 - 0.5 * math.cos(2.0 * math.pi * n / length) for n in range(length)]
    found = []
    for k in range(length // 2 + 1):
        total = 0.0
        for channel in samples:
            real = imaginary = 0.0
            for n in range(length):
                value = float(channel[start + n]) * shape[n]
                real += value * math.cos(2.0 * math.pi * k * n / length)
                imaginary -= value * math.sin(2.0 * math.pi * k * n / length)
            total += real**2 + imaginary**2
        sides = 1.0 if k in (0, length // 2) else 2.0
        found.append(sides * total / len(samples) / (length * sum(w * w for w in shape)))
    return found


def test_power_is_what_its_definition_says():
    samples = torch.randn(2, 400, generator=torch.Generator().manual_seed(0))
    times = torch.tensor([0.1, 0.125], dtype=torch.float64)
    (found,) = power(Sound(samples, 1000), times, 32)
    for row, seconds in zip(found.tolist(), times.tolist(), strict=True):
        assert row == pytest.approx(spoken_plainly(samples, 1000, seconds, 32), rel=1e-4)


def test_power_adds_up_to_the_mean_square():
    """Parseval, at the sound's ends and beyond them too, and over more windows than are made at once."""
    samples = torch.randn(2, 4000, generator=torch.Generator().manual_seed(1))
    times = torch.linspace(-0.1, 4.2, 700, dtype=torch.float64)
    noise = Sound(samples, 1000)
    found = torch.cat(list(power(noise, times, 64)))
    torch.testing.assert_close(found.sum(1), mean_square(noise, times, 64), rtol=1e-5, atol=1e-12)
    assert found.shape == (700, 33) and frequencies(noise, 64)[-1] == 500.0
    assert not found[(times < -0.05) | (times > 4.05)].any()


@pytest.mark.parametrize("rate", RATES)
def test_a_sine_is_as_loud_as_its_root_mean_square_at_every_frame(rate):
    found = loudness(sound(tone(440.0, rate=rate), rate), 48, FPS)
    torch.testing.assert_close(found, torch.full_like(found, EFFECTIVE), rtol=3e-3, atol=0)


@pytest.mark.parametrize("rate", RATES)
def test_a_tone_is_in_its_band_alone(rate):
    wave = sound(tone(440.0, rate=rate), rate)
    inside = band(wave, 48, FPS, 380.0, 500.0)
    torch.testing.assert_close(inside[WHOLE], torch.full_like(inside[WHOLE], EFFECTIVE), rtol=1e-3, atol=0)
    for low, high in ((20.0, 300.0), (600.0, 4000.0)):
        assert band(wave, 48, FPS, low, high)[WHOLE].max() < 1e-3 * EFFECTIVE


@pytest.mark.parametrize(
    ("hertz", "pitch", "rate"),
    [(440.0, "A", 8_000), (440.0, "A", 44_100), (220.0, "A", 22_050), (261.63, "C", 48_000), (1479.98, "F#", 16_000)],
)
def test_a_tone_is_the_pitch_it_is(rate, hertz, pitch):
    wave = sound(tone(hertz, 1.0, rate=rate), rate)
    found = {each: chroma(wave, 12, 12.0, each)[4:-4] for each in PITCHES}
    torch.testing.assert_close(found.pop(pitch), torch.full((4,), EFFECTIVE, dtype=torch.float64), rtol=2e-2, atol=0)
    assert max(float(other.max()) for other in found.values()) < 0.1 * EFFECTIVE


def test_pitches_add_up_to_the_band_they_lie_in():
    noise = sound(0.1 * torch.randn(1, 2 * RATE, generator=torch.Generator().manual_seed(2)))
    together = sum(chroma(noise, 48, FPS, pitch).square() for pitch in PITCHES).sqrt()
    # C3 to B7, as wide as pitches are; 300 ms of window against 90.
    assert together[WHOLE].mean() == pytest.approx(float(band(noise, 48, FPS, 127.1, 4066.8)[WHOLE].mean()), rel=0.02)


def test_two_tones_are_in_two_bands_and_their_squares_add_up():
    wave = sound(tone(100.0, amplitude=0.6) + tone(1000.0, amplitude=0.2))
    low, high = (band(wave, 48, FPS, *ends)[WHOLE] for ends in ((50.0, 200.0), (800.0, 1200.0)))
    assert low.mean() == pytest.approx(0.6 / math.sqrt(2.0), rel=1e-3)
    assert high.mean() == pytest.approx(0.2 / math.sqrt(2.0), rel=1e-3)
    together = (low.square() + high.square()).sqrt()
    assert together.mean() == pytest.approx(float(loudness(wave, 48, FPS)[WHOLE].mean()), rel=2e-3)


def test_channels_with_opposite_signs_are_heard():
    mono = tone(440.0)
    for measure in (loudness, lambda *a: band(*a, 300.0, 600.0), lambda *a: chroma(*a, "A")):
        alone = measure(sound(mono), 48, FPS)
        torch.testing.assert_close(measure(sound(torch.cat((mono, -mono))), 48, FPS), alone)
        halved = measure(sound(torch.cat((mono, torch.zeros_like(mono)))), 48, FPS)
        torch.testing.assert_close(halved, alone / math.sqrt(2.0))


def test_after_the_end_it_is_silent_and_longer_sounds_are_cut():
    wave = sound(tone(440.0, seconds=1.0))
    for measure in (loudness, lambda *a: band(*a, 300.0, 600.0), lambda *a: chroma(*a, "A")):
        longer = measure(wave, 60, FPS)
        assert longer[:20].min() > 0.25 and not longer[34:].any()
        torch.testing.assert_close(measure(wave, 12, FPS), longer[:12])


@pytest.mark.parametrize("samples", [torch.zeros(1, RATE), torch.zeros(2, 0)], ids=["silence", "nothing"])
def test_silence_is_silent(samples):
    assert not loudness(sound(samples), 10, FPS).any()
    assert not band(sound(samples), 10, FPS, 20.0, 200.0).any()
    assert not chroma(sound(samples), 10, FPS, "C").any()


def test_with_few_frames_nothing_falls_between_two():
    """At a frame a second a beep of 0.1 seconds is heard wherever in the frame it is."""
    heard = []
    for start in (1.6, 1.8, 2.0, 2.2, 2.3):
        samples = torch.zeros(1, 4 * RATE)
        first = round(start * RATE)
        samples[:, first : first + RATE // 10] = tone(440.0, 0.1)
        found = loudness(sound(samples), 4, 1.0)
        assert found[2] == found.max()
        heard.append(float(found[2]))
    assert min(heard) == pytest.approx(math.sqrt(0.1) * EFFECTIVE, rel=0.05) == max(heard)


def test_a_band_narrower_than_a_bin_is_the_nearest_bin():
    wave = sound(tone(1000.0))
    assert band(wave, 24, FPS, 999.9, 1000.1)[WHOLE].min() > 0.2
    # What no recording of this rate has is silent.
    assert not band(wave, 24, FPS, 9000.0, 9001.0).any()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda w: loudness(w, 0, FPS), "frames: expected a number from 1 to 65536, got 0."),
        (lambda w: loudness(w, 5, 0.0), "fps: expected a number from 0.01 to 240, got 0.0."),
        (
            lambda w: band(w, 5, FPS, 300.0, 200.0),
            "The band begins at low_hz 300 and ends at high_hz 200. Swap or part",
        ),
        (lambda w: band(w, 5, FPS, -1.0, 200.0), "low_hz: expected a number from 0 to 96000, got -1.0."),
        (lambda w: chroma(w, 5, FPS, "H"), "pitch: expected one of C, C#, D, D#, E, F, F#, G, G#, A, A#, B, got 'H'."),
        (lambda w: sound(torch.zeros(4)), r"The sound's samples: expected \[channels, samples\], got \[4\]"),
        (lambda w: sound(torch.zeros(0, 4)), r"The sound's samples: expected \[channels, samples\], got \[0, 4\]"),
        (lambda w: sound(torch.zeros(1, 4), 10), "The sound's sample rate: expected 1000 to 768000 .* got 10"),
        (lambda w: sound(torch.full((1, 4), torch.nan)), "The sound has samples that are no numbers"),
    ],
)
def test_what_cant_be_measured_is_refused(make, message):
    with pytest.raises(SoatError, match=message):
        make(sound(tone(440.0)))


def test_a_sound_knows_how_many_frames_it_lasts():
    assert sound(torch.zeros(1, 3 * RATE)).frames(24.0) == 72
    assert sound(torch.zeros(1, 3 * RATE + 1)).frames(24.0) == 73
    assert sound(torch.zeros(1, 48_048), 48_000).frames(30_000 / 1001) == 30
    assert audio(torch.zeros(1, 5))["waveform"].shape == (1, 1, 5)
