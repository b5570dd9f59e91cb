"""The node MixStyles: takes some layers' styles from another latent."""

from __future__ import annotations

from typing import Any

from ..soat_backend.latents import Latent, mix_styles
from . import inputs


class MixStyles:
    """Styles of two latents mixed by layer."""

    DISPLAY_NAME = "Mix Styles"
    CATEGORY = f"{inputs.CATEGORY}/edit"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "style mixing", "attribute transfer", "hair", "crossover", "coarse fine")
    DESCRIPTION = "Puts B's styles in A's place in a range of layers: A's pose with B's colours, and the like."
    FUNCTION = "mix"
    RETURN_TYPES = ("SOAT_LATENT",)
    RETURN_NAMES = ("latent",)
    OUTPUT_TOOLTIPS = ("The mixed codes.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "latent_a": inputs.latent("Outside the range."),
                "latent_b": inputs.latent("Inside the range. Of the same generator."),
                **inputs.layer_range(),
                "strength": inputs.number(1.0, 0.0, 1.0, "B's share inside the range."),
            }
        }

    @classmethod
    def VALIDATE_INPUTS(cls, first_layer: str | None = None, last_layer: str | None = None) -> bool | str:
        """The range must not be empty."""
        return inputs.check_layer_range(first_layer, last_layer)

    def mix(
        self,
        latent_a: Latent,
        latent_b: Latent,
        first_layer: str,
        last_layer: str,
        strength: float,
    ) -> tuple[Latent]:
        """Put the second latent's styles in place of the first's, inside the range of layers."""
        return (mix_styles(latent_a, latent_b, first_layer, last_layer, strength),)
