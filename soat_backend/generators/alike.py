"""Whether two generators have the same layers, so that the weights of one fit into the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from ..support.errors import SoatError
from .generator import Generator

# Of a configuration: what shapes the mapping network alone.
_OF_THE_MAPPING = {"z_dim", "c_dim", "mapping_layers", "mapping_widths", "embed_dim"}
_CLAMPS = ("clamp", "conv_clamp")

_Difference = tuple[str, object, object]


def check_same_layers(a: Generator, b: Generator) -> None:
    """Refuse two generators unless all their layers are of the same kind and shape; their mapping networks may differ.

    Raises:
        SoatError: They aren't; the message says what differs first, and where.
    """
    _refuse(a, b, _differences(a, b), "Take generators of the same shape, for instance one and its fine-tune.")


def check_same_mapping(a: Generator, b: Generator) -> None:
    """Refuse two generators unless their mapping networks have the same shape.

    Raises:
        SoatError: They haven't.
    """
    widths_a, widths_b = (", ".join(map(str, each.config.mapping_sizes)) for each in (a, b))
    differences: list[_Difference] = [
        ("the number of classes", a.config.c_dim, b.config.c_dim),
        ("the widths of their mapping networks", widths_a, widths_b),
    ]
    _refuse(a, b, differences, "Keep A's mapping network, or exchange the two.")


def clamps_differ(a: Generator, b: Generator) -> bool:
    """Whether layers of the one limit their outputs otherwise than those of the other."""
    return _clamps(a) != _clamps(b)


def _refuse(a: Generator, b: Generator, differences: Iterable[_Difference], advice: str) -> None:
    for what, of_a, of_b in differences:
        if of_a != of_b:
            raise SoatError(
                f"The generators can't be merged, since they differ in {what}: {a.name} has {of_a}, {b.name} has "
                f"{of_b}. {advice}",
                of_a=of_a,
                of_b=of_b,
            )


def _differences(a: Generator, b: Generator) -> Iterator[_Difference]:
    """What is compared, the plainest first; the later ones go by the earlier ones."""
    for what, own in (
        ("architecture", lambda each: each.config.architecture),
        ("architecture", lambda each: each.architecture),
        ("the size of their pictures", lambda each: f"{each.img_size[1]} x {each.img_size[0]} px"),
        ("colour channels", lambda each: each.img_channels),
        ("the number of layers", lambda each: len(each.layers)),
        ("the length of w", lambda each: each.config.w_dim),
    ):
        yield what, own(a), own(b)
    for layer_a, layer_b in zip(a.layers.with_features, b.layers.with_features, strict=True):
        yield f"channels at {layer_a.name}", a.module(layer_a).out_channels, b.module(layer_b).out_channels
    for layer_a, layer_b in zip(a.layers, b.layers, strict=True):
        yield "the sizes of their layers", layer_a.name, layer_b.name
    shapes_a, shapes_b = (
        {name: list(tensor.shape) for name, tensor in each.state_dict().items() if not name.startswith("mapping.")}
        for each in (a, b)
    )
    for name in sorted(shapes_a.keys() | shapes_b.keys()):
        yield f"the shape of {name}", shapes_a.get(name, "none"), shapes_b.get(name, "none")
    # What no weight shows, such as a filter's band.
    settings_a, settings_b = (dict(_settings(asdict(each.config))) for each in (a, b))
    for path in sorted(settings_a.keys() | settings_b.keys()):
        if path[0] not in _OF_THE_MAPPING and path[-1] not in _CLAMPS:
            yield f"their setting {'.'.join(path)}", settings_a.get(path, "none"), settings_b.get(path, "none")


def _clamps(generator: Generator) -> dict[tuple[str, ...], Any]:
    return {path: value for path, value in _settings(asdict(generator.config)) if path[-1] in _CLAMPS}


def _settings(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every number and word of a configuration, by the names that lead to it."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _settings(inner, (*path, str(name)))
    elif isinstance(value, tuple | list):
        for index, inner in enumerate(value):
            yield from _settings(inner, (*path, str(index)))
    else:
        yield path, value
