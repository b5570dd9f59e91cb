"""The node LoadStyleGAN: reads a generator from a checkpoint file."""

from __future__ import annotations

import logging
from typing import Any

import torch

from ..soat_backend import checkpoints
from ..soat_backend.generators import Generator
from ..soat_backend.support.errors import require_choice
from . import host, inputs

_log = logging.getLogger(__name__)

# The activations' type, and whether CUDA may use TF32 for it.
PRECISIONS = {
    "float32": (torch.float32, False),
    "bfloat16": (torch.bfloat16, False),
    "float16": (torch.float16, False),
    "tf32": (torch.float32, True),
}


class LoadStyleGAN:
    """A checkpoint file to a generator."""

    DISPLAY_NAME = "Load StyleGAN"
    CATEGORY = f"{inputs.CATEGORY}/load"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "checkpoint", "GAN model", "pkl", "pretrained generator", "rosinality")
    DESCRIPTION = (
        "Loads a StyleGAN2 or StyleGAN3 generator of any resolution, in whichever of the usual files it is: NVIDIA's "
        ".pkl of PyTorch or TensorFlow, rosinality's .pt, the .pth of BasicSR, MMGeneration, MMagic or GenForce, the "
        "decoder in a pSp or e4e file, a module pickled whole, or safetensors. Files go into models/stylegan. "
        "Nothing in a file is ever executed."
    )
    FUNCTION = "load"
    RETURN_TYPES = ("SOAT_GENERATOR", "STRING")
    RETURN_NAMES = ("generator", "info")
    OUTPUT_TOOLTIPS = ("The generator.", "What the file is.")

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        files = host.model_files("stylegan")
        return {
            "required": {
                "checkpoint": (
                    files,
                    {"tooltip": "A file of models/stylegan; demo/... are the generators that come with this pack."},
                ),
                "precision": inputs.choice(
                    list(PRECISIONS),
                    "float32",
                    "Type of the activations. Half precision is faster on GPUs and some CPUs, with small differences. "
                    "tf32: float32 in memory, but as coarse and nearly as fast as half precision; on NVIDIA's GPUs "
                    "only, elsewhere the same as float32.",
                ),
            }
        }

    @classmethod
    def VALIDATE_INPUTS(cls, checkpoint: str | None = None) -> bool | str:
        """The file must be there."""
        return host.check_model("checkpoint", "stylegan", checkpoint)

    @classmethod
    def IS_CHANGED(cls, checkpoint: str, precision: str = "float32") -> str:
        """A file that was replaced is loaded again."""
        return host.file_signature(host.model_path("stylegan", checkpoint))

    def load(self, checkpoint: str, precision: str) -> tuple[Generator, str]:
        """Read the generator, and say what it is."""
        path = host.model_path("stylegan", checkpoint)
        require_choice("precision", precision, list(PRECISIONS))
        loaded = checkpoints.read_generator(path, name=checkpoint)
        loaded.generator.dtype, loaded.generator.allow_tf32 = PRECISIONS[precision]
        info = checkpoints.describe_loaded(loaded, path.name).describe()
        if note := host.successor_note(checkpoint, path):
            _log.warning("LoadStyleGAN: %s", note)
            info = f"{note}\n{info}"
        return loaded.generator, info
