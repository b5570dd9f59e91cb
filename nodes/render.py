"""The node Render: runs the remaining layers to the picture."""

from __future__ import annotations

from typing import Any

import torch
from PIL import Image

from ..soat_backend.support.errors import require_between
from ..soat_backend.synthesis.coarse import coarse_picture
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
    RETURN_TYPES = ("IMAGE", "MASK")
    RETURN_NAMES = ("image", "mask")
    OUTPUT_TOOLTIPS = (
        "The picture, or a batch of them.",
        "Where it is transparent, of models with alpha; black of others.",
    )

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "features": inputs.features(),
                "tile_size": inputs.integer(
                    0, 0, MAX_TILE, "Side of a large canvas's tiles, in pixels; 0: automatic. The picture is the same."
                ),
            },
            # Of no widget and no saved workflow: what a live picture's prompt has while a hand moves.
            "hidden": {"coarse_side": "INT"},
        }

    def render(self, features: FeatureMap, tile_size: int, coarse_side: int = 0) -> Any:
        """Run the remaining layers, in tiles if the canvas is large."""
        require_between("tile_size", tile_size, 0, MAX_TILE)
        device = host.load_generators(features)
        coarse = coarse_picture(features.to(device), coarse_side) if coarse_side else None
        if coarse is not None:
            image, mask = inputs.nchw_to_image(coarse), inputs.alpha_to_mask(coarse)
            return host.shown((image, mask), images=host.save_previews(image, "soat/render", Image.Resampling.BICUBIC))
        # Looked at while it is made, where somebody can and there is something to see.
        rgb = _grey(features) if host.in_comfyui() and plan(features, tile_size).one_by_one else None
        with host.Progress("rendering") as progress:

            def watch(done: int, total: int) -> None:
                progress(done, total, None if rgb is None else lambda: _so_far(rgb))

            pictures = render(features.to(device), tile_size, watch, out=rgb)
        image, mask = inputs.rgb_to_image(pictures), inputs.alpha_to_mask(pictures)
        seen = map(inputs.with_alpha, image, mask) if features.generator.img_channels == 4 else image
        return host.shown((image, mask), images=host.save_previews(seen, "soat/render", Image.Resampling.BICUBIC))


def _grey(features: FeatureMap) -> torch.Tensor:
    """A picture of which nothing is made yet."""
    size = (features.batch, features.generator.img_channels, *plan(features).size)
    return torch.zeros(size, dtype=torch.float32, device="cpu")


def _so_far(rgb: torch.Tensor) -> Image.Image | None:
    """The picture of a batch that is being made; what is still to come of it is grey."""
    for picture in rgb.flip(0):
        small = picture[None, :, ::8, ::8]
        if bool(small.any()):
            return host.live_picture(inputs.rgb_to_image(picture[None])[0])
    return None
