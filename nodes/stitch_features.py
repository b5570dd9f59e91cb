"""The node StitchFeatures: puts two feature maps side by side."""

from __future__ import annotations

from typing import Any

from ..soat_backend.feature_ops import stitch
from ..soat_backend.feature_ops.stitch import DIRECTIONS
from ..soat_backend.synthesis.feature_map import FeatureMap
from . import host, inputs


class StitchFeatures:
    """Two feature maps side by side."""

    DISPLAY_NAME = "Stitch Features"
    CATEGORY = f"{inputs.CATEGORY}/features"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "side by side", "join pictures", "combine", "seamless", "day and night")
    DESCRIPTION = "Puts two feature maps side by side on one canvas, and blends their styles over the seam."
    FUNCTION = "stitch"
    RETURN_TYPES = ("SOAT_FEATURES",)
    RETURN_NAMES = ("features",)
    OUTPUT_TOOLTIPS = ("Features of the common canvas.",)
    # What it tells its drawing is told again when a later run finds it done.
    HAS_INTERMEDIATE_OUTPUT = True

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "features_a": inputs.features("Left, or top."),
                "features_b": inputs.features("Right, or bottom. From the same layer."),
                "direction": inputs.choice(DIRECTIONS, "horizontal", "Side by side, or one above the other."),
                "blend_width": inputs.blend_width(),
            }
        }

    def stitch(
        self,
        features_a: FeatureMap,
        features_b: FeatureMap,
        direction: str,
        blend_width: float,
    ) -> Any:
        """Join two feature maps on one canvas, their styles blended over the seam."""
        maps = host.load_to_begin_again(features_a, features_b)
        joined = stitch(maps, direction, blend_width, names=("features_a", "features_b"))
        along, across = ("width", "height") if direction == "horizontal" else ("height", "width")
        sizes = [getattr(each.inner, along) for each in maps]
        joined = joined.to(host.result_device())
        return host.shown((joined,), soat_sizes=[sizes], soat_across=[getattr(joined.inner, across)])
