"""The node LoadLatent: reads latent codes from a file."""

from __future__ import annotations

from typing import Any

from ..soat_backend import latents
from ..soat_backend.latents import Latent
from ..soat_backend.support.errors import SoatError
from . import host, inputs


class LoadLatent:
    """A file to a latent."""

    DISPLAY_NAME = "Load StyleGAN Latent"
    # ComfyUI has a node of the second id and keeps its own, so there only the first exists.
    IDS = ("LoadStyleGANLatent", "LoadLatent")
    CATEGORY = f"{inputs.CATEGORY}/load"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "read w", "projected code", "e4e code", "npz")
    DESCRIPTION = (
        "Loads latent codes from the input folder: those that Save StyleGAN Latent wrote, and w or w_plus that other "
        "tools found (projectors, PTI, e4e)."
    )
    FUNCTION = "load"
    RETURN_TYPES = ("SOAT_LATENT",)
    RETURN_NAMES = ("latent",)
    OUTPUT_TOOLTIPS = ("The codes.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        files = host.input_files({".safetensors", *latents.CODE_EXTENSIONS})
        tooltip = "A file in the input folder: .safetensors of this pack; .npy, .npz, .pt, .pth or .pkl of others."
        return {"required": {"latent": (files, {"tooltip": tooltip})}}

    @classmethod
    def VALIDATE_INPUTS(cls, latent: str | None = None) -> bool | str:
        """The file must be there."""
        try:
            if latent is not None:
                host.input_path(latent)
        except SoatError as error:
            return f"latent: {error}"
        return True

    @classmethod
    def IS_CHANGED(cls, latent: str) -> str:
        """A file that was replaced is loaded again."""
        return host.file_signature(host.input_path(latent))

    def load(self, latent: str) -> tuple[Latent]:
        """Read the codes from the file."""
        return (latents.load_latent(host.input_path(latent)),)
