"""The node TransformFeatures: turns, scales, moves and mirrors a feature map, and bends its values."""

from __future__ import annotations

from typing import Any

import torch

from ..soat_backend.feature_ops import BENDS, Placement, transform
from ..soat_backend.feature_ops import bend as bend_features
from ..soat_backend.feature_ops.transform import BORDERS, LARGEST_SCALE, SMALLEST_SCALE
from ..soat_backend.support.errors import require_choice
from ..soat_backend.synthesis.edits import ALL_CHANNELS
from ..soat_backend.synthesis.feature_map import FeatureMap
from . import host, inputs

NO_BEND = "none"


class TransformFeatures:
    """A feature map turned, scaled, moved, mirrored; its values bent."""

    DISPLAY_NAME = "Transform Features"
    CATEGORY = f"{inputs.CATEGORY}/edit"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "network bending", "rotate", "flip", "zoom", "glitch", "warp")
    DESCRIPTION = (
        "Turns, scales, moves or mirrors the feature map, and bends its values (gain, invert, dilate, erode, "
        "threshold): on all channels or some, everywhere or under a mask."
    )
    FUNCTION = "transform"
    RETURN_TYPES = ("SOAT_FEATURES",)
    RETURN_NAMES = ("features",)
    OUTPUT_TOOLTIPS = ("The edited features.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "features": inputs.features(),
                "rotate": inputs.number(0.0, -360.0, 360.0, "Degrees, clockwise, about the middle.", step=1.0),
                "scale": inputs.number(1.0, SMALLEST_SCALE, LARGEST_SCALE, "About the middle; above 1 is larger."),
                "translate_x": inputs.number(0.0, -1.0, 1.0, "To the right, as a fraction of the canvas's width."),
                "translate_y": inputs.number(0.0, -1.0, 1.0, "Down, as a fraction of the canvas's height."),
                "flip_horizontal": inputs.switch(False, "Left becomes right, before anything else."),
                "flip_vertical": inputs.switch(False, "Top becomes bottom, before anything else."),
                "border": inputs.choice(
                    BORDERS,
                    "reflect",
                    "What comes in from beyond the edges: mirrored, the edge drawn out, or repeated.",
                ),
                "bend": inputs.choice(
                    (NO_BEND, *BENDS),
                    NO_BEND,
                    "What to do with the values: gain (times bend_amount), invert (about each channel's mean), dilate "
                    "or erode (largest or smallest value around), threshold (two values a channel).",
                ),
                "bend_amount": inputs.number(
                    1.0,
                    -10.0,
                    32.0,
                    "gain: a factor. invert: a strength, 0 to 1. dilate, erode: a radius in pixels of the layer. "
                    "threshold: deviations above the mean.",
                    step=0.05,
                ),
                "channels": (
                    "STRING",
                    {"default": ALL_CHANNELS, "tooltip": "all, or which: 0:64, 0:512:2 (every other), or 3, 7, 20:40."},
                ),
            },
            "optional": {"mask": ("MASK", {"tooltip": "Where the change shows."})},
        }

    def transform(
        self,
        features: FeatureMap,
        rotate: float,
        scale: float,
        translate_x: float,
        translate_y: float,
        flip_horizontal: bool,
        flip_vertical: bool,
        border: str,
        bend: str,
        bend_amount: float,
        channels: str,
        mask: torch.Tensor | None = None,
    ) -> tuple[FeatureMap]:
        """Put the feature map down anew on its canvas, then bend its values."""
        require_choice("bend", bend, (NO_BEND, *BENDS))
        region = None if mask is None else inputs.mask_to_nchw(mask)
        placement = Placement(rotate, scale, translate_x, translate_y, flip_horizontal, flip_vertical)
        (features,) = host.load_to_begin_again(features)
        edited = transform(features, placement, border=border, channels=channels, mask=region)
        if bend != NO_BEND:
            edited = bend_features(edited, bend, bend_amount, channels=channels, mask=region)
        return (edited.to(host.result_device()),)
