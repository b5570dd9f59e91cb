"""The node GuessLatent: first guesses of pictures' codes, without a search."""

from __future__ import annotations

from typing import Any

import torch

from ..soat_backend import inversion
from ..soat_backend.generators import Generator
from ..soat_backend.latents import Latent
from . import host, inputs


class GuessLatent:
    """A picture to a rough code, at once."""

    DISPLAY_NAME = "Guess Latent"
    CATEGORY = f"{inputs.CATEGORY}/pictures"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "encode photo", "encoder", "first guess", "quick inversion", "e4e pSp")
    DESCRIPTION = (
        "Guesses the code of a picture from its colours and layout. As the init of Invert Image it saves about a "
        "fifth of the steps. What it learns of a generator first takes a while, once."
    )
    FUNCTION = "guess"
    RETURN_TYPES = ("SOAT_LATENT",)
    RETURN_NAMES = ("latent",)
    OUTPUT_TOOLTIPS = ("A rough code for each picture, in w_plus: for init of Invert Image.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        ranges = inversion.settings
        return {
            "required": {
                "generator": inputs.generator(),
                "image": ("IMAGE", {"tooltip": "Pictures of the model's shape, squares as a rule."}),
                "samples": inputs.integer(
                    ranges.GUESS_SAMPLES,
                    ranges.FEWEST_GUESS_SAMPLES,
                    ranges.MAX_GUESS_SAMPLES,
                    "From so many random pictures of the generator it is learnt what code goes with what is seen. "
                    "More: better guesses, later. Kept as long as the generator is loaded.",
                ),
                "seed": inputs.seed("Seed of those pictures."),
            }
        }

    def guess(self, generator: Generator, image: torch.Tensor, samples: int, seed: int) -> tuple[Latent]:
        """Guess the code of each picture."""
        host.load_on_device(generator)
        with host.Progress("learning to guess") as progress:
            return (inversion.guess_codes(generator, inputs.image_to_rgb(image), samples, seed, progress),)
