"""The node WarpFeatures: pulls places of a feature map to where they are wanted."""

from __future__ import annotations

from typing import Any

import torch

from ..soat_backend.feature_ops import warp, warped_layer
from ..soat_backend.feature_ops.warp import LARGEST_RADIUS, MAX_AMOUNT, SMALLEST_RADIUS
from ..soat_backend.geometry.points import Drag, read_points
from ..soat_backend.synthesis.coarse import coarse_picture
from ..soat_backend.synthesis.feature_map import FeatureMap
from ..soat_backend.synthesis.loop import synthesize
from ..soat_backend.synthesis.render import render
from . import host, inputs

AUTO = "auto"
# Longest side of the picture below the drawing, where a whole one takes longer.
_SHOWN_SIDE = 256


class WarpFeatures:
    """A feature map with what is at some points where it is wanted."""

    DISPLAY_NAME = "Warp Features"
    CATEGORY = f"{inputs.CATEGORY}/edit"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "liquify", "pull", "push", "drag points", "puppet", "deform", "bulge")
    DESCRIPTION = (
        "Pulls places of the picture to where they are wanted, before the details are made: a mountain up, a shore "
        "aside. At once, and what is around comes along softly."
    )
    FUNCTION = "warp"
    RETURN_TYPES = ("SOAT_FEATURES",)
    RETURN_NAMES = ("features",)
    HAS_INTERMEDIATE_OUTPUT = True
    OUTPUT_TOOLTIPS = ("The edited features.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "features": inputs.features(),
                "points": (
                    "STRING",
                    {
                        "default": "[]",
                        "tooltip": "As JSON, from and to of each point: each x and y, from 0 to 1 of the canvas. Both "
                        "alike: a point that stays.",
                    },
                ),
                "radius": inputs.number(
                    0.15, SMALLEST_RADIUS, LARGEST_RADIUS, "How far around a point things come along, in pictures."
                ),
                "amount": inputs.number(
                    1.0, -MAX_AMOUNT, MAX_AMOUNT, "How far of the way: 0 changes nothing, 1 reaches the targets."
                ),
            },
            "optional": {
                "mask": ("MASK", {"tooltip": "What may move, painted on the picture; all of it if left out."}),
                "layer": inputs.choice(
                    [AUTO, *inputs.CONV_LAYERS],
                    AUTO,
                    "Features of earlier layers are made up to here first. auto: a quarter of the picture's "
                    "resolution; coarser maps hardly say where things are.",
                    advanced=True,
                ),
            },
        }

    @classmethod
    def VALIDATE_INPUTS(cls, layer: str | None = None) -> bool | str:
        """The layer must be one that some model may have."""
        return True if layer in (None, AUTO) else inputs.check_layer(layer)

    def warp(
        self,
        features: FeatureMap,
        points: str,
        radius: float,
        amount: float,
        mask: torch.Tensor | None = None,
        *,
        layer: str,
    ) -> Any:
        """Run the layers up to where things have their places, and pull them."""
        drags = read_points(points)
        may_move = None if mask is None else inputs.mask_to_nchw(mask)
        generator = features.generator
        last = warped_layer(generator) if layer == AUTO else generator.layers.find(layer, with_features=True)
        features = features.to(host.load_generators(features))
        if last.style_index > features.layer.style_index:
            with host.Progress("features") as progress:
                features = synthesize(features, last, progress)
        warped = warp(features, drags, radius=radius, amount=amount, mask=may_move)
        return host.shown(
            (warped.to(host.result_device()),),
            soat_before=host.save_previews(_picture(features), "soat/warp") if host.in_comfyui() else [],
            soat_drag=[{"from": each.start, "to": each.target, "reached": _end(each, amount)} for each in drags[0]],
        )


def _picture(features: FeatureMap) -> torch.Tensor:
    """The first picture, `[1, H, W, 3]` in [0, 1], coarse where the whole one is large."""
    first = features.item(0)
    coarse = coarse_picture(first, _SHOWN_SIDE)
    return inputs.rgb_to_image(render(first)) if coarse is None else coarse.permute(0, 2, 3, 1)


def _end(drag: Drag, amount: float) -> tuple[float, ...]:
    """Where what is at a point ends."""
    return tuple(start + amount * (target - start) for start, target in zip(drag.start, drag.target, strict=True))
