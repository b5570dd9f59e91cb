"""What the modules of a pickled StyleGAN3 say of their own shape."""

from __future__ import annotations

import math
import re
from typing import Any

from ...generators.stylegan3 import InputShape, LayerShape, StyleGAN3Config
from ...support.errors import CheckpointError
from ..containers.modules import ModuleTree
from ..containers.stored import StoredTensor

_LAYER = re.compile(r"synthesis\.L(\d{1,3})_\d{1,5}_\d{1,5}")
_LARGEST = 1 << 20


def read_settings(tree: ModuleTree, mapping: dict[str, int]) -> StyleGAN3Config:
    """The configuration of a pickled StyleGAN3, each layer's as its own attributes say.

    Args:
        tree: The generator.
        mapping: What its tensors say of its mapping network.

    Raises:
        CheckpointError: Something isn't there, or contradicts itself.
    """
    synthesis = tree.settings.get("synthesis", {})
    paths = sorted((int(match[1]), path) for path in tree.settings if (match := _LAYER.fullmatch(path)))
    if [index for index, _ in paths] != list(range(len(paths))):
        raise CheckpointError("This StyleGAN3's layers have numbers that don't follow each other: some are missing.")
    begin = tree.settings.get("synthesis.input", {})
    layers = tuple(_layer(path, tree) for _, path in paths)
    stated = tree.settings.get("mapping", {}).get("z_dim")
    if isinstance(stated, int) and stated != mapping["z_dim"]:
        raise CheckpointError(
            f"This StyleGAN3's mapping network takes a z of {mapping['z_dim']} numbers, and its settings say {stated}: "
            "the file is damaged, or its classes' embedding was left out."
        )
    return StyleGAN3Config(
        img_resolution=_whole("synthesis", synthesis, "img_resolution"),
        input=InputShape(
            channels=_whole("synthesis.input", begin, "channels"),
            size=_whole("synthesis.input", begin, "size"),
            rate=_whole("synthesis.input", begin, "sampling_rate"),
            bandwidth=_number("synthesis.input", begin, "bandwidth"),
        ),
        layers=layers,
        output_scale=_number("synthesis", synthesis, "output_scale"),
        **mapping,
    )


def _layer(path: str, tree: ModuleTree) -> LayerShape:
    state = tree.settings[path]
    down_filter = tree.tensors.get(f"{path}.down_filter")
    names = ("in_channels", "out_channels", "in_size", "out_size", "up_taps", "down_taps")
    shape = LayerShape(
        **{name: _whole(path, state, name) for name in names},
        kernel=_whole(path, state, "conv_kernel"),
        in_rate=_whole(path, state, "in_sampling_rate"),
        out_rate=_whole(path, state, "out_sampling_rate"),
        inner_rate=_whole(path, state, "tmp_sampling_rate"),
        radial=down_filter is not None and len(down_filter.shape) == 2,
        clamp=None if state.get("conv_clamp") is None else _number(path, state, "conv_clamp"),
        to_rgb=bool(state.get("is_torgb")),
    )
    rates = min(shape.in_rate, shape.out_rate) > 0
    stated = state.get("padding")
    agrees = isinstance(stated, list) and rates and stated == [*shape.padding, *shape.padding]
    factors = [_whole(path, state, name) for name in ("up_factor", "down_factor")]
    if not agrees or factors != [shape.up, shape.down]:
        raise CheckpointError(
            f"The settings of {path[:80]!r} contradict each other (sizes, sampling rates, filters, padding): the "
            "file is damaged or of an unknown variant."
        )
    return shape


def _number(path: str, state: dict[str, Any], name: str) -> float:
    """A setting that is a number; of a size along both axes, which is the same along both, one of them.

    Raises:
        CheckpointError: It isn't there, or no number.
    """
    value = state.get(name)
    if isinstance(value, StoredTensor) and math.prod(value.shape) <= 2:
        value = value.read().double().flatten().tolist()
    if isinstance(value, list) and value and all(each == value[0] for each in value[:3]):
        value = value[0]
    if not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > _LARGEST:
        raise CheckpointError(
            f"This StyleGAN3 has no sensible {name} in {path[:80]!r}, without which its layers can't be run: the file "
            "is damaged or of an unknown variant.",
            setting=name,
        )
    return float(value)


def _whole(path: str, state: dict[str, Any], name: str) -> int:
    """A setting that is a whole number, as `_number` reads it."""
    value = _number(path, state, name)
    if value != int(value):
        raise CheckpointError(f"This StyleGAN3 has {value} as {name} of {path[:80]!r}, which should be a whole number.")
    return int(value)
