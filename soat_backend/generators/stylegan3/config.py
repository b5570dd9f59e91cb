"""What shape a StyleGAN3 generator has. Read from a checkpoint, never asked from the user."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields
from typing import Any

from ...support.errors import CheckpointError, number_text
from ...support.strict_json import parse_json, whole_number
from .shapes import InputShape, LayerShape

_MOST_LAYERS = 64
_MOST_CHANNELS = 8192
_MOST_SIZE = 1 << 13
_MOST_TAPS = 256
_MOST_GROWTH = 64
_MOST_CLASSES = 1 << 15
_LARGEST = 1e6
_KERNELS = (1, 3, 5, 7)


@dataclass(frozen=True)
class StyleGAN3Config:
    """Configuration of one StyleGAN3 generator.

    Attributes:
        img_resolution: Side of the picture in pixels, a power of two.
        input: Where it begins.
        layers: Its layers in their order; the last makes the picture.
        z_dim: Length of z.
        w_dim: Length of w.
        c_dim: Number of class labels; 0 if unconditional.
        mapping_layers: Fully connected layers of the mapping network, `w_dim` wide.
        output_scale: What the last layer's output is multiplied with, to be a picture in [-1, 1].

    Raises:
        CheckpointError: No StyleGAN3 has such a shape.
    """

    img_resolution: int
    input: InputShape
    layers: tuple[LayerShape, ...]
    z_dim: int = 512
    w_dim: int = 512
    c_dim: int = 0
    mapping_layers: int = 2
    output_scale: float = 0.25

    def __post_init__(self) -> None:
        trouble = next(self._trouble(), None)
        if trouble:
            raise CheckpointError(
                f"This StyleGAN3 can't be run: {trouble}. The file is damaged, made up, or of an unknown variant."
            )

    def _trouble(self) -> Any:
        """What no StyleGAN3 has, one after the other; the later ones go by the earlier ones."""
        sizes = (self.z_dim, self.w_dim, self.input.channels)
        if not 1 <= len(self.layers) <= _MOST_LAYERS or not 1 <= self.mapping_layers <= _MOST_LAYERS:
            yield f"it has {len(self.layers)} layers and {self.mapping_layers} in its mapping network"
        if not all(0 < size <= _MOST_CHANNELS for size in sizes) or not 0 <= self.c_dim <= _MOST_CLASSES:
            yield "its z, w, classes or channels have sizes beyond any that exists"
        if not (math.isfinite(self.output_scale) and 0 < abs(self.output_scale) <= _LARGEST):
            yield "its output_scale is no sensible number"
        begin = self.input
        if not (math.isfinite(begin.bandwidth) and 0 < begin.bandwidth < begin.rate / 2):
            yield "its input's bandwidth is not between 0 and half the sampling rate"
        yield from _side_trouble("input", begin.size, begin.rate)
        before = (begin.channels, begin.size, begin.rate)
        for index, layer in enumerate(self.layers):
            if (layer.in_channels, layer.in_size, layer.in_rate) != before:
                yield f"layer {index} doesn't go on from the one before it"
            yield from _layer_trouble(f"layer {index}", layer, last=index == len(self.layers) - 1)
            before = (layer.out_channels, layer.out_size, layer.out_rate)
        last = self.layers[-1]
        if (last.out_size, last.out_rate) != (self.img_resolution, self.img_resolution):
            yield f"its last layer has {last.out_size} samples at the rate {last.out_rate}, not {self.img_resolution}"
        if last.out_channels not in (1, 3, 4):
            yield f"its pictures have {last.out_channels} channels, not 1 (grey), 3 (RGB) or 4 (RGBA)"

    @property
    def embedding(self) -> int:
        """Length of a class's embedding; 0 if unconditional."""
        return self.w_dim if self.c_dim else 0

    @property
    def mapping_sizes(self) -> tuple[int, ...]:
        """Lengths of the mapping layers' inputs, first z with the class's embedding, and of w at the end."""
        return (self.z_dim + self.embedding, *(self.w_dim,) * self.mapping_layers)

    @property
    def img_channels(self) -> int:
        """Of its pictures: 1 grey, 3 RGB, 4 RGBA."""
        return self.layers[-1].out_channels

    @property
    def img_size(self) -> tuple[int, int]:
        """Height and width of its picture, in pixels."""
        return self.img_resolution, self.img_resolution

    @property
    def remark(self) -> str:
        """What of it is unusual, to follow the size of its pictures."""
        return ""

    @property
    def mapping_widths(self) -> None:
        """The mapping network is as wide as w all the way."""
        return None

    @property
    def architecture(self) -> str:
        """What it is called: R, whose pictures turn with its input, if its kernels are single samples; else T."""
        return "StyleGAN3-R" if all(layer.kernel == 1 for layer in self.layers) else "StyleGAN3-T"

    def describe(self) -> str:
        """Its layers in a line, for people: rates with their channels."""
        steps = [(self.input.rate, self.input.channels)] + [(each.out_rate, each.out_channels) for each in self.layers]
        by_rate: dict[int, list[int]] = {}
        for rate, channels in steps[:-1]:
            by_rate.setdefault(rate, []).append(channels)
        shown = ", ".join(f"{rate}: {' '.join(map(str, dict.fromkeys(each)))}" for rate, each in by_rate.items())
        clamps = {layer.clamp for layer in self.layers} - {None}
        clamp = f", outputs clamped at {', '.join(number_text(each) for each in clamps if each)}" if clamps else ""
        return f"{shown}; {len(self.layers)} layers, margin {self.layers[0].in_margin}{clamp}"

    def to_json(self) -> str:
        """The configuration as JSON, as it is kept in the metadata of a safetensors file."""
        return json.dumps({"architecture": "stylegan3", **asdict(self)})

    @classmethod
    def from_json(cls, text: str) -> StyleGAN3Config:
        """Read what `to_json` wrote.

        Raises:
            CheckpointError: The text is not the configuration of a StyleGAN3.
        """
        try:
            values = parse_json(text)
            if values.pop("architecture") != "stylegan3":
                raise ValueError("not a StyleGAN3")
            if not isinstance(values["layers"], list) or len(values["layers"]) > _MOST_LAYERS:
                raise ValueError("its layers are no list, or too many")
            values["layers"] = tuple(_read(LayerShape, layer) for layer in values["layers"])
            values["input"] = _read(InputShape, values["input"])
            return _read(cls, values)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise CheckpointError(f"The file's configuration can't be read as a StyleGAN3's: {error}.") from error


def _read(kind: Any, values: dict[str, Any]) -> Any:
    """A dataclass of whole numbers, numbers and switches, each of its own type."""
    taken: dict[str, Any] = {}
    for each in fields(kind):
        value: Any = values.pop(each.name)
        if each.type == "int":
            value = whole_number(value)
        elif each.type in ("float", "float | None") and not (value is None and "None" in each.type):
            if type(value) not in (int, float):
                raise ValueError(f"{each.name} is no number")
            value = float(value)
        elif each.type == "bool" and type(value) is not bool:
            raise ValueError(f"{each.name} is neither true nor false")
        taken[each.name] = value
    if values:
        raise ValueError(f"it has {next(iter(values))[:40]!r}, which nobody knows")
    return kind(**taken)


def _side_trouble(what: str, size: int, rate: int) -> Any:
    if rate < 1 or rate & (rate - 1) or not 0 < size <= _MOST_SIZE:
        yield f"the {what} has {size} samples a side at a sampling rate of {rate}, no power of two, or too many"
    elif size < rate or (size - rate) % 2:
        yield f"the {what} has {size} samples a side at a sampling rate of {rate}: its margin is no whole number from 0"


def _layer_trouble(what: str, layer: LayerShape, *, last: bool) -> Any:
    yield from _side_trouble(what, layer.out_size, layer.out_rate)
    if not 0 < layer.out_channels <= _MOST_CHANNELS or layer.kernel not in _KERNELS:
        yield f"{what} has {layer.out_channels} channels and a kernel of {layer.kernel}"
    rates = (layer.in_rate, layer.out_rate)
    if layer.out_rate < layer.in_rate or any(layer.inner_rate % rate for rate in rates):
        yield f"{what} leads from the sampling rate {layer.in_rate} by way of {layer.inner_rate} to {layer.out_rate}"
    if layer.up > _MOST_GROWTH or layer.down > _MOST_GROWTH:
        yield f"{what} samples {layer.up} times as densely within"
    if not all(1 <= taps <= _MOST_TAPS for taps in (layer.up_taps, layer.down_taps)):
        yield f"{what} has filters of {layer.up_taps} and {layer.down_taps} values"
    if layer.clamp is not None and not (math.isfinite(layer.clamp) and 0 < layer.clamp <= _LARGEST):
        yield f"{what} clamps its output at what is no positive number"
    if layer.to_rgb != last or (layer.to_rgb and (layer.up_taps, layer.down_taps) != (1, 1)):
        yield f"{what} makes colours, and isn't the last or has filters" if layer.to_rgb else "no layer makes colours"
