"""The node EditLatent: moves codes along a direction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from PIL import Image

from ..soat_backend import latents, parts
from ..soat_backend.generators import Generator
from ..soat_backend.latents import (
    METHODS,
    Direction,
    Latent,
    edit,
    find_direction,
)
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
        "StyleSpace",
        "local edit",
    )
    DESCRIPTION = (
        "Moves codes along a direction: one that the generator's weights or random codes have (SeFa, GANSpace), one "
        "that changes a part alone (StyleSpace), one of a file (InterFaceGAN, GANSpace, e4e, rosinality's SeFa), or "
        "one that is connected (Learn Direction)."
    )
    FUNCTION = "edit"
    RETURN_TYPES = ("SOAT_LATENT", "SOAT_DIRECTION")
    RETURN_NAMES = ("latent", "direction")
    # What a direction of a part does is shown again when a later run finds it done.
    HAS_INTERMEDIATE_OUTPUT = True
    OUTPUT_TOOLTIPS = ("The codes, moved.", "The direction, for Save Direction.")

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
                    "the layers in the range answer to most. file: one of models/stylegan_directions. region: what "
                    "changes the part under the mask most, and the rest least. direction: the one that is connected.",
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
                "mask": ("MASK", {"tooltip": "With method region: the part, painted or of Region Mask."}),
                "direction": (
                    "SOAT_DIRECTION",
                    {"tooltip": "With method direction: of Learn Direction, or of another Edit Latent."},
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
        mask: torch.Tensor | None = None,
        direction: latents.NamedDirections | None = None,
    ) -> Any:
        """Find the direction, and move the codes along it."""
        require_choice("method", method, METHODS)
        require_choice("unit", unit, UNITS)
        layers = (first_layer, last_layer)
        if method == "region":
            found = _of_part(generator, mask, component, layers)
        else:
            host.load_on_device(generator)
            if method == "direction":
                found = _connected(generator, direction, component)
            else:
                found = _of_all(generator, method, component, layers, file)
        moved = edit(generator, latent, found.as_found() if unit == "as found" else found, strength, *layers)
        result = moved, latents.one_direction(generator, found)
        if method != "region":
            return result
        pictures = _pictures(generator, latent, found, layers)
        return host.shown(result, images=host.save_previews(pictures, "soat/part", Image.Resampling.BICUBIC))


def _of_all(generator: Generator, method: str, component: int, layers: tuple[str, str], file: str) -> Direction:
    """The direction of a method that knows no parts."""
    if method != "file":
        return find_direction(generator, method, component, *layers)
    if file == NO_FILE:
        raise SoatError(
            "method is file, and no file is chosen. Put one into models/stylegan_directions and choose "
            "it under file, or choose another method."
        )
    return latents.read_direction(host.model_path("stylegan_directions", file), generator, component)


def _connected(generator: Generator, direction: latents.NamedDirections | None, component: int) -> Direction:
    """The direction on the wire."""
    if direction is None:
        raise SoatError(
            "method is direction, and none is connected. Connect that of Learn Direction, or choose another method."
        )
    return latents.pick(direction, component, generator, "direction")


def _of_part(generator: Generator, mask: torch.Tensor | None, component: int, layers: tuple[str, str]) -> Direction:
    """The direction that changes what is under the mask."""
    if mask is None:
        raise SoatError(
            "method is region, and there is no mask. Connect one that covers the part, painted on the picture or from "
            "Region Mask, or choose another method."
        )
    host.load_on_device(generator, memory_required=parts.part_bytes(generator))
    with host.Progress("sliders of a part") as progress:
        return parts.find_part_direction(generator, inputs.mask_to_nchw(mask), component, *layers, progress)


def _pictures(
    generator: Generator, latent: Latent, direction: Direction, layers: tuple[str, str]
) -> Iterator[torch.Tensor]:
    """What the direction does to the first picture, made only where somebody sees it."""
    yield from inputs.rgb_to_image(parts.strip(generator, latent, direction, *layers))
