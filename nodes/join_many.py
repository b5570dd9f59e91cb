"""The node JoinMany: any number of latents as one batch."""

from __future__ import annotations

from typing import Any

from ..soat_backend.latents import Latent, concatenate
from . import host, inputs


class JoinMany:
    """Any number of latents as one batch."""

    DISPLAY_NAME = "Join Many"
    CATEGORY = f"{inputs.CATEGORY}/latents"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "batch latents", "concatenate codes", "list of seeds", "combine")
    DESCRIPTION = (
        "Puts any number of latents into one batch, in order: hand-picked pictures for a panorama or a walk. With each "
        "wire the next input appears."
    )
    FUNCTION = "join"
    RETURN_TYPES = ("SOAT_LATENT",)
    RETURN_NAMES = ("latent",)
    OUTPUT_TOOLTIPS = ("One batch of all of them.",)
    GROWS = host.Growing("latents", "latent", inputs.latent("The next code, or the next batch. All of one generator."))

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {"required": {}, "optional": cls.GROWS.fixed()}

    def join(self, **latents: Latent) -> tuple[Latent]:
        """Join the latents that are connected, in the order of their sockets."""
        given = self.GROWS.given(latents)
        return (concatenate(list(given.values()), list(given)),)
