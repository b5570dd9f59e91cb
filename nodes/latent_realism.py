"""The node LatentRealism: how usual codes are, and those that are not brought back."""

from __future__ import annotations

from typing import Any

from ..soat_backend.generators import Generator
from ..soat_backend.latents import Latent, bring_back
from ..soat_backend.latents.realism import MAX_SIGMAS
from ..soat_backend.latents.statistics import COVARIANCES
from ..soat_backend.support.errors import require_choice
from . import host, inputs


class LatentRealism:
    """How usual codes are, and those that are not brought back."""

    DISPLAY_NAME = "Latent Realism"
    CATEGORY = f"{inputs.CATEGORY}/edit"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "out of distribution", "sigma", "prior", "clamp", "p-space")
    DESCRIPTION = (
        "Tells how far codes are from the average, in sigmas (random codes have about 1), and brings those back "
        "that are too far away for the generator to make sense of."
    )
    FUNCTION = "bring_back"
    RETURN_TYPES = ("SOAT_LATENT", "STRING", "FLOAT")
    RETURN_NAMES = ("latent", "report", "sigmas")
    OUTPUT_TOOLTIPS = (
        "The codes, those beyond the limit brought back to it.",
        "A line for each code.",
        "Of the code farthest away, before.",
    )

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "generator": inputs.generator(),
                "latent": inputs.latent(),
                "max_sigmas": inputs.number(1.2, 0.0, MAX_SIGMAS, "How far codes may be; 0: only measure.", 0.05),
                "covariance": inputs.choice(
                    COVARIANCES, "diagonal", "diagonal: each number by itself. full: how they go together too."
                ),
            }
        }

    def bring_back(
        self, generator: Generator, latent: Latent, max_sigmas: float, covariance: str
    ) -> tuple[Latent, str, float]:
        """Measure how far the codes are from the mean, and bring back those beyond the limit."""
        require_choice("covariance", covariance, COVARIANCES)
        host.load_on_device(generator)
        found = bring_back(generator, latent, max_sigmas, covariance)
        sigmas = found.sigmas.tolist()
        report = "\n".join(f"{index}: {each:.2f} sigmas from the mean" for index, each in enumerate(sigmas))
        return found.latent, report, max(sigmas)
