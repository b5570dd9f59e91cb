"""Feature maps in safetensors files. The generator isn't in them: whoever reads one says what goes on with it."""

from __future__ import annotations

import json
import logging
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from ..generators import Generator
from ..generators.layers import Layer
from ..geometry.frame import Frame
from ..support.errors import FeatureError, SoatError
from ..support.files import replacing
from ..support.runtime import ON_CPU
from ..support.strict_json import parse_json, whole_number
from .feature_map import Branch, FeatureMap
from .noise import NoiseField
from .weights import Grid, One, Weight

logger = logging.getLogger(__name__)

FORMAT = "soat-features"
# Along a side of the canvas at the map's layer: beyond all that nodes make.
MAX_SAMPLES = 1 << 16
MAX_BRANCHES = 1024
_MAP_TYPES = (torch.float32, torch.float16, torch.bfloat16)
# By which rounding may take weights beyond 0..1, and their sum from 1.
_ROUNDING = 1e-3
_FLAGS = ("wrap_y", "wrap_x", "torgb_pending", "untouched")
# What reading a file that contradicts itself can raise.
_FILE_TROUBLE = (
    SafetensorError,
    OSError,
    ValueError,
    LookupError,
    TypeError,
    ArithmeticError,
    AttributeError,
    RecursionError,
    SoatError,
)


@dataclass(frozen=True, eq=False)
class Kept(Weight):
    """A weight that was worked out when the map was saved: a map for each layer, by its index in style space."""

    maps: dict[int, torch.Tensor]

    def at(self, grid: Grid) -> torch.Tensor:
        """The map of the layer, `[B or 1, 1, H or 1, W or 1]`."""
        return self.maps[grid.layer.style_index]


def save_features(features: FeatureMap, path: Path) -> None:
    """Write a feature map; the file appears whole or not at all.

    Args:
        features: Any whose branches have one generator.
        path: Ends in .safetensors; replaced if it is there.

    Raises:
        FeatureError: The branches have several generators, or the file can't be written.
    """
    generator = features.generator
    others = [branch.generator.name for branch in features.branches if branch.generator is not generator]
    if others:
        raise FeatureError(
            f"These features go on with two generators, {generator.name} and {others[0]}, and a file is for one. Save "
            "what goes into the mix, and mix after loading."
        )
    tensors = {"activation": features.activation}
    if features.rgb_skip is not None:
        tensors["rgb_skip"] = features.rgb_skip
    for number, branch in enumerate(features.branches):
        tensors |= {_name(number, "style", index): style for index, style in enumerate(branch.styles)}
        # One that is alone counts everywhere.
        for layer in _weighted(features) if len(features.branches) > 1 else ():
            tensors[_name(number, "weight", layer.style_index)] = branch.weight.at(_grid(features, layer))
    about: dict[str, Any] = {
        "layer": features.layer.name,
        "fingerprint": generator.fingerprint,
        "img_resolution": generator.config.img_resolution,
        **{flag: getattr(features, flag) for flag in _FLAGS},
        "branches": [_described(branch) for branch in features.branches],
    }
    plain = {
        name: tensor.detach().cpu().clone(memory_format=torch.contiguous_format) for name, tensor in tensors.items()
    }
    with replacing(path, FeatureError) as partial:
        partial.write_bytes(save(plain, metadata={"format": FORMAT, "features": json.dumps(about)}))


def load_features(path: Path, generator: Generator) -> FeatureMap:
    """Read what `save_features` wrote, on the CPU.

    Args:
        path: Of the file.
        generator: What goes on with the map: the one it was made with, or a relative.

    Raises:
        FeatureError: The file holds no feature map, is damaged, or is of another model.
    """
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != FORMAT:
                raise FeatureError(
                    f"{path.name} is a safetensors file, but holds no features: expected one that Save Features wrote."
                )
            about = parse_json(metadata["features"])
            if about["img_resolution"] != generator.config.img_resolution:
                raise FeatureError(
                    f"{path.name} was made for {about['img_resolution']} px, {generator.name} makes "
                    f"{generator.config.img_resolution} px. Use the generator that the features were made with."
                )
            described = about["branches"]
            _require(1 <= len(described) <= MAX_BRANCHES, f"it has {len(described)} branches")
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dictionary
        features = _read(about, described, tensors, generator)
    except FeatureError:
        raise
    except _FILE_TROUBLE as error:
        raise FeatureError(
            f"{path.name} can't be read as features: {error}. Save it again with Save Features, or use the generator "
            "that it was made with."
        ) from error
    if about["fingerprint"] != generator.fingerprint:
        logger.warning(
            "%s was saved from another generator than %s, and they share no style space: the picture may be far from "
            "what it shows in its own.",
            path.name,
            generator.name,
        )
    return features


def _read(
    about: dict[str, Any], described: list[Any], tensors: dict[str, torch.Tensor], generator: Generator
) -> FeatureMap:
    """The map of what a file says, every part of it checked; raises one of `_FILE_TROUBLE`."""
    layer = next((each for each in generator.layers.with_features if each.name == about["layer"]), None)
    if layer is None:
        raise ValueError(f"{generator.name} has no layer {str(about['layer'])[:40]!r}")
    _require(isinstance(about["fingerprint"], str), "its fingerprint is no text")
    flags = {flag: about[flag] for flag in _FLAGS}
    _require(all(type(value) is bool for value in flags.values()), "a switch of it is neither on nor off")
    activation, skip = tensors["activation"], tensors.get("rgb_skip")
    features = FeatureMap(layer, activation, skip, (), **flags)
    channels = generator.module(layer).out_channels
    batch, own, *sides = activation.shape
    _require(own == channels, f"it has {own} channels at {layer.name}, {generator.name} has {channels}")
    _require(batch >= 1 and all(1 <= side <= MAX_SAMPLES for side in sides), f"its size is {list(activation.shape)}")
    _require(min(features.inner.height, features.inner.width) >= 1, "nothing is left of it within its margins")
    _require(activation.dtype in _MAP_TYPES, f"it is of type {activation.dtype}")
    _require((skip is not None) == _has_colours(features, generator), "its colours are missing, or shouldn't be there")
    if skip is not None:
        _require(skip.dtype == torch.float32, "its colours aren't float32")
        _require(list(skip.shape) == [batch, generator.img_channels, *sides], "its colours aren't of its size")
    widths = [generator.module(each).affine.weight.shape[0] for each in generator.layers]
    names = {"activation", *(["rgb_skip"] if skip is not None else [])}
    branches = []
    for number, entry in enumerate(described):
        styles = [_name(number, "style", index) for index in range(len(widths))]
        weights = _weighted(features, generator) if len(described) > 1 else []
        kept = {each.style_index: _name(number, "weight", each.style_index) for each in weights}
        names |= {*styles, *kept.values()}
        for name, width in zip(styles, widths, strict=True):
            style = tensors[name]
            _require(style.dtype == torch.float32 and style.shape[1:] == (width,), f"{name} isn't float32 of {width}")
            _require(len(style) in (1, batch), f"{name} is of another batch")
        maps = {index: tensors[name] for index, name in kept.items()}
        weight: Weight = Kept(maps) if maps else One()
        noise, frame = _noise(entry["noise"]), _frame(entry["frame"])
        branches.append(Branch(generator, tuple(tensors[name] for name in styles), noise, weight, frame))
    _require(set(tensors) == names, f"{sorted(set(tensors) - names)[:1]} shouldn't be there")
    _require(all(bool(tensor.isfinite().all()) for tensor in tensors.values()), "it has values that are no numbers")
    features = FeatureMap(layer, activation, skip, tuple(branches), **flags)
    if len(branches) > 1:
        _check_weights(features)
    return features


def _has_colours(features: FeatureMap, generator: Generator) -> bool:
    """Whether a layer up to the map's has made colours, or the synthesis begins with some."""
    if generator.begin(1)[1] is not None:
        return True
    before = generator.layers.between(generator.layers.start, features.layer)
    return any(each.torgb and not (each is features.layer and features.torgb_pending) for each in before)


def _check_weights(features: FeatureMap) -> None:
    for layer in _weighted(features):
        grid, total = _grid(features, layer), torch.zeros((), **ON_CPU)
        for branch in features.branches:
            weight = branch.weight.at(grid)
            _require(weight.dtype == torch.float32 and weight.dim() == 4, f"a weight at {layer.name} is no map")
            fits = zip(weight.shape, (features.batch, 1, grid.height, grid.width), strict=True)
            _require(all(side in (1, own) for side, own in fits), f"a weight at {layer.name} is of another size")
            _require(float(weight.min()) >= -_ROUNDING, f"a weight at {layer.name} is below 0")
            total = total + weight
        _require(bool(((total - 1.0).abs() < _ROUNDING).all()), f"the weights at {layer.name} don't sum to 1")


def _weighted(features: FeatureMap, generator: Generator | None = None) -> list[Layer]:
    """The layers where branches' weights may be asked for: the map's own, and all to come."""
    later = [
        layer for layer in (generator or features.generator).layers if layer.style_index > features.layer.style_index
    ]
    return [features.layer, *later]


def _grid(features: FeatureMap, layer: Layer) -> Grid:
    inner = layer.inner(layer.canvas_after(features.canvas, features.layer))
    return Grid(layer, inner.height, inner.width)


def _name(branch: int, kind: str, index: int) -> str:
    return f"branch_{branch:03d}.{kind}_{'own' if index < 0 else f'{index:02d}'}"


def _described(branch: Branch) -> dict[str, Any]:
    noise, frame = branch.noise, branch.frame
    return {
        "noise": {
            **{name: getattr(noise, name) for name in ("mode", "seed", "top", "left", "period_y", "period_x")},
            "pictures": [list(place) for place in noise.pictures],
        },
        "frame": {"matrix": list(frame.matrix), "period_y": frame.period_y, "period_x": frame.period_x},
    }


def _noise(about: dict[str, Any]) -> NoiseField:
    pictures = tuple((_number(down), _number(right)) for down, right in about["pictures"])
    _require(1 <= len(pictures) <= MAX_BRANCHES, "it has no place for its noise")
    seed = whole_number(about["seed"])
    _require(0 <= seed < 2**65, "its noise has no seed")
    return NoiseField(
        about["mode"],
        seed,
        _number(about["top"]),
        _number(about["left"]),
        _period(about["period_y"]),
        _period(about["period_x"]),
        pictures,
    )


def _frame(about: dict[str, Any]) -> Frame:
    a, b, c, d, e, f = map(_number, about["matrix"])
    _require(abs(a * e - b * d) > 1e-9, "its picture has no size")
    return Frame((a, b, c, d, e, f), _period(about["period_y"]), _period(about["period_x"]))


def _period(value: Any) -> float | None:
    if value is None:
        return None
    _require(_number(value) > 0, "it begins anew after nothing")
    return float(value)


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value) or abs(value) > MAX_SAMPLES:
        raise ValueError(f"{str(value)[:40]!r} is no length")
    return float(value)


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise ValueError(otherwise)
