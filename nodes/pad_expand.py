"""The node PadExpand: makes the canvas larger."""

from __future__ import annotations

from typing import Any

from ..soat_backend.feature_ops import pad_expand
from ..soat_backend.feature_ops.pad_expand import CONTINUE, MAX_PAD, MODES
from ..soat_backend.synthesis.feature_map import FeatureMap
from . import host, inputs


class PadExpand:
    """Makes the canvas larger, by padding or stretching."""

    DISPLAY_NAME = "Pad and Expand"
    CATEGORY = f"{inputs.CATEGORY}/edit"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "outpaint", "extend canvas", "wider", "stretch", "uncrop", "aspect ratio")
    DESCRIPTION = (
        "Makes the canvas larger before the details are made, so that the picture grows and stays realistic: "
        "padded, or stretched to the same size."
    )
    FUNCTION = "pad"
    RETURN_TYPES = ("SOAT_FEATURES",)
    RETURN_NAMES = ("features",)
    OUTPUT_TOOLTIPS = ("Features of the larger canvas.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "features": inputs.features(),
                "left": inputs.number(0.5, 0.0, MAX_PAD, "Padding, as a fraction of the canvas's width."),
                "right": inputs.number(0.5, 0.0, MAX_PAD, "Padding, as a fraction of the canvas's width."),
                "top": inputs.number(0.0, 0.0, MAX_PAD, "Padding, as a fraction of the canvas's height."),
                "bottom": inputs.number(0.0, 0.0, MAX_PAD, "Padding, as a fraction of the canvas's height."),
                "mode": inputs.choice(
                    MODES,
                    "reflect",
                    "What comes into the new part: a mirror image, the edge, the other side, nothing; "
                    "or the whole map stretched to the new size. continue: what a StyleGAN3 has beyond the picture.",
                ),
            }
        }

    def pad(
        self,
        features: FeatureMap,
        left: float,
        right: float,
        top: float,
        bottom: float,
        mode: str,
    ) -> tuple[FeatureMap]:
        """Pad or stretch the canvas, so that the picture grows."""
        # Only these run layers: the pending torgb, or all up to here.
        if mode in ("zeros", CONTINUE):
            features = features.to(host.load_generators(features))
        return (pad_expand(features, left, right, top, bottom, mode).to(host.result_device()),)
