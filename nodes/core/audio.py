"""ComfyUI's LoadAudio for headless runs: same inputs, same results."""

from __future__ import annotations

import hashlib
from typing import Any

from ...soat_backend.sound.files import SOUND_EXTENSIONS, read_sound
from ...soat_backend.support.errors import SoatError
from .. import host, inputs


class LoadAudio:
    """A sound of the input folder."""

    CATEGORY = "audio"
    DESCRIPTION = "Loads a sound from the input folder; a WAV file needs nothing, others the package av."
    RETURN_TYPES = ("AUDIO",)
    FUNCTION = "load"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The sounds of the input folder."""
        files = host.input_files(SOUND_EXTENSIONS)
        return {"required": {"audio": (files, {"audio_upload": True, "tooltip": "A file of the input folder."})}}

    def load(self, audio: str) -> tuple[dict[str, Any]]:
        """Read a sound: waveform `[1, channels, samples]`, and its sample_rate."""
        return (inputs.sound_to_audio(read_sound(host.input_path(audio))),)

    @classmethod
    def IS_CHANGED(cls, audio: str, **_: Any) -> str:
        """The file's content, so that a sound edited in place is loaded again."""
        return hashlib.sha256(host.input_path(audio).read_bytes()).hexdigest()

    @classmethod
    def VALIDATE_INPUTS(cls, audio: str) -> bool | str:
        """Accept anything that exists, also in subfolders and as `name [output]`."""
        try:
            host.input_path(audio)
        except SoatError as error:
            return str(error)
        return True
