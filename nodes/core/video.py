"""ComfyUI's CreateVideo and SaveVideo for headless runs. No encoder is here: the film is an animated WebP."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import torch

from .. import host
from ..save_animation import SaveAnimation

_log = logging.getLogger(__name__)

CODECS = ["auto", "h264", "av1"]


@dataclass(frozen=True)
class Video:
    """Frames `[N, H, W, 3]` in [0, 1] and how many of them a second has."""

    frames: torch.Tensor
    fps: float


class CreateVideo:
    """A batch of pictures as a film."""

    CATEGORY = "video"
    DESCRIPTION = "Makes a video of a batch of pictures."
    RETURN_TYPES = ("VIDEO",)
    FUNCTION = "create"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """ComfyUI's; sound is for ComfyUI only."""
        depth = {"default": 8, "min": 8, "max": 10, "step": 2}
        return {
            "required": {
                "images": ("IMAGE",),
                "fps": ("FLOAT", {"default": 30.0, "min": 1.0, "max": 120.0, "step": 1.0}),
            },
            "optional": {"audio": ("AUDIO",), "bit_depth": ("INT", depth)},
        }

    def create(self, images: torch.Tensor, fps: float, audio: Any = None, bit_depth: int = 8) -> tuple[Video]:
        """Put frames together with their rate, to be saved later."""
        return (Video(images, fps),)


class SaveVideo:
    """Saves a film in the output folder."""

    CATEGORY = "video"
    DESCRIPTION = "Saves a video in the output folder; without ComfyUI as an animated WebP."
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
                "format": (["auto", "mp4", "mkv", "webm"],),
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
        video: Video,
        filename_prefix: str = "video/ComfyUI",
        format: str = "auto",
        prompt: Any = None,
        extra_pnginfo: Any = None,
        **_codec: Any,
    ) -> dict[str, Any]:
        """Write all frames into one file."""
        _log.warning("SaveVideo: %s files need ComfyUI; the film is saved as an animated WebP.", format)
        saved = SaveAnimation().save(
            [video.frames], [filename_prefix], [video.fps], prompt=[prompt], extra_pnginfo=[extra_pnginfo]
        )
        return {**saved, "result": (video,)}
