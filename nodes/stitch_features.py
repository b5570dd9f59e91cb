"""StitchFeatures."""

from __future__ import annotations

from typing import Any

from ..soat_backend.feature_ops import stitch
from ..soat_backend.feature_ops.stitch import DIRECTIONS, MAX_BLEND_WIDTH
from ..soat_backend.features import FeatureMap
from . import inputs


def blend_width() -> tuple[str, dict[str, Any]]:
    """How long the blend over a seam is."""
    return inputs.number(
        1.0,
        0.0,
        MAX_BLEND_WIDTH,
        "Length of the blend over a seam, as a fraction of the narrower neighbour: 0 a hard edge, "
        "1 from the middle of one to the middle of the next, 2 all over both.",
    )


class StitchFeatures:
    """Two feature maps side by side."""

    CATEGORY = inputs.CATEGORY
    DESCRIPTION = "Puts two feature maps side by side on one canvas, and blends their styles over the seam."
    FUNCTION = "stitch"
    RETURN_TYPES = ("SOAT_FEATURES",)
    RETURN_NAMES = ("features",)
    OUTPUT_TOOLTIPS = ("Features of the common canvas.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "features_a": inputs.features("Left, or top."),
                "features_b": inputs.features("Right, or bottom. From the same layer."),
                "direction": inputs.choice(DIRECTIONS, "horizontal", "Side by side, or one above the other."),
                "blend_width": blend_width(),
            }
        }

    def stitch(
        self,
        features_a: FeatureMap,
        features_b: FeatureMap,
        direction: str = "horizontal",
        blend_width: float = 1.0,
    ) -> tuple[FeatureMap]:
        """Join two maps."""
        return (stitch([features_a, features_b], direction, blend_width),)
