"""The node PreviewFeatures: a feature map as a picture to look at."""

from __future__ import annotations

from typing import Any

from PIL import Image

from ..soat_backend.synthesis.feature_map import FeatureMap
from ..soat_backend.synthesis.views import MAX_CHANNELS, VIEWS, describe_features, view_features
from . import host, inputs

# Small maps are enlarged to this, in whole steps, so that their pixels can be seen.
_SIDE = 256


class PreviewFeatures:
    """A feature map as a picture to look at."""

    DISPLAY_NAME = "Preview Features"
    CATEGORY = f"{inputs.CATEGORY}/features"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "activations", "visualize layer", "channels", "PCA", "false colours")
    DESCRIPTION = (
        "Shows what a feature map looks like before it is rendered: its principal components as colours, its energy, "
        "its strongest channels, which branch counts where, or the RGB so far."
    )
    FUNCTION = "view"
    OUTPUT_NODE = True
    RETURN_TYPES = ("IMAGE", "STRING")
    RETURN_NAMES = ("image", "report")
    OUTPUT_TOOLTIPS = ("The view, small maps enlarged.", "Layer, sizes, branches, and which channels vary most.")

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "features": inputs.features(),
                "view": inputs.choice(
                    VIEWS,
                    VIEWS[0],
                    "principal_colours: like content in like colours. energy: where values are large. channels: those "
                    "that vary most. shares: which branch counts where. rgb_so_far: the coarse picture.",
                ),
                "channel_count": inputs.integer(16, 1, MAX_CHANNELS, "How many channels the view channels shows."),
            }
        }

    def view(self, features: FeatureMap, view: str, channel_count: int) -> Any:
        """Make the view, and describe the feature map in some lines."""
        features = features.to(host.load_generators(features))
        picture = view_features(features, view, channel_count)
        times = max(1, _SIDE // min(picture.shape[2:]))
        enlarged = picture.repeat_interleave(times, 2).repeat_interleave(times, 3)
        result = (inputs.nchw_to_image(enlarged), describe_features(features, channel_count))
        return host.shown(result, images=host.save_previews(result[0], "soat/view", Image.Resampling.NEAREST))
