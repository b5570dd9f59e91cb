"""The node RegionMask: a soft box or ellipse as a mask."""

from __future__ import annotations

from typing import Any

import torch

from ..soat_backend.feature_ops.regions import (
    COMBINATIONS,
    FALLOFFS,
    MAX_FEATHER,
    MIDDLE,
    PLACES,
    REGION_SHAPES,
    SIZES,
    Region,
    combine_masks,
)
from ..soat_backend.support.errors import require_between
from ..soat_backend.synthesis.weights import check_mask
from . import inputs

MAX_SIDE = 4096


class RegionMask:
    """A soft box or ellipse as a mask; several in a chain make one mask of many parts."""

    DISPLAY_NAME = "Region Mask"
    CATEGORY = f"{inputs.CATEGORY}/edit"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "box", "ellipse", "area", "soft edge", "gradient", "inpaint")
    DESCRIPTION = (
        "A soft box or ellipse as a mask, in fractions of the canvas: where to mix, transfer or shift. "
        "Chained by `mask`, several parts make one mask."
    )
    FUNCTION = "draw"
    RETURN_TYPES = ("MASK",)
    RETURN_NAMES = ("mask",)
    OUTPUT_TOOLTIPS = ("The mask: 1 inside the region, 0 outside, soft between.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "shape": inputs.choice(REGION_SHAPES, MIDDLE.shape, "box, or the ellipse in it."),
                "x": inputs.number(MIDDLE.x, *PLACES, "Left edge of the region; below 0 it lies beyond the canvas."),
                "y": inputs.number(MIDDLE.y, *PLACES, "Top edge of the region; below 0 it lies beyond the canvas."),
                "width": inputs.number(MIDDLE.width, *SIZES, "Width of the region."),
                "height": inputs.number(MIDDLE.height, *SIZES, "Height of the region."),
                "feather": inputs.number(
                    0.25, 0.0, MAX_FEATHER, "Soft edge, as a fraction of the region's smaller side."
                ),
                "falloff": inputs.choice(
                    FALLOFFS,
                    MIDDLE.falloff,
                    "linear: the edge rises inside the region. gaussian: blurred across its border.",
                    advanced=True,
                ),
                "invert": inputs.switch(False, "1 outside the region and 0 inside."),
                "combine": inputs.choice(
                    COMBINATIONS,
                    "add",
                    "With the mask given: add this region to it, subtract it, or keep what is in both.",
                ),
                "resolution": inputs.integer(
                    256, 8, MAX_SIDE, "Side of the mask in pixels, if no mask is given.", advanced=True
                ),
            },
            "optional": {"mask": ("MASK", {"tooltip": "A mask to combine this region with; also sets the size."})},
        }

    def draw(
        self,
        shape: str,
        x: float,
        y: float,
        width: float,
        height: float,
        feather: float,
        falloff: str,
        invert: bool,
        combine: str,
        resolution: int,
        mask: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor]:
        """Draw the region, and combine it with the mask."""
        require_between("resolution", resolution, 8, MAX_SIDE)
        region = Region(x, y, width, height, feather, shape, falloff)
        given = None if mask is None else inputs.mask_to_nchw(mask)
        if given is not None:
            check_mask(given, 1)
        drawn = region.mask(*(given.shape[2:] if given is not None else (resolution, resolution)))
        drawn = 1.0 - drawn if invert else drawn
        return ((drawn if given is None else combine_masks(given, drawn, combine))[:, 0],)
