"""The node EditLatent: moves codes along a direction."""

from __future__ import annotations

from typing import Any

from ..soat_backend.generators import Generator
from ..soat_backend.latents import METHODS, Latent, edit, find_direction, read_direction
from ..soat_backend.latents.moves import MAX_STRENGTH
from ..soat_backend.support.errors import SoatError, require_choice
from . import host, inputs

NO_FILE = "none"
UNITS = ("standard deviations", "as found")
MAX_COMPONENT = 2**20


class EditLatent:
    """Codes moved along a direction."""

    DISPLAY_NAME = "Edit Latent"
    CATEGORY = f"{inputs.CATEGORY}/edit"
    SEARCH_ALIASES = (
        *inputs.PACK_WORDS,
        "SeFa",
        "GANSpace",
        "InterFaceGAN",
        "direction",
        "attribute slider",
        "age smile pose",
    )
    DESCRIPTION = (
        "Moves codes along a direction: one that the generator's weights or random codes have (SeFa, GANSpace), or one "
        "of a file (InterFaceGAN, GANSpace, e4e, rosinality's SeFa)."
    )
    FUNCTION = "edit"
    RETURN_TYPES = ("SOAT_LATENT",)
    RETURN_NAMES = ("latent",)
    OUTPUT_TOOLTIPS = ("The codes, moved.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "generator": inputs.generator(),
                "latent": inputs.latent(),
                "method": inputs.choice(
                    METHODS,
                    "pca_w",
                    "pca_w, pca_style_space: what varies most in random codes (GANSpace). sefa: what the weights of "
                    "the layers in the range answer to most. file: one of models/stylegan_directions.",
                ),
                "component": inputs.integer(0, 0, MAX_COMPONENT, "Which direction, the strongest first."),
                "strength": inputs.number(
                    1.0, -MAX_STRENGTH, MAX_STRENGTH, "How far; below 0 the other way. 1 to 3 is plain to see.", 0.05
                ),
                **inputs.layer_range(),
            },
            "optional": {
                "unit": inputs.choice(
                    UNITS,
                    UNITS[0],
                    "Of strength. standard deviations: of random codes. as found: length 1, or that of the file.",
                ),
                "file": inputs.choice(
                    [NO_FILE, *host.model_files("stylegan_directions")],
                    NO_FILE,
                    "With method file: .npy, .npz, .pt or .safetensors of models/stylegan_directions.",
                ),
            },
        }

    @classmethod
    def VALIDATE_INPUTS(
        cls, first_layer: str | None = None, last_layer: str | None = None, file: str | None = None
    ) -> bool | str:
        """The range must not be empty, and the file be there."""
        there = host.check_model("file", "stylegan_directions", file, NO_FILE)
        return inputs.check_layer_range(first_layer, last_layer) if there is True else there

    @classmethod
    def IS_CHANGED(cls, file: str = NO_FILE, **_: Any) -> str:
        """A file that was replaced is read again."""
        return "" if file == NO_FILE else host.file_signature(host.model_path("stylegan_directions", file))

    def edit(
        self,
        generator: Generator,
        latent: Latent,
        method: str,
        component: int,
        strength: float,
        first_layer: str,
        last_layer: str,
        unit: str,
        file: str,
    ) -> tuple[Latent]:
        """Find the direction, and move the codes along it."""
        require_choice("method", method, METHODS)
        require_choice("unit", unit, UNITS)
        host.load_on_device(generator)
        if method != "file":
            direction = find_direction(generator, method, component, first_layer, last_layer)
        elif file == NO_FILE:
            raise SoatError(
                "method is file, and no file is chosen. Put one into models/stylegan_directions and choose "
                "it under file, or choose another method."
            )
        else:
            direction = read_direction(host.model_path("stylegan_directions", file), generator, component)
        if unit == "as found":
            direction = direction.as_found()
        return (edit(generator, latent, direction, strength, first_layer, last_layer),)
