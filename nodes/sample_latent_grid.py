"""The node SampleLatentGrid: rows and columns of related latents from one seed."""

from __future__ import annotations

from typing import Any

from ..soat_backend.generators import Generator
from ..soat_backend.latents import Latent, sample_grid
from ..soat_backend.latents.sampling import MAX_BATCH, MAX_SMOOTHNESS
from . import host, inputs


class SampleLatentGrid:
    """One seed to rows and columns of related latents."""

    DISPLAY_NAME = "Sample Latent Grid"
    CATEGORY = f"{inputs.CATEGORY}/latents"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "rows and columns", "tower", "sheet of seeds", "2D walk")
    DESCRIPTION = "Draws rows and columns of related latents, each like its neighbours: for Grid Features."
    FUNCTION = "sample"
    RETURN_TYPES = ("SOAT_LATENT",)
    RETURN_NAMES = ("latent",)
    HAS_INTERMEDIATE_OUTPUT = True
    OUTPUT_TOOLTIPS = ("w_plus codes, a batch of columns x rows in reading order.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "generator": inputs.generator(),
                "seed": inputs.seed("Seed of the whole grid."),
                "columns": inputs.integer(4, 1, MAX_BATCH, "Latents side by side."),
                "rows": inputs.integer(3, 1, MAX_BATCH, "Rows of latents."),
                "smoothness": inputs.number(
                    0.7, 0.0, MAX_SMOOTHNESS, "How alike neighbours are: sigma of a Gaussian both ways; 0: unrelated."
                ),
                "loop_x": inputs.switch(True, "Make the last of a row its first's neighbour too."),
                "loop_y": inputs.switch(False, "Make the last row the first's neighbour too."),
                "truncation_psi": inputs.truncation_psi(),
                "class_idx": inputs.class_idx(),
            }
        }

    def sample(
        self,
        generator: Generator,
        seed: int,
        columns: int,
        rows: int,
        smoothness: float,
        loop_x: bool,
        loop_y: bool,
        truncation_psi: float,
        class_idx: int,
    ) -> tuple[Latent]:
        """Map a smoothed grid of z to w_plus."""
        host.load_on_device(generator)
        latent = sample_grid(generator, seed, columns, rows, smoothness, loop_x, loop_y, truncation_psi, class_idx)
        return host.shown((latent,), soat_text=[inputs.class_remark(generator, class_idx)])
