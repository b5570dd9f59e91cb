"""The node ConvertLatent: the same codes in another space."""

from __future__ import annotations

from typing import Any

from ..soat_backend.generators import Generator
from ..soat_backend.latents import Latent, to_style_space, to_w_plus
from ..soat_backend.support.errors import require_choice
from . import host, inputs

SPACES = ("style_space", "w_plus")


class ConvertLatent:
    """The same codes in another space."""

    DISPLAY_NAME = "Convert Latent"
    CATEGORY = f"{inputs.CATEGORY}/latents"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "w plus", "StyleSpace", "z to w", "mapping network")
    DESCRIPTION = (
        "Brings codes into style space or w_plus, so that they can be joined and mixed with others, such as sampled "
        "ones with those of an inverted picture."
    )
    FUNCTION = "convert"
    RETURN_TYPES = ("SOAT_LATENT",)
    RETURN_NAMES = ("latent",)
    OUTPUT_TOOLTIPS = ("The codes, making the same pictures.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "generator": inputs.generator(),
                "latent": inputs.latent(),
                "space": inputs.choice(
                    SPACES,
                    "style_space",
                    "style_space: a number for each channel of each layer. w_plus: a w for each layer; from z only.",
                ),
            }
        }

    def convert(self, generator: Generator, latent: Latent, space: str) -> tuple[Latent]:
        """Convert the codes to style space or w_plus, as codes of this generator."""
        require_choice("space", space, SPACES)
        host.load_on_device(generator)
        return (to_style_space(generator, latent) if space == "style_space" else to_w_plus(generator, latent),)
