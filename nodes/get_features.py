"""GetFeatures."""

from __future__ import annotations

from typing import Any

from ..soat_backend.feature_ops import get_features
from ..soat_backend.features import FeatureMap
from ..soat_backend.generator import Generator
from ..soat_backend.latents import Latent
from . import host, inputs


class GetFeatures:
    """Run the synthesis to a layer and stop there."""

    CATEGORY = inputs.CATEGORY
    DESCRIPTION = "Cuts the synthesis open: runs it to a layer and gives the feature map, to be edited and rendered."
    FUNCTION = "get"
    RETURN_TYPES = ("SOAT_FEATURES",)
    RETURN_NAMES = ("features",)
    OUTPUT_TOOLTIPS = ("The feature map, with all that is needed to go on.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "generator": inputs.generator(),
                "latent": inputs.latent(),
                "layer": inputs.layer(),
                **inputs.noise(),
            }
        }

    @classmethod
    def IS_CHANGED(cls, noise_mode: str = "const", **_: Any) -> float | str:
        """Random noise runs anew."""
        return inputs.changes_with_noise(noise_mode)

    def get(
        self,
        generator: Generator,
        latent: Latent,
        layer: str = "b4.conv1",
        noise_mode: str = "const",
        noise_seed: int = 0,
    ) -> tuple[FeatureMap]:
        """Run to the layer."""
        host.load_on_device(generator)
        with host.Progress("features") as progress:
            features = get_features(generator, latent, layer, noise_mode, noise_seed, progress)
        return (features.to("cpu"),)
