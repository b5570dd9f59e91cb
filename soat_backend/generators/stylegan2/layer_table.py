"""StyleGAN2's layers by their canonical (NVlabs) names, with indices in w_plus and style space."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ...support.errors import SoatError
from ..layers import Layer, LayerTable
from ..numbered import INPUT, USUAL_LAYERS, number_of, usual_rate
from .config import BLOCK_ARCHITECTURES, block_architecture_of

# The largest resolution offered where a layer is chosen by name before a model is known.
MAX_NAMED_RESOLUTION = 2048
MAX_RESOLUTION = 16384
_DESCRIPTION = "block_architecture"
_KINDS = ("conv0", "conv1", "torgb")

# Where a synthesis begins: the learned 4x4 constant, before the first layer.
CONSTANT = Layer("b4.const", -1, 0, 4, has_noise=False)


class StyleGAN2Layers(LayerTable):
    """All layers with a style (Source: StyleGAN2, figure 7).

    `b4.conv1, b4.torgb, b8.conv0, b8.conv1, b8.torgb, ...`: 3 log2(img_resolution) - 4 layers. A `conv0` doubles the
    resolution. A `torgb` shares its row of w_plus with the next block's `conv0`. The `orig` and `resnet` architectures
    have the last `torgb` only, and the same rows of w_plus.

    Attributes:
        block_architecture: As of `GeneratorConfig`.
    """

    block_architecture: str

    def stand_in(self, name: str, layers: tuple[Layer, ...]) -> Layer | None:
        """The last, for a layer that only larger models have; `conv1`, for a torgb that its block doesn't have.

        For a StyleGAN3's layer, the last of the rate that it usually has.
        """
        if layers and (name == INPUT or number_of(name) is not None):
            return self._of_a_number(number_of(name), layers)
        block, _, kind = name.partition(".")
        side = int(block[1:]) if block.startswith("b") and block[1:].isascii() and block[1:].isdecimal() else 0
        kinds = _KINDS if any(not layer.has_features for layer in layers) else _KINDS[:2]
        beyond = side > self.last.sampling_rate and side & (side - 1) == 0
        if kind in kinds and beyond:
            return layers[-1]
        # A torgb that only the other architecture has: what is made until there.
        lacking = kind == "torgb" and kinds is _KINDS
        return next((layer for layer in layers if lacking and layer.name == f"{block}.conv1"), None)

    def description(self) -> dict[str, Any]:
        """The kind of blocks, unless it is the usual one."""
        usual = self.block_architecture == BLOCK_ARCHITECTURES[0]
        return {} if usual else {_DESCRIPTION: self.block_architecture}

    @classmethod
    def described_by(cls, description: Mapping[str, Any], img_resolution: int) -> StyleGAN2Layers | None:
        """As of `LayerTable`."""
        if _DESCRIPTION not in description:
            return None
        return stylegan2_layers(img_resolution, block_architecture_of(description[_DESCRIPTION]))

    def range(self, first_layer: str, last_layer: str) -> tuple[int, int]:
        """As of `LayerTable`; a range that begins with a torgb that isn't there begins with the layer after it."""
        first = self.find(first_layer)
        if first_layer.endswith(".torgb") and first.has_features:
            first_layer = self.layers[first.style_index + 1].name
        return super().range(first_layer, last_layer)

    def _of_a_number(self, number: int | None, layers: tuple[Layer, ...]) -> Layer:
        if number is None:
            return layers[0]
        if number >= USUAL_LAYERS:
            return layers[-1]
        rate = usual_rate(number, self.last.sampling_rate)
        return [layer for layer in self.with_features if layer.sampling_rate <= rate][-1]


@lru_cache(maxsize=64)
def stylegan2_layers(img_resolution: int, block_architecture: str = "skip") -> StyleGAN2Layers:
    """The layers of a StyleGAN2.

    Args:
        img_resolution: Name of the last block, a power of two from 4 to MAX_RESOLUTION.
        block_architecture: As of `GeneratorConfig`.

    Raises:
        SoatError: It isn't.
    """
    if not 4 <= img_resolution <= MAX_RESOLUTION or img_resolution & (img_resolution - 1):
        raise SoatError(
            f"A StyleGAN2 has a power of two from 4 to {MAX_RESOLUTION} as its resolution, got "
            f"{img_resolution if abs(img_resolution) < 10**9 else 'a number beyond all models'}.",
            img_resolution=img_resolution,
        )
    layers: list[Layer] = []
    side, w_index = 4, 0
    while side <= img_resolution:
        if side > 4:
            layers.append(Layer(f"b{side}.conv0", len(layers), w_index, side, growth=2))
            w_index += 1
        if block_architecture == "skip" or side == img_resolution:
            torgb = Layer(f"b{side}.torgb", len(layers) + 1, w_index + 1, side, has_noise=False, has_features=False)
            layers += [Layer(f"b{side}.conv1", len(layers), w_index, side, torgb=torgb), torgb]
        else:
            layers.append(Layer(f"b{side}.conv1", len(layers), w_index, side))
        w_index += 1
        side *= 2
    table = StyleGAN2Layers(CONSTANT, tuple(layers), w_index + 1)
    table.block_architecture = block_architecture
    return table


def kind_of(layer: Layer) -> str:
    """`conv0`, `conv1` or `torgb`; `const` where a synthesis begins."""
    return layer.name.partition(".")[2]
