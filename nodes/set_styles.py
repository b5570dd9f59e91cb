"""The node SetStyles: a feature map goes on with the styles of another latent."""

from __future__ import annotations

from typing import Any

from ..soat_backend.feature_ops import set_styles
from ..soat_backend.latents import Latent
from ..soat_backend.synthesis.feature_map import FeatureMap
from . import host, inputs


class SetStyles:
    """A feature map with another latent's styles for the layers to come."""

    DISPLAY_NAME = "Set Styles"
    CATEGORY = f"{inputs.CATEGORY}/edit"
    SEARCH_ALIASES = (
        *inputs.PACK_WORDS,
        "restyle",
        "edit a photo",
        "detail code",
        "style mixing",
        "recolour",
        "BDInvert",
    )
    DESCRIPTION = (
        "Gives a feature map the styles of another latent for the layers to come: its shapes stay, what they are made "
        "of changes. So edits of the code work on a photo's map, on canvases and on panoramas."
    )
    FUNCTION = "set"
    RETURN_TYPES = ("SOAT_FEATURES",)
    RETURN_NAMES = ("features",)
    OUTPUT_TOOLTIPS = ("The same map, with the latent's styles.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "features": inputs.features(),
                "latent": inputs.latent(
                    "Whose styles: one code for all, one for each picture, or one for each part of a stitched canvas."
                ),
            }
        }

    def set(self, features: FeatureMap, latent: Latent) -> tuple[FeatureMap]:
        """Give all layers to come the latent's styles."""
        host.load_generators(features)
        return (set_styles(features, latent).to(host.result_device()),)
