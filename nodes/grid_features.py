"""The node GridFeatures: a batch of latents as one canvas of rows and columns."""

from __future__ import annotations

from typing import Any

from ..soat_backend.feature_ops import grid
from ..soat_backend.generators import Generator
from ..soat_backend.latents import Latent
from ..soat_backend.latents.sampling import MAX_BATCH
from ..soat_backend.synthesis.feature_map import FeatureMap
from . import host, inputs


class GridFeatures:
    """A batch of latents as one canvas of rows and columns."""

    DISPLAY_NAME = "Grid Features"
    CATEGORY = f"{inputs.CATEGORY}/features"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "seamless", "tiles", "texture", "tileable", "mosaic", "upright panorama")
    DESCRIPTION = (
        "Puts all latents of a batch on one canvas, row by row: panoramas in two directions, or upright ones with one "
        "column. Related latents come from Sample Latent Grid."
    )
    FUNCTION = "grid"
    RETURN_TYPES = ("SOAT_FEATURES",)
    RETURN_NAMES = ("features",)
    OUTPUT_TOOLTIPS = ("Features of the large canvas.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "generator": inputs.generator(),
                "latent": inputs.latent("A batch in reading order: a whole number of rows."),
                "columns": inputs.integer(4, 1, MAX_BATCH, "Pictures side by side; 1: an upright panorama."),
                "layer": inputs.layer(),
                "wrap_x": inputs.switch(False, "Join the right end to the left one."),
                "wrap_y": inputs.switch(False, "Join the bottom to the top."),
                "blend_width": inputs.blend_width(),
                **inputs.noise(),
            }
        }

    def grid(
        self,
        generator: Generator,
        latent: Latent,
        columns: int,
        layer: str,
        wrap_x: bool,
        wrap_y: bool,
        blend_width: float,
        noise_mode: str,
        noise_seed: int,
    ) -> tuple[FeatureMap]:
        """Run each to the layer and join them."""
        host.load_to_generate(generator, latent.batch, layer)
        with host.Progress("grid") as progress:
            features = grid(
                generator,
                latent,
                columns,
                layer,
                wrap_x=wrap_x,
                wrap_y=wrap_y,
                blend_width=blend_width,
                noise_mode=noise_mode,
                noise_seed=noise_seed,
                progress=progress,
            )
        return (features.to(host.result_device()),)
