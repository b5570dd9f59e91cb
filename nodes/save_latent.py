"""The node SaveLatent: writes latent codes to a file."""

from __future__ import annotations

from typing import Any

from ..soat_backend import latents
from ..soat_backend.latents import Latent
from . import host, inputs


class SaveLatent:
    """A latent to a file."""

    DISPLAY_NAME = "Save StyleGAN Latent"
    # ComfyUI has a node of the second id and keeps its own, so there only the first exists.
    IDS = ("SaveStyleGANLatent", "SaveLatent")
    CATEGORY = f"{inputs.CATEGORY}/output"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "store code", "export w", "keep seed", "safetensors")
    DESCRIPTION = (
        "Saves latent codes as safetensors in the output folder. To load the file, move it to the input folder."
    )
    FUNCTION = "save"
    OUTPUT_NODE = True
    RETURN_TYPES = ("STRING",)
    RETURN_NAMES = ("path",)
    OUTPUT_TOOLTIPS = ("Where the file is.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "latent": inputs.latent("What to save."),
                "filename_prefix": inputs.filename_prefix("latents/SOAT"),
            }
        }

    @classmethod
    def VALIDATE_INPUTS(cls, filename_prefix: str | None = None) -> bool | str:
        """The name must stay in the output folder."""
        return host.check_prefix(filename_prefix)

    def save(self, latent: Latent, filename_prefix: str) -> dict[str, Any]:
        """Write the next file of that name."""
        with host.output_path(filename_prefix, ".safetensors") as path:
            latents.save_latent(latent, path)
        return {"ui": {"latents": [host.output_entry(path)]}, "result": (str(path),)}
