"""Sounds from files: the values that ComfyUI reads, with PyAV and without."""

from __future__ import annotations

import sys
import wave

import numpy as np
import pytest
import torch
from soat.nodes import host
from soat.nodes.core.audio import LoadAudio
from soat.soat_backend.sound import Sound
from soat.soat_backend.sound.files import read_sound, write_wav
from soat.soat_backend.support.errors import SoatError

RAMP = np.linspace(-1.0, 1.0, 200, endpoint=False).reshape(-1, 2)  # Two channels.


def write(path, width: int) -> np.ndarray:
    """RAMP as whole numbers of so many bytes; the values that they mean."""
    scale = 2 ** (8 * width - 1)
    numbers = np.floor(RAMP * scale).astype(np.int64)
    data = (numbers + 128).astype(np.uint8) if width == 1 else numbers.astype("<i4" if width > 2 else "<i2")
    raw = data.tobytes() if width != 3 else data.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(width)
        file.setframerate(22_050)
        file.writeframes(raw)
    return (numbers / scale).T


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("with_pyav", [True, False])
def test_a_wav_needs_nothing(width, with_pyav, tmp_path, monkeypatch):
    if not with_pyav:
        monkeypatch.setitem(sys.modules, "av", None)
    expected = write(tmp_path / "a.wav", width)
    monkeypatch.setattr(host.folders, "_chosen_folders", {"input": tmp_path})
    (audio,) = LoadAudio().load("a.wav")
    assert audio["sample_rate"] == 22_050 and audio["waveform"].shape == (1, 2, 100)
    np.testing.assert_allclose(audio["waveform"][0].numpy(), expected, atol=1e-7)


def test_what_is_written_is_read(tmp_path):
    given = Sound(torch.linspace(-1.2, 1.2, 99).reshape(1, -1), 16_000)
    write_wav(given, tmp_path / "a.wav")
    found = read_sound(tmp_path / "a.wav")
    assert found.rate == 16_000
    torch.testing.assert_close(found.samples, given.samples.clamp(-1.0, 1.0), rtol=0, atol=1e-4)


@pytest.mark.parametrize(("name", "codec"), [("a.flac", "flac"), ("a.wav", "pcm_f32le"), ("a.ogg", "libopus")])
def test_other_files_take_pyav(name, codec, tmp_path, monkeypatch):
    av = pytest.importorskip("av", reason="sounds that aren't WAV take PyAV: pip install av")
    t = np.arange(48_000) / 48_000
    given = (0.5 * np.sin(2.0 * np.pi * 440.0 * t)).astype(np.float32)[None]
    with av.open(str(tmp_path / name), "w") as container:
        stream = container.add_stream(codec, rate=48_000, layout="mono")
        resampler = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=48_000)
        frame = av.AudioFrame.from_ndarray(given, format="fltp", layout="mono")
        frame.sample_rate = 48_000
        for part in [*resampler.resample(frame), *resampler.resample(None), None]:
            container.mux(stream.encode(part))
    found = read_sound(tmp_path / name)
    assert (found.rate, len(found.samples)) == (48_000, 1) and found.seconds == pytest.approx(1.0, abs=0.01)
    if codec != "libopus":
        np.testing.assert_allclose(found.samples.numpy(), given, atol=1e-4)
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(SoatError, match=rf"Can't read {name} as a sound \(a WAV file of 16 bits needs nothing\)"):
        read_sound(tmp_path / name)


def test_what_is_no_sound_is_told(tmp_path, monkeypatch):
    pytest.importorskip("av", reason="sounds that aren't WAV take PyAV: pip install av")
    (tmp_path / "a.wav").write_bytes(b"RIFFnothing")
    with pytest.raises(SoatError, match=r"a\.wav can't be read as a sound: .*\. Save it again as WAV\."):
        read_sound(tmp_path / "a.wav")


def test_headless_it_is_found_as_pictures_are(tmp_path, monkeypatch):
    monkeypatch.setattr(host.folders, "_chosen_folders", {"input": tmp_path})
    write(tmp_path / "a.wav", 2)
    (tmp_path / "b.txt").write_text("no sound")
    assert LoadAudio.INPUT_TYPES()["required"]["audio"][0] == ["a.wav"]
    assert LoadAudio.VALIDATE_INPUTS("a.wav") is True
    assert "Did you mean 'a.wav'" in LoadAudio.VALIDATE_INPUTS("aa.wav")
    before = LoadAudio.IS_CHANGED("a.wav")
    write(tmp_path / "a.wav", 1)
    assert LoadAudio.IS_CHANGED("a.wav") != before
