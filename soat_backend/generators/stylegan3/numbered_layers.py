"""StyleGAN3's layers by NVIDIA's names, and what other names stand for among them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ...support.strict_json import whole_number
from ..layers import Layer, LayerTable
from ..numbered import INPUT, number_of

if TYPE_CHECKING:
    from .config import StyleGAN3Config

# A StyleGAN2's.
_MOST_ROWS = 66
_DESCRIPTION = "stylegan3_layers"
_OF_A_BLOCK = re.compile(r"b([0-9]{1,5})\.(conv0|conv1|torgb)")


class StyleGAN3Layers(LayerTable):
    """`input`, then `L0_36_512, L1_36_512, ...`: number, samples along a side, channels. The last makes the picture."""

    by_number = True

    def stand_in(self, name: str, layers: tuple[Layer, ...]) -> Layer | None:
        """The layer of a number; or of a StyleGAN2's layer, the last whose sampling rate is at most that one's.

        Beyond the last is the last; where a feature map is meant, the last before the picture.
        """
        number, block = number_of(name), _OF_A_BLOCK.fullmatch(name)
        # The picture is a map as well, but not what anybody means who names another model's last layer.
        maps = self.with_features[:-1] if layers is self.with_features else self.layers
        if number is not None:
            return self.layers[number + 1] if number + 1 < len(self.layers) else maps[-1]
        if block is None:
            return None
        if block[2] != "torgb":
            maps = self.with_features[:-1]
        below = [layer for layer in maps if layer.sampling_rate <= int(block[1])]
        if not below:
            return self.layers[0]
        if block[2] == "conv0":
            return next(layer for layer in maps if layer.sampling_rate == below[-1].sampling_rate)
        return below[-1]

    def description(self) -> dict[str, Any]:
        """All names and sampling rates."""
        return {_DESCRIPTION: [[layer.name, layer.sampling_rate] for layer in self.layers]}

    @classmethod
    def described_by(cls, description: Mapping[str, Any], img_resolution: int) -> StyleGAN3Layers | None:
        """As of `LayerTable`; of the layers' sizes only rates are known.

        Raises:
            ValueError: It contradicts itself.
        """
        if _DESCRIPTION not in description:
            return None
        rows = description[_DESCRIPTION]
        if not isinstance(rows, list) or not 2 <= len(rows) <= _MOST_ROWS:
            raise ValueError("its layers are no list, or too many")
        layers = []
        for index, (name, rate) in enumerate(rows):
            expected = INPUT if index == 0 else name
            if name != expected or number_of(name) != (index - 1 if index else None) or whole_number(rate) < 1:
                raise ValueError(f"its layer {str(name)[:40]!r} is none, or not in its place")
            layers.append(Layer(name, index, index, rate, has_noise=False, of_places=index == 0))
        return cls(Layer("start", -1, 0, layers[0].sampling_rate, has_noise=False), tuple(layers), len(layers))


@lru_cache(maxsize=32)
def stylegan3_layers(config: StyleGAN3Config) -> StyleGAN3Layers:
    """The layers of a StyleGAN3."""
    begin = config.input
    margin = (begin.size - begin.rate) // 2
    start = Layer("start", -1, 0, begin.rate, margin=margin, has_noise=False)
    layers = [Layer(INPUT, 0, 0, begin.rate, margin=margin, has_noise=False, of_places=True)]
    for index, shape in enumerate(config.layers):
        layers.append(
            Layer(
                f"L{index}_{shape.out_size}_{shape.out_channels}",
                index + 1,
                index + 1,
                shape.out_rate,
                growth=shape.growth,
                margin=shape.out_margin,
                has_noise=False,
            )
        )
    return StyleGAN3Layers(start, tuple(layers), len(layers))
