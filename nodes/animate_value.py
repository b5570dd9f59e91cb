"""The node AnimateValue: a list of numbers, one for each frame."""

from __future__ import annotations

from typing import Any

from ..soat_backend.pictures.animation import EASINGS, MAX_FRAMES, MOTIONS, Motion
from ..soat_backend.support.errors import require_between
from . import inputs

LIMIT = 1e6


class AnimateValue:
    """A number that moves: a list, one value a frame."""

    DISPLAY_NAME = "Animate Value"
    CATEGORY = f"{inputs.CATEGORY}/edit"
    SEARCH_ALIASES = (
        *inputs.PACK_WORDS,
        "StyleGAN video",
        "keyframe",
        "schedule",
        "easing",
        "animation curve",
        "float list",
    )
    DESCRIPTION = (
        "A number for each frame. Connected to an input such as alpha or shift_x, everything after it runs once a "
        "frame; Save Animation collects the pictures."
    )
    FUNCTION = "animate"
    RETURN_TYPES = ("FLOAT", "INT")
    RETURN_NAMES = ("value", "rounded")
    OUTPUT_IS_LIST = (True, True)
    OUTPUT_TOOLTIPS = ("One number a frame.", "The same, rounded, for inputs that take whole numbers.")

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "start": inputs.number(0.0, -LIMIT, LIMIT, "Value of the first frame."),
                "end": inputs.number(1.0, -LIMIT, LIMIT, "Value it moves to."),
                "frames": inputs.integer(24, 1, MAX_FRAMES, "How many values."),
                "motion": inputs.choice(
                    MOTIONS,
                    "back_and_forth",
                    "once: from start to end. back_and_forth: to the end and back, a loop. around: a loop whose end is "
                    "the start again, as after a shift by a whole canvas that wraps.",
                ),
                "easing": inputs.choice(
                    EASINGS, "smooth", "linear: at one speed. smooth: slow at both ends.", advanced=True
                ),
            }
        }

    def animate(
        self,
        start: float,
        end: float,
        frames: int,
        motion: str,
        easing: str,
    ) -> tuple[list[float], list[int]]:
        """Compute the value of each frame, and the same values as whole numbers."""
        for name, value in (("start", start), ("end", end)):
            require_between(name, value, -LIMIT, LIMIT)
        values = Motion(frames, motion, easing).between(start, end)
        return values, [round(value) for value in values]
