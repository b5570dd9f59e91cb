"""The node PasteBack: puts an edited square back into its picture."""

from __future__ import annotations

from typing import Any

import torch

from ..soat_backend.pictures.photos import Crop, paste
from ..soat_backend.pictures.photos.square import MAX_FEATHER
from ..soat_backend.support.errors import SoatError
from . import inputs


class PasteBack:
    """An edited square put back into its picture."""

    DISPLAY_NAME = "Paste Back"
    CATEGORY = f"{inputs.CATEGORY}/pictures"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "composite", "put face back", "uncrop", "stitch into photo")
    DESCRIPTION = "Puts an edited square back where Align Face or Square Crop cut it out, turned and scaled as it was."
    FUNCTION = "paste"
    RETURN_TYPES = ("IMAGE",)
    RETURN_NAMES = ("image",)
    OUTPUT_TOOLTIPS = ("The pictures with the squares in them.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "image": ("IMAGE", {"tooltip": "The pictures that the squares were cut out of."}),
                "edited": ("IMAGE", {"tooltip": "What was made of the squares, of any size and of their shape."}),
                "crop": ("SOAT_CROP", {"tooltip": "Where they were, from Align Face or Square Crop."}),
                "feather": inputs.number(
                    0.1,
                    0.0,
                    MAX_FEATHER,
                    "How wide the way from picture to square is, as a part of its shorter side; 0: a hard edge.",
                ),
            },
            "optional": {
                "mask": ("MASK", {"tooltip": "What of the square to put back, stretched over it."}),
            },
        }

    def paste(
        self,
        image: torch.Tensor,
        edited: torch.Tensor,
        crop: list[Crop],
        feather: float,
        mask: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor]:
        """Put each edited square back to where it was cut out."""
        pictures, squares = (inputs.image_to_nchw(each) for each in (image, edited))
        masks = None if mask is None else inputs.mask_to_nchw(mask)
        counts = {"image": len(pictures), "edited": len(squares), "crop": len(crop)}
        if masks is not None:
            counts["mask"] = len(masks)
        count = max(counts.values())
        if any(each not in (1, count) for each in counts.values()):
            listed = ", ".join(f"{name} {each}" for name, each in counts.items())
            raise SoatError(f"The batches don't go together: {listed}. Give all the same size, or 1.")
        pasted = [
            paste(
                _item(pictures, index),
                _item(squares, index),
                crop[index % len(crop)],
                feather,
                None if masks is None else _item(masks, index),
            )
            for index in range(count)
        ]
        return (inputs.nchw_to_image(torch.cat(pasted)),)


def _item(batch: torch.Tensor, index: int) -> torch.Tensor:
    return batch[index % len(batch)][None]
