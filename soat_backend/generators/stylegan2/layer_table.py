"""StyleGAN2's layers by their canonical (NVlabs) names, with indices in w_plus and style space."""

from __future__ import annotations

from functools import lru_cache

from ...support.errors import SoatError
from ..layers import Layer, LayerTable

# The largest resolution offered where a layer is chosen by name before a model is known.
MAX_NAMED_RESOLUTION = 2048
MAX_RESOLUTION = 16384
_KINDS = ("conv0", "conv1", "torgb")

# Where a synthesis begins: the learned 4x4 constant, before the first layer.
CONSTANT = Layer("b4.const", -1, 0, 4, has_noise=False)


class StyleGAN2Layers(LayerTable):
    """All layers with a style (Source: StyleGAN2, config F, skip architecture).

    `b4.conv1, b4.torgb, b8.conv0, b8.conv1, b8.torgb, ...`: 3 log2(img_resolution) - 4 layers. A `conv0` doubles the
    resolution. A `torgb` shares its row of w_plus with the next block's `conv0`.
    """

    def stand_in(self, name: str, layers: tuple[Layer, ...]) -> Layer | None:
        """The last, for a layer that only larger models have."""
        block, _, kind = name.partition(".")
        side = int(block[1:]) if block.startswith("b") and block[1:].isascii() and block[1:].isdecimal() else 0
        kinds = _KINDS if any(not layer.has_features for layer in layers) else _KINDS[:2]
        beyond = side > self.last.sampling_rate and side & (side - 1) == 0
        return layers[-1] if kind in kinds and beyond else None


@lru_cache(maxsize=32)
def stylegan2_layers(img_resolution: int) -> StyleGAN2Layers:
    """The layers of a StyleGAN2.

    Args:
        img_resolution: Side of the generated picture, a power of two from 4 to MAX_RESOLUTION.

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
        torgb = Layer(f"b{side}.torgb", len(layers) + 1, w_index + 1, side, has_noise=False, has_features=False)
        layers += [Layer(f"b{side}.conv1", len(layers), w_index, side, torgb=torgb), torgb]
        w_index += 1
        side *= 2
    return StyleGAN2Layers(CONSTANT, tuple(layers), w_index + 1)


def kind_of(layer: Layer) -> str:
    """`conv0`, `conv1` or `torgb`; `const` where a synthesis begins."""
    return layer.name.partition(".")[2]
