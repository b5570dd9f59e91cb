"""The layer table: StyleGAN2's layers by their canonical (NVlabs) names, with indices in w_plus and style space."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ..support.errors import SoatError

# The largest resolution offered where a layer is chosen by name before a model is known.
MAX_NAMED_RESOLUTION = 2048
MAX_RESOLUTION = 16384


@dataclass(frozen=True)
class Layer:
    """One layer that has an affine (a style): a convolution or a torgb.

    Attributes:
        name: Canonical name, e.g. `b64.conv1`.
        resolution: Side of the picture at this layer's output, in pixels.
        kind: `conv0` (doubles the resolution), `conv1` or `torgb`.
        style_index: Index in style space S, all layers in order.
        w_index: Index of the w in w_plus that drives its affine. A torgb shares it with the next block's conv0.
    """

    name: str
    resolution: int
    kind: str
    style_index: int
    w_index: int

    @property
    def is_conv(self) -> bool:
        """Whether a feature map exists after this layer."""
        return self.kind != "torgb"


# Where a synthesis begins: the learned 4x4 constant, before the first layer.
CONSTANT = Layer("b4.const", 4, "const", -1, 0)


@lru_cache(maxsize=32)
def style_layers(img_resolution: int) -> tuple[Layer, ...]:
    """All layers with a style, in the order of style space S (Source: StyleGAN2, config F, skip architecture).

    Args:
        img_resolution: Side of the generated picture, a power of two >= 4.

    Returns:
        `b4.conv1, b4.torgb, b8.conv0, b8.conv1, b8.torgb, ...`: 3 log2(img_resolution) - 4 layers.
    """
    if not 4 <= img_resolution <= MAX_RESOLUTION or img_resolution & (img_resolution - 1):
        raise SoatError(
            f"A StyleGAN2 has a power of two from 4 to {MAX_RESOLUTION} as its resolution, got "
            f"{img_resolution if abs(img_resolution) < 10**9 else 'a number beyond all models'}.",
            img_resolution=img_resolution,
        )
    layers: list[Layer] = []
    resolution = 4
    while resolution <= img_resolution:
        for kind in ("conv1", "torgb") if resolution == 4 else ("conv0", "conv1", "torgb"):
            convs_before = sum(layer.is_conv for layer in layers)
            layers.append(Layer(f"b{resolution}.{kind}", resolution, kind, len(layers), convs_before))
        resolution *= 2
    return tuple(layers)


def conv_layers(img_resolution: int) -> tuple[Layer, ...]:
    """The layers after which a feature map can be taken, in order."""
    return tuple(layer for layer in style_layers(img_resolution) if layer.is_conv)


def num_ws(img_resolution: int) -> int:
    """Rows of w_plus: one per convolution, and one for the last torgb."""
    return len(conv_layers(img_resolution)) + 1


def find_layer(name: str, img_resolution: int, *, conv_only: bool = False) -> Layer:
    """Look a layer up by name; a layer beyond the model's last means its last.

    Args:
        name: Canonical name.
        img_resolution: Of the model.
        conv_only: Whether only convolutions count (where features are taken).

    Raises:
        SoatError: There is no such layer in any StyleGAN2.
    """
    layers = conv_layers(img_resolution) if conv_only else style_layers(img_resolution)
    for layer in layers:
        if layer.name == name:
            return layer
    block, _, kind = name.partition(".")
    kinds = ("conv0", "conv1") if conv_only else ("conv0", "conv1", "torgb")
    side = int(block[1:]) if block.startswith("b") and block[1:].isascii() and block[1:].isdecimal() else 0
    if kind in kinds and side > img_resolution and side & (side - 1) == 0:
        return layers[-1]
    what = "convolution" if conv_only else "layer"
    raise SoatError(
        f"There is no {what} named {name!r}. Choose one of {layers[0].name} ... {layers[-1].name}.", name=name
    )


def layer_range(first_layer: str, last_layer: str, img_resolution: int, what: str) -> tuple[int, int]:
    """Style indices of an inclusive range of layers.

    Raises:
        SoatError: The range is empty.
    """
    first, last = (find_layer(name, img_resolution).style_index for name in (first_layer, last_layer))
    if first > last:
        raise SoatError(
            f"{what}: first_layer {first_layer} comes after last_layer {last_layer}, so the range is empty. Swap them."
        )
    return first, last
