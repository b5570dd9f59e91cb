"""The node LoadFeatures: reads a feature map from a file."""

from __future__ import annotations

from typing import Any

from ..soat_backend import synthesis
from ..soat_backend.generators import Generator
from ..soat_backend.support.errors import SoatError
from ..soat_backend.synthesis.feature_map import FeatureMap
from . import host, inputs


class LoadFeatures:
    """A file to a feature map."""

    DISPLAY_NAME = "Load Features"
    CATEGORY = f"{inputs.CATEGORY}/load"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "read feature map", "activations", "base code", "inverted photo")
    DESCRIPTION = "Loads a feature map that Save Features wrote from the input folder, to go on with a generator."
    FUNCTION = "load"
    RETURN_TYPES = ("SOAT_FEATURES",)
    RETURN_NAMES = ("features",)
    OUTPUT_TOOLTIPS = ("The feature map, with all that is needed to go on.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        files = host.input_files({".safetensors"})
        return {
            "required": {
                "generator": inputs.generator("The generator that the features were made with, or a fine-tune of it."),
                "features": (files, {"tooltip": "A .safetensors file of Save Features in the input folder."}),
            }
        }

    @classmethod
    def VALIDATE_INPUTS(cls, features: str | None = None) -> bool | str:
        """The file must be there."""
        try:
            if features is not None:
                host.input_path(features)
        except SoatError as error:
            return f"features: {error}"
        return True

    @classmethod
    def IS_CHANGED(cls, features: str, **_: Any) -> str:
        """A file that was replaced is loaded again."""
        return host.file_signature(host.input_path(features))

    def load(self, generator: Generator, features: str) -> tuple[FeatureMap]:
        """Read the feature map from the file."""
        return (synthesis.load_features(host.input_path(features), generator).to(host.result_device()),)
