"""ComfyUI's CreateVideo and SaveVideo for headless runs; without PyAV a film is saved as pictures and a WAV."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ...soat_backend.pictures.film import read_film, write_film
from ...soat_backend.sound import Sound
from ...soat_backend.sound.files import read_sound, write_wav
from ...soat_backend.sound.pyav import has_pyav
from ...soat_backend.support.errors import SoatError
from ...soat_backend.support.files import replacing
from .. import host, inputs
from .images import SaveImage

_log = logging.getLogger(__name__)

CODECS = ["auto", "h264", "av1"]
FORMATS = ["auto", "mp4", "mkv", "webm"]
_CRF = 23  # The encoder's own, as ComfyUI leaves it.


@dataclass(frozen=True)
class Video:
    """Frames `[N, H, W, 3]` in [0, 1], how many of them a second has, and their sound."""

    frames: torch.Tensor
    fps: float
    sound: Sound | None = None


class CreateVideo:
    """A batch of pictures as a film."""

    CATEGORY = "video"
    DESCRIPTION = "Makes a video of a batch of pictures."
    RETURN_TYPES = ("VIDEO",)
    FUNCTION = "create"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The inputs of ComfyUI's own node."""
        depth = {"default": 8, "min": 8, "max": 10, "step": 2}
        return {
            "required": {
                "images": ("IMAGE",),
                "fps": ("FLOAT", {"default": 30.0, "min": 1.0, "max": 120.0, "step": 1.0}),
            },
            "optional": {"audio": ("AUDIO",), "bit_depth": ("INT", depth)},
        }

    def create(self, images: torch.Tensor, fps: float, audio: Any = None, bit_depth: int = 8) -> tuple[Video]:
        """Put frames together with their rate and sound, to be saved later."""
        return (Video(images, fps, None if audio is None else inputs.audio_to_sound(audio)),)


class SaveVideo:
    """Saves a film in the output folder."""

    CATEGORY = "video"
    DESCRIPTION = "Saves a video in the output folder; where the package av is missing, its pictures and its sound."
    RETURN_TYPES = ("VIDEO",)
    RETURN_NAMES = ("video",)
    FUNCTION = "save"
    OUTPUT_NODE = True

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The inputs of ComfyUI's own node."""
        return {
            "required": {
                "video": ("VIDEO",),
                "filename_prefix": ("STRING", {"default": "video/ComfyUI"}),
                "format": (FORMATS,),
            },
            # The first as ComfyUI 0.33 calls an input that belongs to a choice of another, the second as it was before.
            "optional": {"format.codec": (CODECS,), "codec": (CODECS,)},
            "hidden": {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"},
        }

    @classmethod
    def VALIDATE_INPUTS(cls, filename_prefix: str | None = None) -> bool | str:
        """The name must stay in its folder."""
        return host.check_prefix(filename_prefix)

    def save(
        self,
        video: Video | host.VideoFile,
        filename_prefix: str = "video/ComfyUI",
        format: str = "auto",
        prompt: Any = None,
        extra_pnginfo: Any = None,
        **codec: Any,
    ) -> dict[str, Any]:
        """Write all frames into one file, or each into its own."""
        if isinstance(video, Video) and not has_pyav():
            return self._save_pictures(video, filename_prefix, prompt, extra_pnginfo)
        if "av1" in codec.values():
            _log.warning("SaveVideo: without ComfyUI there is no AV1; the film is saved as the format's usual codec.")
        kind = "mp4" if format == "auto" else format
        texts = host.workflow_texts(prompt, extra_pnginfo)
        frames, fps, (height, width), sound = _parts(video)
        new_file = host.output_path(filename_prefix, f".{kind}", width=width, height=height)
        with new_file as path, replacing(path) as partial:
            write_film(frames, partial, kind, fps, crf=_CRF, sound=sound, texts=texts)
        return {"ui": {"images": [host.output_entry(path)], "animated": (True,)}, "result": (video,)}

    def _save_pictures(self, video: Video, prefix: str, prompt: Any, extra_pnginfo: Any) -> dict[str, Any]:
        _log.warning(
            "SaveVideo: a film takes the Python package av (PyAV), and it isn't installed. The pictures are saved one "
            'by one as PNG, the sound as WAV. For a film: pip install "soat-stylegan[video]", or pip install av.'
        )
        saved = SaveImage().save_images(video.frames, prefix, prompt, extra_pnginfo)
        files = list(saved["ui"]["images"])
        if video.sound is not None:
            height, width = video.frames.shape[1:3]
            with host.output_path(prefix, ".wav", width=width, height=height) as path, replacing(path) as partial:
                write_wav(video.sound, partial)
            files.append(host.output_entry(path))
        return {"ui": {"images": files}, "result": (video,)}


def _parts(video: Video | host.VideoFile) -> tuple[Iterable[np.ndarray], float, tuple[int, int], Sound | None]:
    """Pictures uint8 `[H, W, 3]`, how many a second has, H and W, and the sound."""
    if isinstance(video, Video):
        frames = (np.clip(255.0 * frame.cpu().float().numpy(), 0, 255).astype(np.uint8) for frame in video.frames)
        return frames, video.fps, video.frames.shape[1:3], video.sound
    sound = None
    with suppress(SoatError):  # It may have none.
        sound = read_sound(video.path)
    return *read_film(video.path), sound
