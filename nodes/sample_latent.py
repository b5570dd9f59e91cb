"""The node SampleLatent: latent codes of seeds."""

from __future__ import annotations

from typing import Any

from ..soat_backend.generators import Generator
from ..soat_backend.latents import RNGS, Latent, sample
from ..soat_backend.latents.sampling import MAX_BATCH, MAX_ROWS
from . import host, inputs


class SampleLatent:
    """Makes latent codes of seeds."""

    DISPLAY_NAME = "Sample Latent"
    CATEGORY = f"{inputs.CATEGORY}/latents"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "seed", "z code", "random picture", "generate image", "GAN sampler")
    DESCRIPTION = "Draws latent codes from seeds. Item k of a batch is what seed + k gives alone."
    FUNCTION = "sample"
    RETURN_TYPES = ("SOAT_LATENT",)
    RETURN_NAMES = ("latent",)
    HAS_INTERMEDIATE_OUTPUT = True
    OUTPUT_TOOLTIPS = ("w_plus codes, one for each seed.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "generator": inputs.generator(),
                "seed": inputs.seed("Each seed is a picture. The same seed gives the same picture everywhere."),
                "batch_size": inputs.integer(1, 1, MAX_BATCH, "How many pictures: seed, seed + 1, ..."),
                "truncation_psi": inputs.truncation_psi(),
                "truncation_cutoff": inputs.integer(
                    -1,
                    -1,
                    MAX_ROWS,
                    "Truncate only the first so many rows of w_plus (layout), not the later ones; -1: all.",
                ),
                "class_idx": inputs.class_idx(),
                "rng": inputs.choice(
                    RNGS, "numpy", "numpy: the seeds of NVIDIA's tools. torch: those of rosinality's and SOAT's code."
                ),
            }
        }

    def sample(
        self,
        generator: Generator,
        seed: int,
        batch_size: int,
        truncation_psi: float,
        truncation_cutoff: int,
        class_idx: int,
        rng: str,
    ) -> tuple[Latent]:
        """Map seeds to w_plus."""
        host.load_on_device(generator)
        latent = sample(generator, seed, batch_size, truncation_psi, truncation_cutoff, class_idx, rng)
        return host.shown((latent,), soat_text=[inputs.class_remark(generator, class_idx)])
