"""The node JoinLatents: several latents as one batch."""

from __future__ import annotations

from typing import Any

from ..soat_backend.latents import Latent, concatenate
from . import inputs


class JoinLatents:
    """Several latents as one batch."""

    DISPLAY_NAME = "Join Latents"
    CATEGORY = f"{inputs.CATEGORY}/latents"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "batch latents", "concatenate codes", "list of seeds", "combine")
    DESCRIPTION = "Puts latents into one batch, in order: hand-picked pictures for a panorama or a walk."
    FUNCTION = "join"
    RETURN_TYPES = ("SOAT_LATENT",)
    RETURN_NAMES = ("latent",)
    OUTPUT_TOOLTIPS = ("One batch of all of them.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "latent_a": inputs.latent("The first, or the first batch."),
                "latent_b": inputs.latent("What comes after it. Of the same generator."),
            },
            "optional": {
                "latent_c": inputs.latent("What comes third."),
                "latent_d": inputs.latent("What comes fourth."),
                "latent_e": inputs.latent("What comes fifth."),
            },
        }

    def join(
        self,
        latent_a: Latent,
        latent_b: Latent,
        latent_c: Latent | None = None,
        latent_d: Latent | None = None,
        latent_e: Latent | None = None,
    ) -> tuple[Latent]:
        """Join the latents that are connected to one batch, in the order of the inputs."""
        given = (latent_a, latent_b, latent_c, latent_d, latent_e)
        return (concatenate([latent for latent in given if latent is not None]),)
