"""The node GetFeatures: runs the synthesis to a layer and stops there."""

from __future__ import annotations

from typing import Any

from ..soat_backend.feature_ops import get_features
from ..soat_backend.generators import Generator
from ..soat_backend.latents import Latent
from ..soat_backend.support.memory import give_back_freed_memory
from ..soat_backend.synthesis.views import EnergyLog, principal_colours
from . import host, inputs


class GetFeatures:
    """Run the synthesis to a layer and stop there."""

    DISPLAY_NAME = "Get Features"
    CATEGORY = f"{inputs.CATEGORY}/features"
    SEARCH_ALIASES = (
        *inputs.PACK_WORDS,
        "cut synthesis",
        "intermediate layer",
        "activations",
        "hook",
        "split generator",
    )
    DESCRIPTION = "Cuts the synthesis open: runs it to a layer and gives the feature map, to be edited and rendered."
    FUNCTION = "get"
    RETURN_TYPES = ("SOAT_FEATURES",)
    RETURN_NAMES = ("features",)
    OUTPUT_TOOLTIPS = ("The feature map, with all that is needed to go on.",)
    # What it tells its drawing is told again when a later run finds it done.
    HAS_INTERMEDIATE_OUTPUT = True

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
    def VALIDATE_INPUTS(cls, layer: str | None = None) -> bool | str:
        """The layer must be one that some model may have."""
        return inputs.check_layer(layer)

    def get(
        self,
        generator: Generator,
        latent: Latent,
        layer: str,
        noise_mode: str,
        noise_seed: int,
    ) -> Any:
        """Run the synthesis to the layer."""
        host.load_to_generate(generator, latent.batch, layer)
        energies = EnergyLog() if host.in_comfyui() else None
        with host.Progress("features") as progress:
            features = get_features(generator, latent, layer, noise_mode, noise_seed, progress, energies)
        features = features.to(host.result_device())
        # A film has a map for each frame.
        give_back_freed_memory()
        if energies is None:
            return (features,)
        views = host.save_previews(principal_colours(features.activation).permute(0, 2, 3, 1), "soat/features")
        energy = [[each.name, value] for each, value in zip(energies.layers, energies.values, strict=True)]
        return host.shown((features,), soat_pictures=views, soat_energy=[energy])
