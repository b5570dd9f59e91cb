"""The node SampleLatentSequence: a sequence of related latents from one seed."""

from __future__ import annotations

from typing import Any

from ..soat_backend.generators import Generator
from ..soat_backend.latents import Latent, sample_sequence
from ..soat_backend.latents.sampling import MAX_BATCH, MAX_SMOOTHNESS
from . import host, inputs


class SampleLatentSequence:
    """One seed to a sequence of related latents."""

    DISPLAY_NAME = "Sample Latent Sequence"
    CATEGORY = f"{inputs.CATEGORY}/latents"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "row of seeds", "keyframes", "panorama latents", "smooth noise")
    DESCRIPTION = "Draws a row of related latents, each like its neighbours: for panoramas and walks."
    FUNCTION = "sample"
    RETURN_TYPES = ("SOAT_LATENT",)
    RETURN_NAMES = ("latent",)
    HAS_INTERMEDIATE_OUTPUT = True
    OUTPUT_TOOLTIPS = ("w_plus codes, a batch of count.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "generator": inputs.generator(),
                "seed": inputs.seed("Seed of the whole sequence."),
                "count": inputs.integer(5, 1, MAX_BATCH, "How many latents."),
                "smoothness": inputs.number(
                    0.7,
                    0.0,
                    MAX_SMOOTHNESS,
                    "How alike neighbours are: sigma of a Gaussian along the row; 0: unrelated.",
                ),
                "loop": inputs.switch(True, "Make the last the first's neighbour too, as 360 degrees and loops need."),
                "truncation_psi": inputs.truncation_psi(),
                "class_idx": inputs.class_idx(),
            }
        }

    def sample(
        self,
        generator: Generator,
        seed: int,
        count: int,
        smoothness: float,
        loop: bool,
        truncation_psi: float,
        class_idx: int,
    ) -> tuple[Latent]:
        """Map a smoothed sequence of z to w_plus."""
        host.load_on_device(generator)
        latent = sample_sequence(generator, seed, count, smoothness, loop, truncation_psi, class_idx)
        return host.shown((latent,), soat_text=[inputs.class_remark(generator, class_idx)])
