"""The node InterpolateFeatures: mixes two feature maps at every layer of a range."""

from __future__ import annotations

from typing import Any

import torch

from ..soat_backend.feature_ops import interpolate
from ..soat_backend.synthesis.feature_map import FeatureMap
from ..soat_backend.synthesis.weights import SHAPES
from . import host, inputs


class InterpolateFeatures:
    """Two feature maps mixed at every layer of a range."""

    DISPLAY_NAME = "Interpolate Features"
    CATEGORY = f"{inputs.CATEGORY}/edit"
    SEARCH_ALIASES = (
        *inputs.PACK_WORDS,
        "toonify",
        "image translation",
        "blend",
        "domain transfer",
        "layer swapping",
        "cartoon",
    )
    DESCRIPTION = (
        "Mixes two feature maps at every layer of a range: blends of two pictures, translation between two generators, "
        "transfer of a part by mask."
    )
    FUNCTION = "interpolate"
    RETURN_TYPES = ("SOAT_FEATURES",)
    RETURN_NAMES = ("features",)
    OUTPUT_TOOLTIPS = ("The mix.",)
    # What it tells its drawing is told again when a later run finds it done.
    HAS_INTERMEDIATE_OUTPUT = True

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "features_a": inputs.features("Where alpha is 0."),
                "features_b": inputs.features("Where alpha is 1. From the same layer, of the same canvas."),
                "alpha": inputs.number(1.0, 0.0, 1.0, "B's share, times the mask or the shape."),
                "shape": inputs.choice(
                    SHAPES, "constant", "Where B counts: everywhere, or more and more to the right or the bottom."
                ),
                **inputs.layer_range(),
            },
            "optional": {
                "mask": ("MASK", {"tooltip": "Where B counts, instead of the shape. Covers the whole canvas."})
            },
        }

    @classmethod
    def VALIDATE_INPUTS(cls, first_layer: str | None = None, last_layer: str | None = None) -> bool | str:
        """The range must not be empty."""
        return inputs.check_layer_range(first_layer, last_layer)

    def interpolate(
        self,
        features_a: FeatureMap,
        features_b: FeatureMap,
        alpha: float,
        shape: str,
        first_layer: str,
        last_layer: str,
        mask: torch.Tensor | None = None,
    ) -> Any:
        """Mix the feature maps at their layer, and their branches at the layers to come."""
        nchw = None if mask is None else inputs.mask_to_nchw(mask)
        features_a, features_b = host.load_to_begin_again(features_a, features_b)
        mixed = interpolate(features_a, features_b, alpha, shape, first_layer, last_layer, nchw)
        masks = () if nchw is None else nchw.expand(-1, 3, -1, -1).permute(0, 2, 3, 1)
        mixed = mixed.to(host.result_device())
        return host.shown((mixed,), soat_pictures=host.save_previews(masks, "soat/mask"))
