"""The node MergeGenerators: a generator made of the weights of two."""

from __future__ import annotations

from typing import Any

from ..soat_backend.generators import Generator
from ..soat_backend.generators.merging import MAPPINGS, METHODS, merge
from . import host, inputs


class MergeGenerators:
    """Two generators of one shape to a third."""

    DISPLAY_NAME = "Merge Generators"
    CATEGORY = f"{inputs.CATEGORY}/load"
    SEARCH_ALIASES = (
        *inputs.PACK_WORDS,
        "layer swap",
        "model merge",
        "blend models",
        "toonify",
        "checkpoint merge",
        "network interpolation",
    )
    DESCRIPTION = (
        "Makes a new generator of two of the same shape, such as one and its fine-tune: some layers of B in A, the "
        "average of both, or more and more of B from layer to layer (Pinkney and Adler 2020). A and B stay as they are."
    )
    FUNCTION = "merge"
    RETURN_TYPES = ("SOAT_GENERATOR", "STRING")
    RETURN_NAMES = ("generator", "report")
    OUTPUT_TOOLTIPS = ("The new generator, for all that takes one.", "B's share of each layer.")
    # What it tells is told again when a later run finds it done.
    HAS_INTERMEDIATE_OUTPUT = True

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "generator_a": inputs.generator("What is kept where B has no share."),
                "generator_b": inputs.generator("Of the same architecture, size and channels as A."),
                "method": inputs.choice(
                    METHODS,
                    "swap",
                    "swap: the layers from first_layer to last_layer are B's. average: all layers are mixed, whatever "
                    "the range. curve: B's share rises smoothly from first_layer on and is whole from last_layer on.",
                ),
                **inputs.layer_range("b16.conv0"),
                "strength": inputs.number(
                    1.0, 0.0, 1.0, "How much of B where it counts: 0 is A, 1 is B, between them the weights are mixed."
                ),
                "mapping": inputs.choice(
                    MAPPINGS,
                    "a",
                    "Whose mapping network, from z to w: A's, B's, or both mixed by strength.",
                    advanced=True,
                ),
            }
        }

    @classmethod
    def VALIDATE_INPUTS(cls, first_layer: str | None = None, last_layer: str | None = None) -> bool | str:
        """The range must not be empty."""
        return inputs.check_layer_range(first_layer, last_layer)

    def merge(
        self,
        generator_a: Generator,
        generator_b: Generator,
        method: str,
        first_layer: str,
        last_layer: str,
        strength: float,
        mapping: str,
    ) -> Any:
        """Merge the two, and say what there is to say of the result."""
        merged = merge(generator_a, generator_b, method, first_layer, last_layer, strength, mapping)
        return host.shown((merged.generator, merged.describe()), soat_text=["\n".join(merged.remarks)])
