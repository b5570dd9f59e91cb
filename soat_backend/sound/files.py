"""Sounds from files and to files: WAV by Python's own module, all others by PyAV, which is an extra."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import torch

from ..support.errors import SoatError
from .pyav import needs_pyav
from .sound import Sound

# What ComfyUI's Load Audio offers too; the last are films, of which it takes the sound.
SOUND_EXTENSIONS = (".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aac", ".mp4", ".webm", ".mkv", ".mov")


def read_sound(path: Path) -> Sound:
    """Read a sound.

    Args:
        path: A WAV file of whole numbers (8, 16, 24 or 32 bits), or whatever PyAV reads, films too.

    Returns:
        The sound as ComfyUI's Load Audio reads it: whole numbers divided by their full scale.

    Raises:
        SoatError: The file can't be read as a sound.
    """
    try:
        return _read_wav(path)
    except (wave.Error, EOFError):
        # No WAV, or one of a kind that Python's module doesn't know, such as of floats.
        return _decode(path)


def _read_wav(path: Path) -> Sound:
    with wave.open(str(path), "rb") as file:
        channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
        data = file.readframes(file.getnframes())
    data = data[: len(data) // (channels * width) * channels * width]
    if width == 1:
        values = np.frombuffer(data, np.uint8).astype(np.float32) / 128.0 - 1.0
    elif width == 3:
        # As the upper bytes of 32 bits.
        wide = np.zeros((len(data) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
        values = wide.view("<i4")[:, 0].astype(np.float32) / 2.0**31
    else:
        values = np.frombuffer(data, f"<i{width}").astype(np.float32) / 2.0 ** (8 * width - 1)
    return Sound(torch.from_numpy(values.reshape(-1, channels).T.copy()), rate)


def _decode(path: Path) -> Sound:
    av = needs_pyav(f"read {path.name} as a sound (a WAV file of 16 bits needs nothing)")
    try:
        with av.open(str(path)) as container:
            stream = container.streams.audio[0]
            rate = stream.codec_context.sample_rate
            floats = av.AudioResampler(format="fltp", layout=stream.codec_context.layout.name, rate=rate)
            parts = [
                part.to_ndarray() for frame in [*container.decode(stream), None] for part in floats.resample(frame)
            ]
    except (av.error.FFmpegError, IndexError, ValueError) as error:
        reason = "there is none in it" if isinstance(error, IndexError) else str(error)
        raise SoatError(f"{path.name} can't be read as a sound: {reason}. Save it again as WAV.") from error
    if not parts:
        raise SoatError(f"{path.name} can't be read as a sound: it holds no samples. Save it again as WAV.")
    return Sound(torch.from_numpy(np.concatenate(parts, axis=1)), rate)


def write_wav(sound: Sound, path: Path) -> None:
    """Write a sound as a WAV file of 16 bits; what is louder than full scale is cut off."""
    values = (sound.samples.T.clamp(-1.0, 1.0) * 32767.0).round().numpy().astype("<i2")
    with path.open("wb") as target, wave.open(target, "wb") as file:
        file.setnchannels(values.shape[1])
        file.setsampwidth(2)
        file.setframerate(sound.rate)
        file.writeframes(values.tobytes())
