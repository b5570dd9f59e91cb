"""The node Render: runs the remaining layers to the picture."""

from __future__ import annotations

from typing import Any

import torch
from PIL import Image

from ..soat_backend.support.errors import require_between
from ..soat_backend.synthesis.feature_map import FeatureMap
from ..soat_backend.synthesis.render import plan, render
from . import host, inputs

MAX_TILE = 16384


class Render:
    """A feature map to the picture."""

    DISPLAY_NAME = "Render Features"
    CATEGORY = f"{inputs.CATEGORY}/output"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "decode", "synthesize", "generate image", "rgb", "tiled")
    DESCRIPTION = (
        "Runs the remaining layers, gives the picture and shows it on the node. Large canvases are made tile by tile."
    )
    FUNCTION = "render"
    # Since it shows its picture, a graph may end here.
    OUTPUT_NODE = True
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

    def render(self, features: FeatureMap, tile_size: int) -> Any:
        """Run the remaining layers, in tiles if the canvas is large."""
        require_between("tile_size", tile_size, 0, MAX_TILE)
        device = host.load_generators(features)
        # Looked at while it is made, where somebody can and there is something to see.
        rgb = _grey(features) if host.in_comfyui() and plan(features, tile_size).one_by_one else None
        with host.Progress("rendering") as progress:

            def watch(done: int, total: int) -> None:
                progress(done, total, None if rgb is None else lambda: _so_far(rgb))

            image = inputs.rgb_to_image(render(features.to(device), tile_size, watch, out=rgb))
        return host.shown((image,), images=host.save_previews(image, "soat/render", Image.Resampling.BICUBIC))


def _grey(features: FeatureMap) -> torch.Tensor:
    """A picture of which nothing is made yet."""
    return torch.zeros(features.batch, 3, *plan(features).size, dtype=torch.float32, device="cpu")


def _so_far(rgb: torch.Tensor) -> Image.Image | None:
    """The picture of a batch that is being made; what is still to come of it is grey."""
    for picture in rgb.flip(0):
        small = picture[None, :, ::8, ::8]
        if bool(small.any()):
            return host.live_picture(inputs.rgb_to_image(picture[None])[0])
    return None
