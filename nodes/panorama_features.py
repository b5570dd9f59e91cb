"""The node PanoramaFeatures: a batch of latents as one wide canvas."""

from __future__ import annotations

from typing import Any

from ..soat_backend.feature_ops import panorama
from ..soat_backend.generators import Generator
from ..soat_backend.latents import Latent
from . import host, inputs


class PanoramaFeatures:
    """A batch of latents as one wide canvas."""

    DISPLAY_NAME = "Panorama Features"
    CATEGORY = f"{inputs.CATEGORY}/features"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "outpaint", "360", "seamless", "wide", "infinite landscape", "tileable")
    DESCRIPTION = (
        "Puts all latents of a batch side by side on one canvas, exact everywhere, with no paste; "
        "with wrap the ends meet: 360 degrees. Related latents come from Sample Latent Sequence."
    )
    FUNCTION = "panorama"
    RETURN_TYPES = ("SOAT_FEATURES",)
    RETURN_NAMES = ("features",)
    OUTPUT_TOOLTIPS = ("Features of the wide canvas.",)
    # What it tells its drawing is told again when a later run finds it done.
    HAS_INTERMEDIATE_OUTPUT = True

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "generator": inputs.generator(),
                "latent": inputs.latent("A batch, from left to right."),
                "layer": inputs.layer(),
                "wrap": inputs.switch(False, "Join the right end to the left one: a picture of 360 degrees."),
                "blend_width": inputs.blend_width(),
                **inputs.noise(),
            }
        }

    def panorama(
        self,
        generator: Generator,
        latent: Latent,
        layer: str,
        wrap: bool,
        blend_width: float,
        noise_mode: str,
        noise_seed: int,
    ) -> Any:
        """Run each to the layer and join them."""
        host.load_to_generate(generator, latent.batch, layer)
        with host.Progress("panorama") as progress:
            features = panorama(
                generator,
                latent,
                layer,
                wrap=wrap,
                blend_width=blend_width,
                noise_mode=noise_mode,
                noise_seed=noise_seed,
                progress=progress,
            )
        return host.shown((features.to(host.result_device()),), soat_sizes=[[1] * latent.batch])
