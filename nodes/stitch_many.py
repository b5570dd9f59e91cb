"""The node StitchMany: puts any number of feature maps in a row or column."""

from __future__ import annotations

from typing import Any

from ..soat_backend.feature_ops import stitch
from ..soat_backend.feature_ops.stitch import DIRECTIONS
from ..soat_backend.synthesis.feature_map import FeatureMap
from . import host, inputs


class StitchMany:
    """Any number of feature maps in a row."""

    DISPLAY_NAME = "Stitch Many"
    CATEGORY = f"{inputs.CATEGORY}/features"
    SEARCH_ALIASES = (
        *inputs.PACK_WORDS,
        "side by side",
        "join pictures",
        "panorama",
        "row",
        "column",
        "360",
        "seamless",
    )
    DESCRIPTION = (
        "Puts any number of feature maps side by side on one canvas, or one above the other, and blends their styles "
        "over the seams. With each wire the next input appears."
    )
    FUNCTION = "stitch"
    RETURN_TYPES = ("SOAT_FEATURES",)
    RETURN_NAMES = ("features",)
    OUTPUT_TOOLTIPS = ("Features of the common canvas.",)
    # What it tells its drawing is told again when a later run finds it done.
    HAS_INTERMEDIATE_OUTPUT = True
    GROWS = host.Growing("features", "features", inputs.features("The next of the row. All from the same layer."))

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "direction": inputs.choice(DIRECTIONS, "horizontal", "Left to right, or top to bottom."),
                "blend_width": inputs.blend_width(),
                "wrap": inputs.switch(False, "Join the last to the first: 360 degrees, or a tile that repeats."),
            },
            "optional": cls.GROWS.fixed(),
        }

    def stitch(self, direction: str, blend_width: float, wrap: bool, **features: FeatureMap) -> Any:
        """Join the feature maps that are connected, in the order of their sockets."""
        given = self.GROWS.given(features)
        maps = host.load_to_begin_again(*given.values())
        joined = stitch(maps, direction, blend_width, wrap=wrap, names=list(given))
        along, across = ("width", "height") if direction == "horizontal" else ("height", "width")
        sizes = [getattr(each.inner, along) for each in maps]
        joined = joined.to(host.result_device())
        return host.shown((joined,), soat_sizes=[sizes], soat_across=[getattr(joined.inner, across)])
