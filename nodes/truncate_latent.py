"""The node TruncateLatent: moves codes towards the average, or away from it."""

from __future__ import annotations

from typing import Any

from ..soat_backend.generators import Generator
from ..soat_backend.latents import Latent, truncate
from . import host, inputs


class TruncateLatent:
    """Codes moved towards the average, or away from it."""

    DISPLAY_NAME = "Truncate Latent"
    CATEGORY = f"{inputs.CATEGORY}/edit"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "truncation trick", "psi", "average face", "mean", "calm")
    DESCRIPTION = "Moves codes of any space towards the average picture, in all layers or some: calmer, or wilder."
    FUNCTION = "truncate"
    RETURN_TYPES = ("SOAT_LATENT",)
    RETURN_NAMES = ("latent",)
    OUTPUT_TOOLTIPS = ("The codes, moved.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "generator": inputs.generator(),
                "latent": inputs.latent(),
                "truncation_psi": inputs.truncation_psi(),
                **inputs.layer_range(),
            }
        }

    @classmethod
    def VALIDATE_INPUTS(cls, first_layer: str | None = None, last_layer: str | None = None) -> bool | str:
        """The range must not be empty."""
        return inputs.check_layer_range(first_layer, last_layer)

    def truncate(
        self,
        generator: Generator,
        latent: Latent,
        truncation_psi: float,
        first_layer: str,
        last_layer: str,
    ) -> tuple[Latent]:
        """Move the codes towards the average, in the range of layers."""
        host.load_on_device(generator)
        return (truncate(generator, latent, truncation_psi, first_layer, last_layer),)
