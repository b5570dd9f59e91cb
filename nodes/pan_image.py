"""The node PanImage: a view that moves over a wide picture."""

from __future__ import annotations

from typing import Any

import torch

from ..soat_backend.feature_ops.stitch import DIRECTIONS
from ..soat_backend.pictures.animation import EASINGS, MAX_FRAMES, MOTIONS, Motion, pan
from . import inputs

MAX_LENGTH = 2**20


class PanImage:
    """A view that moves over a wide picture."""

    DISPLAY_NAME = "Pan Image"
    CATEGORY = f"{inputs.CATEGORY}/output"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "StyleGAN video", "360", "scroll", "camera move", "Ken Burns")
    DESCRIPTION = "Moves a window over a wide or tall picture, one crop a frame; around a picture of 360 degrees too."
    FUNCTION = "pan"
    RETURN_TYPES = ("IMAGE",)
    RETURN_NAMES = ("frames",)
    OUTPUT_TOOLTIPS = ("A picture for each frame, as a batch.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "image": ("IMAGE", {"tooltip": "One picture, such as a rendered panorama."}),
                "frames": inputs.integer(48, 1, MAX_FRAMES, "How many crops."),
                "direction": inputs.choice(DIRECTIONS, "horizontal", "Left to right, or top to bottom."),
                "motion": inputs.choice(
                    MOTIONS,
                    "around",
                    "once: from end to end. back_and_forth: and back again, a loop. around: over the edge and in at "
                    "the other side, a loop, for pictures that wrap.",
                ),
                "easing": inputs.choice(EASINGS, "linear", "linear: at one speed. smooth: slow at both ends."),
                "length": inputs.integer(
                    0, 0, MAX_LENGTH, "Length of the window in pixels; 0: square, as long as the picture is across."
                ),
            }
        }

    def pan(
        self,
        image: torch.Tensor,
        frames: int,
        direction: str,
        motion: str,
        easing: str,
        length: int,
    ) -> tuple[torch.Tensor]:
        """Crop one window of the picture for each frame."""
        return (pan(image, Motion(frames, motion, easing), direction, length),)
