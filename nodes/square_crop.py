"""The node SquareCrop: cuts a square, or another rectangle, out of a picture."""

from __future__ import annotations

from typing import Any

import torch

from ..soat_backend.pictures.photos import Crop, cut, size_of, square_crop
from ..soat_backend.pictures.photos.square import MAX_ASPECT, MAX_SIDE, MIN_SQUARE
from . import inputs


class SquareCrop:
    """A square of a picture."""

    DISPLAY_NAME = "Square Crop"
    CATEGORY = f"{inputs.CATEGORY}/pictures"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "cut out", "resize photo", "centre", "prepare photo")
    DESCRIPTION = (
        "Cuts a square out of a picture, or a rectangle of another shape, as generators want it. Paste Back puts what "
        "was made of it back."
    )
    FUNCTION = "crop"
    RETURN_TYPES = ("IMAGE", "SOAT_CROP")
    RETURN_NAMES = ("image", "crop")
    OUTPUT_TOOLTIPS = ("The square.", "Where it was, for Paste Back.")

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "image": ("IMAGE", {"tooltip": "Pictures; the same square is cut out of each of a batch."}),
                "x": inputs.number(0.5, 0.0, 1.0, "Where across, of the room there is: 0 left, 1 right."),
                "y": inputs.number(0.5, 0.0, 1.0, "Where down, of the room there is: 0 top, 1 bottom."),
                "square": inputs.number(
                    1.0,
                    MIN_SQUARE,
                    1.0,
                    "Side of the square, as a part of the picture's shorter side; of a rectangle, of the largest one.",
                ),
                "size": inputs.integer(
                    1024, 16, MAX_SIDE, "Longer side of the result in pixels; the model's size or more."
                ),
            },
            "optional": {
                "aspect": inputs.number(
                    1.0,
                    1 / MAX_ASPECT,
                    MAX_ASPECT,
                    "Width over height: 1 a square, 0.5 twice as tall as wide, for models of people. A model's card "
                    "says what size its pictures have.",
                    advanced=True,
                )
            },
        }

    def crop(
        self, image: torch.Tensor, x: float, y: float, square: float, size: int, aspect: float
    ) -> tuple[torch.Tensor, list[Crop]]:
        """Cut the square out of each picture, and resize it to `size` pixels."""
        pictures = inputs.image_to_nchw(image)
        height, width = pictures.shape[2:]
        where = square_crop(width, height, x, y, square, aspect)
        cuts = [cut(picture[None], where, size_of(aspect, size)) for picture in pictures]
        return inputs.nchw_to_image(torch.cat(cuts)), [where] * len(cuts)
