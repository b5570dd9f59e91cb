"""The node SelectLatents: some items of a batch of latents."""

from __future__ import annotations

from typing import Any

from ..soat_backend.latents import Latent, select
from ..soat_backend.support.index_ranges import parse_picks
from . import inputs


class SelectLatents:
    """Some items of a batch of latents."""

    DISPLAY_NAME = "Select Latents"
    CATEGORY = f"{inputs.CATEGORY}/latents"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "pick from batch", "index", "slice", "reorder")
    DESCRIPTION = "Picks latents out of a batch, in any order, also repeatedly: the good ones of a sample sheet."
    FUNCTION = "select"
    RETURN_TYPES = ("SOAT_LATENT",)
    RETURN_NAMES = ("latent",)
    OUTPUT_TOOLTIPS = ("The items chosen, as a batch.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "latent": inputs.latent("A batch."),
                "items": (
                    "STRING",
                    {"default": "0", "tooltip": "Which, counted from 0: 3, or 0, 4, 2, or 0:8 (without 8), or ::-1."},
                ),
            }
        }

    def select(self, latent: Latent, items: str) -> tuple[Latent]:
        """Pick the items by their numbers, in the order written."""
        return (select(latent, parse_picks(items, latent.batch, "items")),)
