"""The node LatentWalk: the way through a batch of latents, frame by frame."""

from __future__ import annotations

from typing import Any

from ..soat_backend.latents import Latent, walk
from ..soat_backend.latents.walk import MAX_FRAMES, MAX_POSITION, WALKS, walk_at
from . import inputs


class LatentWalk:
    """The way through a batch of latents, frame by frame."""

    DISPLAY_NAME = "Latent Walk"
    CATEGORY = f"{inputs.CATEGORY}/latents"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "morph", "StyleGAN video", "latent space interpolation", "frames", "journey")
    DESCRIPTION = "Walks from latent to latent of a batch, and back to the first: frames for an animation."
    FUNCTION = "walk"
    RETURN_TYPES = ("SOAT_LATENT",)
    RETURN_NAMES = ("latent",)
    OUTPUT_TOOLTIPS = ("A code for each frame, as a batch.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "latent": inputs.latent("The stations of the walk: a batch of two or more."),
                "frames": inputs.integer(12, 1, MAX_FRAMES, "Frames from one station to the next."),
                "loop": inputs.switch(True, "Walk back from the last to the first, so that the animation can repeat."),
                "method": inputs.choice(
                    WALKS,
                    "spline",
                    "spline: smooth through all stations. lerp: straight. slerp: along the sphere, for z.",
                ),
            },
            "optional": {
                # Without a default: not connected it is no place.
                "position": (
                    "FLOAT",
                    {
                        "min": -MAX_POSITION,
                        "max": MAX_POSITION,
                        "tooltip": "Connected, it says where on the walk the one code is taken, and frames counts no "
                        "more: 0 is the first latent, 1 the second. From Audio Value: a station at each beat.",
                        "forceInput": True,
                    },
                ),
            },
        }

    def walk(
        self, latent: Latent, frames: int, loop: bool, method: str, position: float | None = None
    ) -> tuple[Latent]:
        """Compute the codes of all frames, from each latent of the batch to the next; or the one at a position."""
        if position is not None:
            return (walk_at(latent, position, loop, method),)
        return (walk(latent, frames, loop, method),)
