"""The node FlattenFeatures: evens out a feature map."""

from __future__ import annotations

from typing import Any

from ..soat_backend.feature_ops.flatten import flatten
from ..soat_backend.synthesis.feature_map import FeatureMap
from . import inputs


class FlattenFeatures:
    """A feature map, evened out."""

    DISPLAY_NAME = "Flatten Features"
    CATEGORY = f"{inputs.CATEGORY}/edit"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "even out", "contrast", "average")
    DESCRIPTION = "Moves a feature map towards the mean of each of its channels: the layout fades, the style stays."
    FUNCTION = "flatten"
    RETURN_TYPES = ("SOAT_FEATURES",)
    RETURN_NAMES = ("features",)
    OUTPUT_TOOLTIPS = ("The evened features.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "features": inputs.features(),
                "amount": inputs.number(0.5, 0.0, 1.0, "How far: 0 leaves them as they are, 1 leaves one value."),
            }
        }

    def flatten(self, features: FeatureMap, amount: float) -> tuple[FeatureMap]:
        """Even the features out."""
        return (flatten(features, amount),)
