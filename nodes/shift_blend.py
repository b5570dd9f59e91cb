"""The node ShiftBlend: copies a soft region of a feature map to another place."""

from __future__ import annotations

from typing import Any

import torch

from ..soat_backend.feature_ops import shift_blend
from ..soat_backend.feature_ops.regions import MAX_FEATHER, Region
from ..soat_backend.synthesis.feature_map import FeatureMap
from . import host, inputs


class ShiftBlend:
    """A soft region of a feature map copied to another place."""

    DISPLAY_NAME = "Shift and Blend"
    CATEGORY = f"{inputs.CATEGORY}/edit"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "copy region", "clone", "move object", "duplicate", "single image generation")
    DESCRIPTION = (
        "Copies a soft region of the picture to another place of it, before the details are made: "
        "one more tower, a second sun. Fractions are of the current canvas."
    )
    FUNCTION = "shift"
    RETURN_TYPES = ("SOAT_FEATURES",)
    RETURN_NAMES = ("features",)
    OUTPUT_TOOLTIPS = ("The edited features.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "features": inputs.features(),
                "x": inputs.number(0.25, 0.0, 1.0, "Left edge of the region."),
                "y": inputs.number(0.25, 0.0, 1.0, "Top edge of the region."),
                "width": inputs.number(0.5, 0.0, 1.0, "Width of the region."),
                "height": inputs.number(0.5, 0.0, 1.0, "Height of the region."),
                "shift_x": inputs.number(0.25, -1.0, 1.0, "How far to the right its copy goes; negative: left."),
                "shift_y": inputs.number(0.0, -1.0, 1.0, "How far down its copy goes; negative: up."),
                "feather": inputs.number(
                    0.1, 0.0, MAX_FEATHER, "Soft edge, as a fraction of the region's smaller side."
                ),
                "wrap": inputs.switch(False, "What leaves the canvas on one side comes in on the other."),
                "edit_rgb_skip": inputs.switch(
                    True, "Move the colours made so far as well. Off: they stay where they are, only the shapes move."
                ),
            },
            "optional": {"mask": ("MASK", {"tooltip": "A region of any shape, instead of the box."})},
        }

    def shift(
        self,
        features: FeatureMap,
        x: float,
        y: float,
        width: float,
        height: float,
        shift_x: float,
        shift_y: float,
        feather: float,
        wrap: bool,
        edit_rgb_skip: bool,
        mask: torch.Tensor | None = None,
    ) -> tuple[FeatureMap]:
        """Copy the region, or what the mask shows, to its new place."""
        box = Region(x, y, width, height, feather)
        region = box if mask is None else inputs.mask_to_nchw(mask)
        # Keeping the colours runs a layer (the pending torgb).
        if not edit_rgb_skip:
            features = features.to(host.load_generators(features))
        edited = shift_blend(features, shift_x, shift_y, region, wrap=wrap, edit_rgb_skip=edit_rgb_skip)
        return (edited.to(host.result_device()),)
