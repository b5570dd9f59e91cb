"""Render."""

from __future__ import annotations

from typing import Any

import torch

from ..soat_backend.errors import require_between
from ..soat_backend.features import FeatureMap
from ..soat_backend.render import render
from . import host, inputs

MAX_TILE = 16384


class Render:
    """A feature map to the picture."""

    CATEGORY = inputs.CATEGORY
    DESCRIPTION = "Runs the remaining layers and gives the picture. Large canvases are made tile by tile."
    FUNCTION = "render"
    RETURN_TYPES = ("IMAGE",)
    RETURN_NAMES = ("image",)
    OUTPUT_TOOLTIPS = ("The picture, or a batch of them.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "features": inputs.features(),
                "tile_size": inputs.integer(
                    0, 0, MAX_TILE, "Side of a large canvas's tiles, in pixels; 0: automatic. The picture is the same."
                ),
            }
        }

    def render(self, features: FeatureMap, tile_size: int = 0) -> tuple[torch.Tensor]:
        """Run to the picture."""
        require_between("Render, tile_size", tile_size, 0, MAX_TILE)
        device = host.load_generators(features)
        with host.Progress("rendering") as progress:
            return (inputs.rgb_to_image(render(features.to(device), tile_size, progress)),)
