"""The node SaveDirection: keeps a direction under a name in a file."""

from __future__ import annotations

from typing import Any

from ..soat_backend import latents
from . import host, inputs


class SaveDirection:
    """A direction, and those that are kept with it, to a file."""

    DISPLAY_NAME = "Save Direction"
    CATEGORY = f"{inputs.CATEGORY}/output"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "attribute slider", "store direction", "name a slider", "safetensors")
    DESCRIPTION = (
        "Saves a direction of Edit Latent or Learn Direction under a name, in a safetensors file of the output "
        "folder. To use it, move the file to models/stylegan_directions and choose it in Edit Latent, method file."
    )
    FUNCTION = "save"
    OUTPUT_NODE = True
    RETURN_TYPES = ("STRING", "SOAT_DIRECTION")
    RETURN_NAMES = ("path", "directions")
    OUTPUT_TOOLTIPS = ("Where the file is.", "All that is in the file, for another Save Direction's `others`.")

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "direction": ("SOAT_DIRECTION", {"tooltip": "What to save, from Edit Latent or Learn Direction."}),
                "name": ("STRING", {"default": "direction", "tooltip": "What it changes: mouth, blue sky."}),
                "filename_prefix": inputs.filename_prefix(
                    "directions/SOAT", "To use the file, move it to models/stylegan_directions."
                ),
            },
            "optional": {
                "others": (
                    "SOAT_DIRECTION",
                    {"tooltip": "Of another Save Direction: saved before this one, in the same file."},
                )
            },
        }

    @classmethod
    def VALIDATE_INPUTS(cls, filename_prefix: str | None = None) -> bool | str:
        """The name must stay in the output folder."""
        return host.check_prefix(filename_prefix)

    def save(
        self,
        direction: latents.NamedDirections,
        name: str,
        filename_prefix: str,
        others: latents.NamedDirections | None = None,
    ) -> dict[str, Any]:
        """Write the next file of that name."""
        kept = latents.named(direction, name).joined(others)
        with host.output_path(filename_prefix, ".safetensors") as path:
            latents.save_directions(kept, path)
        listed = "\n".join(f"{number}: {each}" for number, each in enumerate(kept.names))
        told = f"{path.name}, component\n{listed}"
        return {"ui": {"files": [host.output_entry(path)], "soat_text": [told]}, "result": (str(path), kept)}
