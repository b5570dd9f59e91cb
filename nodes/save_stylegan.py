"""The node SaveStyleGAN: writes a generator to a file."""

from __future__ import annotations

from typing import Any

import torch

from ..soat_backend import checkpoints
from ..soat_backend.generators import Generator
from ..soat_backend.generators.provenance import licences
from ..soat_backend.support.errors import require_choice
from . import host, inputs

WEIGHTS = {"as they are": None, "float16": torch.float16, "bfloat16": torch.bfloat16}


class SaveStyleGAN:
    """A generator to a file."""

    DISPLAY_NAME = "Save StyleGAN"
    CATEGORY = f"{inputs.CATEGORY}/output"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "save checkpoint", "export model", "store generator", "safetensors")
    DESCRIPTION = (
        "Saves a generator as safetensors in the output folder, with what it was made of and the licences of that. To "
        "load the file, move it to models/stylegan."
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
                "generator": inputs.generator(
                    "What to save: from Merge Generators, Invert Image with tuning or noise maps, or Load StyleGAN."
                ),
                "filename_prefix": inputs.filename_prefix(
                    "stylegan/merged", "To load the file, move it to models/stylegan."
                ),
                "weights": inputs.choice(
                    list(WEIGHTS),
                    "as they are",
                    "Type of the weights in the file. The smaller types halve a file of float32, with small "
                    "differences; as they are: the same pictures bit for bit.",
                ),
            },
            "optional": {
                "licence": (
                    "STRING",
                    {
                        "default": "",
                        "tooltip": "Under which you give it away, such as CC BY 4.0; the parents' licences are noted "
                        "anyway, where their files name them.",
                    },
                ),
                "notes": ("STRING", {"default": "", "multiline": True, "tooltip": "Any text, kept in the file."}),
            },
        }

    @classmethod
    def VALIDATE_INPUTS(cls, filename_prefix: str | None = None) -> bool | str:
        """The name must stay in the output folder."""
        return host.check_prefix(filename_prefix)

    def save(
        self, generator: Generator, filename_prefix: str, weights: str, licence: str, notes: str
    ) -> dict[str, Any]:
        """Write the next file of that name."""
        require_choice("weights", weights, list(WEIGHTS))
        provenance = checkpoints.provenance_to_save(generator, licence, notes)
        with host.output_path(filename_prefix, ".safetensors") as path:
            checkpoints.save_generator(generator, path, provenance=provenance, dtype=WEIGHTS[weights])
        said = f"{path.name}, {path.stat().st_size / 1e6:.1f} MB"
        named = licences(provenance)
        told = [said, f"Licences: {'; '.join(named)}"] if named else [said]
        return {"ui": {"files": [host.output_entry(path)], "soat_text": ["\n".join(told)]}, "result": (str(path),)}
