"""The node SaveAnimation: pictures as one animated file, with the workflow inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from ..soat_backend.pictures.animation import FORMATS, MAX_FPS, MIN_FPS, save_animation
from ..soat_backend.support.errors import SoatError, require_choice
from ..soat_backend.support.files import replacing
from . import host, inputs


class SaveAnimation:
    """Pictures as one animated file, with the workflow inside."""

    DISPLAY_NAME = "Save Animation"
    CATEGORY = f"{inputs.CATEGORY}/output"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "gif", "StyleGAN video", "webp", "apng", "film", "export frames")
    DESCRIPTION = (
        "Saves a batch, or one picture for each value of Animate Value, as one animated file; WebP and PNG carry the "
        "workflow."
    )
    FUNCTION = "save"
    OUTPUT_NODE = True
    # A list comes whole, so that all frames go into one file.
    INPUT_IS_LIST = True
    RETURN_TYPES = ("IMAGE",)
    RETURN_NAMES = ("frames",)
    OUTPUT_TOOLTIPS = ("All frames as one batch.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "images": ("IMAGE", {"tooltip": "The frames: a batch, or a list of pictures of one size."}),
                "filename_prefix": inputs.filename_prefix("animations/SOAT"),
                "fps": inputs.number(12.0, MIN_FPS, MAX_FPS, "Frames a second; a frame lasts whole milliseconds."),
                "format": inputs.choice(
                    FORMATS, "webp", "webp: small, in full colour. png: lossless. gif: 256 colours."
                ),
                "quality": inputs.integer(90, 1, 100, "Of webp; 100 is lossless."),
                "loop": inputs.switch(True, "Repeat for ever."),
            },
            "hidden": {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"},
        }

    @classmethod
    def VALIDATE_INPUTS(cls, filename_prefix: Any = None) -> bool | str:
        """The name must stay in the output folder."""
        # ComfyUI gives lists to a node that takes lists.
        return host.check_prefix(filename_prefix[0] if isinstance(filename_prefix, list) else filename_prefix)

    def save(
        self,
        images: list[torch.Tensor],
        filename_prefix: Sequence[str],
        fps: Sequence[float],
        format: Sequence[str],
        quality: Sequence[int],
        loop: Sequence[bool],
        prompt: list[Any] | None = None,
        extra_pnginfo: list[Any] | None = None,
    ) -> dict[str, Any]:
        """Write the next file of that name."""
        require_choice("format", format[0], FORMATS)
        frames = _one_batch(images)
        # One by one: a film fills memory soon enough.
        pixels = np.stack([np.clip(255.0 * frame.cpu().float().numpy(), 0, 255).astype(np.uint8) for frame in frames])
        texts = host.workflow_texts(prompt, extra_pnginfo)
        height, width = frames.shape[1:3]
        new_file = host.output_path(filename_prefix[0], f".{format[0]}", width=width, height=height)
        with new_file as path, replacing(path) as partial:
            save_animation(pixels, partial, format[0], fps[0], loop=loop[0], quality=quality[0], texts=texts)
        return {"ui": {"images": [host.output_entry(path)], "animated": (True,)}, "result": (frames,)}


def _one_batch(images: list[torch.Tensor]) -> torch.Tensor:
    """All frames as `[N, H, W, 3]`."""
    if not images:
        raise SoatError("There are no frames; the list that is connected is empty.")
    sizes = {tuple(image.shape[1:]) for image in images}
    if len(sizes) > 1:
        described = " and ".join(f"{width} x {height}" for height, width, _ in sorted(sizes))
        raise SoatError(f"The frames are of different sizes: {described}. Render all of them alike.")
    return torch.cat(images)
