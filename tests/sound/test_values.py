"""AudioValue: numbers for frames, through the node; how they rise and fall."""

from __future__ import annotations

import math

import pytest
import torch
from soat.nodes import NODE_CLASS_MAPPINGS
from soat.soat_backend.sound.follow import at_most_one, followed, smoothed, travelled
from soat.soat_backend.support.errors import SoatError
from sounds import RATE, audio, clicks, tone

FPS = 24.0
DEFAULTS = {
    "frames": 0,
    "fps": FPS,
    "what": "loudness",
    "start": 0.0,
    "end": 1.0,
    "low_hz": 20.0,
    "high_hz": 200.0,
    "pitch": "A",
    "attack": 0.0,
    "release": 0.0,
    "smoothing": 0.0,
    "level": "peak",
}


def follow(sound, **inputs):
    """All outputs of the node."""
    with torch.inference_mode():
        return NODE_CLASS_MAPPINGS["AudioValue"]().follow(sound, **{**DEFAULTS, **inputs})


def swelling(seconds: float = 2.0) -> torch.Tensor:
    """A tone that gets louder."""
    wave = tone(440.0, seconds)
    return wave * torch.linspace(0.0, 1.0, wave.shape[1])


def test_it_goes_from_start_to_end():
    values, rounded, beats, way = follow(audio(swelling()), start=-3.0, end=5.0)
    assert len(values) == len(rounded) == len(beats) == len(way) == 48
    assert values[0] == pytest.approx(-3.0, abs=0.1) and max(values) == 5.0
    assert values[24] == pytest.approx(1.0, abs=0.2)
    assert rounded == [round(value) for value in values]


def test_absolute_is_the_root_mean_square_itself():
    values, *_ = follow(audio(tone(440.0)), level="absolute", end=2.0)
    assert values == pytest.approx([2.0 * 0.5 / math.sqrt(2.0)] * 48, rel=3e-3)


@pytest.mark.parametrize(
    ("what", "silent"), [("band", {"low_hz": 600.0, "high_hz": 900.0}), ("chroma", {"pitch": "C"})]
)
def test_what_is_followed_is_what_is_asked_for(what, silent):
    heard = {"band": {"low_hz": 400.0, "high_hz": 500.0}, "chroma": {"pitch": "A"}}[what]
    wave = audio(tone(440.0))
    values, *_ = follow(wave, what=what, level="absolute", **heard)
    assert values[10:-10] == pytest.approx([0.5 / math.sqrt(2.0)] * 28, rel=0.02)
    others, *_ = follow(wave, what=what, level="absolute", **silent)
    assert max(others[10:-10]) < 0.01


def test_onsets_are_one_where_they_are():
    wave = audio(clicks(0.5, 1.0, 1.25, 2.0))
    for level in ("peak", "absolute"):
        values, _, beats, _ = follow(wave, what="onsets", level=level, end=10.0)
        assert [frame for frame, value in enumerate(values) if value] == [12, 24, 30, 48]
        assert [values[frame] for frame in (12, 24, 30, 48)] == pytest.approx([10.0] * 4, rel=0.02)
        assert [beats[frame] for frame in (11, 12, 23, 24, 30, 47, 48, 71)] == [0, 1, 1, 2, 3, 3, 4, 4]


def test_a_beat_comes_within_its_release():
    """Each is a step with the time constant `release`."""
    _, _, beats, _ = follow(audio(clicks(0.5, 1.0)), what="loudness", release=0.1)
    expected = [
        sum(1.0 - math.exp(-(frame - first + 1) / FPS / 0.1) for first in (12, 24) if frame >= first)
        for frame in range(72)
    ]
    assert beats == pytest.approx(expected)


def test_travelled_adds_up_the_speeds():
    values, _, _, way = follow(audio(swelling()), start=0.5, end=3.0)
    assert way == pytest.approx([sum(values[:frame]) / FPS for frame in range(48)])
    assert travelled(torch.tensor([2.0, 4.0, 6.0]), 2.0).tolist() == [0.0, 1.0, 3.0]


def test_of_a_batch_the_first_sound_is_taken_and_channels_are_averaged():
    both = torch.stack((tone(440.0), tone(440.0, amplitude=0.1)))
    alone = follow(audio(tone(440.0)), level="absolute")
    assert follow(audio(both), level="absolute") == alone
    stereo = follow(audio(tone(440.0).repeat(2, 1)), level="absolute")
    for one, other in zip(alone, stereo, strict=True):
        assert one == pytest.approx(other)


def test_frames_beyond_the_sound_are_silent_and_fewer_are_its_beginning():
    wave = audio(tone(440.0, 1.0))
    longer, *_ = follow(wave, frames=48)
    assert longer[:24] == pytest.approx([1.0] * 24, rel=5e-3) and not any(longer[25:])
    assert len(follow(wave, frames=5)[0]) == 5 and len(follow(wave)[0]) == 24


@pytest.mark.parametrize("samples", [torch.zeros(1, RATE), 1e-6 * torch.ones(2, RATE)], ids=["silence", "nearly"])
@pytest.mark.parametrize("what", ["loudness", "band", "onsets", "chroma"])
def test_silence_stays_at_start(samples, what):
    values, rounded, beats, way = follow(audio(samples), what=what, start=2.0, end=7.0)
    assert values == [2.0] * 24 and rounded == [2] * 24 and beats == [0.0] * 24
    assert way[12] == pytest.approx(1.0)


# --- rise and fall ---------------------------------------------------------------------------------------------------


def needle(values: list[float], fps: float, attack: float, release: float) -> list[float]:
    """A hundred little steps a frame, each towards the frame's value: the differential equation, solved plainly."""
    where, course, steps = values[0], [], 100
    for value in values:
        for _ in range(steps):
            constant = attack if value > where else release
            where = (
                value
                if constant == 0.0
                else where + (value - where) * (1.0 - math.exp(-1.0 / (fps * steps * constant)))
            )
        course.append(where)
    return course


@pytest.mark.parametrize(("attack", "release"), [(0.0, 0.3), (0.2, 0.0), (0.05, 0.5), (0.0, 0.0)])
def test_it_rises_and_falls_as_a_needle_does(attack, release):
    values = torch.rand(40, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    expected = needle(values.tolist(), FPS, attack, release)
    assert followed(values, FPS, attack, release).tolist() == pytest.approx(expected, abs=1e-9)


def test_a_release_of_a_second_falls_to_a_third_in_a_second():
    values, *_ = follow(audio(clicks(0.0, seconds=3.0)), what="onsets", release=1.0)
    assert values[24] == pytest.approx(math.exp(-1.0)) and values[48] == pytest.approx(math.exp(-2.0))


def test_smoothing_is_a_gaussian_in_time():
    values = torch.zeros(49, dtype=torch.float64)
    values[24] = 1.0
    found = smoothed(values, FPS, 0.1)
    assert found.sum() == pytest.approx(1.0) and torch.equal(found, found.flip(0))
    for offset in (1, 3, 5):
        assert found[24 + offset] / found[24] == pytest.approx(math.exp(-0.5 * (offset / FPS / 0.1) ** 2))
    torch.testing.assert_close(
        smoothed(torch.ones(9, dtype=torch.float64), FPS, 5.0), torch.ones(9, dtype=torch.float64)
    )
    assert smoothed(values, FPS, 0.0) is values


def test_only_silence_isnt_made_loud():
    assert at_most_one(torch.tensor([0.0, 0.001, 0.002])).tolist() == [0.0, 0.5, 1.0]
    assert at_most_one(torch.tensor([0.0, 5e-5])).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("sound", "inputs", "message"),
    [
        (None, {}, "AudioValue: There is no sound on the wire: the film that it was to come from has none. Load one."),
        (torch.zeros(3), {}, "AudioValue: A sound has a waveform and a sample_rate, got Tensor without."),
        ({"waveform": torch.zeros(1, 9)}, {}, "A sound has a waveform and a sample_rate, got dict without."),
        (audio(torch.zeros(1, 1, 1, 5)), {}, r"A sound is \[batch, channels, samples\], got \[1, 1, 1, 5\]."),
        ({"waveform": [0.0], "sample_rate": RATE}, {}, r"A sound is \[batch, channels, samples\], got list."),
        (audio(torch.zeros(1, 0)), {}, "The sound is empty: it has no samples. Load another, or say how many frames"),
        (audio(torch.zeros(1, 62_500), 1000), {"fps": 240.0}, None),
        (audio(torch.zeros(1, 300_000), 1000), {"fps": 240.0}, "The sound lasts 300 seconds, at 240 a second 72000 "),
        (audio(tone(440.0)), {"what": "pitch"}, "what: expected one of loudness, band, onsets, chroma, got 'pitch'."),
        (audio(tone(440.0)), {"level": "dB"}, "level: expected one of peak, absolute, got 'dB'."),
        (audio(tone(440.0)), {"start": math.nan}, "start: expected a number from -1000000 to 1000000, got nan."),
        (audio(tone(440.0)), {"frames": -1}, "frames: expected a number from 0 to 65536, got -1."),
        (audio(tone(440.0)), {"fps": 0.0}, "fps: expected a number from 0.01 to 240, got 0.0."),
        (audio(tone(440.0)), {"attack": -1.0}, "attack: expected a number from 0 to 60, got -1.0."),
        (audio(tone(440.0)), {"release": 61.0}, "release: expected a number from 0 to 60, got 61.0."),
        (audio(tone(440.0)), {"smoothing": -1.0}, "smoothing: expected a number from 0 to 60, got -1.0."),
        (audio(tone(440.0), 5), {}, "The sound's sample rate: expected 1000 to 768000 samples a second, got 5."),
    ],
)
def test_what_cant_be_followed_is_refused(sound, inputs, message):
    if message is None:
        assert len(follow(sound, **inputs)[0]) == 15_000
        return
    with pytest.raises(SoatError, match=message):
        follow(sound, **inputs)


# --- a walk at the beat ----------------------------------------------------------------------------------------------


def test_a_latent_walk_goes_a_station_further_at_each_beat(node):
    generator = node("LoadStyleGAN", checkpoint="demo/landscape_256.safetensors")
    stations = node("SampleLatent", generator=generator, seed=3, batch_size=3)
    _, _, beats, _ = follow(audio(clicks(0.5, 1.0, 1.5, 2.0, seconds=2.5)), fps=4.0)
    assert beats == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    places = [node("LatentWalk", latent=stations, position=position) for position in beats]
    for place, beat in zip(places, beats, strict=True):
        (code,) = place.codes
        assert torch.equal(code[0], stations.codes[0][int(beat) % 3])
