"""The node SaveFeatures: writes a feature map to a file."""

from __future__ import annotations

from typing import Any

from ..soat_backend import synthesis
from ..soat_backend.synthesis.feature_map import FeatureMap
from . import host, inputs


class SaveFeatures:
    """A feature map to a file."""

    DISPLAY_NAME = "Save Features"
    CATEGORY = f"{inputs.CATEGORY}/output"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "store feature map", "export activations", "keep base code", "safetensors")
    DESCRIPTION = (
        "Saves a feature map with its styles as safetensors in the output folder, such as an inverted photo's. To load "
        "the file, move it to the input folder."
    )
    FUNCTION = "save"
    OUTPUT_NODE = True
    RETURN_TYPES = ("STRING",)
    RETURN_NAMES = ("path",)
    OUTPUT_TOOLTIPS = ("Where the file is.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "features": inputs.features("What to save; of one generator."),
                "filename_prefix": inputs.filename_prefix("features/SOAT"),
            }
        }

    @classmethod
    def VALIDATE_INPUTS(cls, filename_prefix: str | None = None) -> bool | str:
        """The name must stay in the output folder."""
        return host.check_prefix(filename_prefix)

    def save(self, features: FeatureMap, filename_prefix: str) -> dict[str, Any]:
        """Write the next file of that name."""
        with host.output_path(filename_prefix, ".safetensors") as path:
            synthesis.save_features(features, path)
        return {"ui": {"features": [host.output_entry(path)]}, "result": (str(path),)}
