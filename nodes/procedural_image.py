"""The node ProceduralImage: paints pictures of the kind that the bundled generators were trained on."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ..soat_backend.latents.sampling import MAX_SEED
from ..soat_backend.support.errors import require_between, require_choice
from ..soat_backend.training.renderers import NAMES, render_one
from . import host, inputs

SIZES = (64, 128, 256, 512)
MAX_BATCH = 64
# Trainings paint streams of seed 0 and above; a stream for each seed from here on keeps away from all of them.
_FIRST_STREAM = 2**32 - 1


class ProceduralImage:
    """Pictures as the bundled generators were trained on, painted from a seed."""

    DISPLAY_NAME = "Procedural Image"
    CATEGORY = f"{inputs.CATEGORY}/pictures"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "synthetic", "test picture", "painted landscape", "placeholder")
    DESCRIPTION = (
        "Paints a landscape or a portrait from a seed, as the bundled generators were trained on: something to invert "
        "that no generator has seen. Put Load Image in its place for a picture of your own."
    )
    FUNCTION = "paint"
    RETURN_TYPES = ("IMAGE",)
    RETURN_NAMES = ("image",)
    OUTPUT_TOOLTIPS = ("The pictures.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "scene": inputs.choice(NAMES, "landscape", "What to paint, and in which style."),
                "seed": inputs.seed("Of the first picture; the next ones have the seeds that follow."),
                "size": inputs.choice([str(size) for size in SIZES], "128", "Side in pixels."),
                "batch_size": inputs.integer(1, 1, MAX_BATCH, "How many."),
            }
        }

    def paint(self, scene: str, seed: int, size: str, batch_size: int) -> tuple[torch.Tensor]:
        """Paint one picture for each seed from `seed` on."""
        require_choice("scene", scene, NAMES)
        require_choice("size", size, [str(each) for each in SIZES])
        require_between("seed", seed, 0, MAX_SEED)
        require_between("batch_size", batch_size, 1, MAX_BATCH)
        pictures = []
        with host.Progress("painting") as progress:
            for index in range(batch_size):
                pictures.append(render_one(0, scene, int(size), _FIRST_STREAM + seed + index))
                progress(index + 1, batch_size)
        return (torch.from_numpy(np.stack(pictures)).float() / 255.0,)
