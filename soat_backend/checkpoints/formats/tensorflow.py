"""NVIDIA's TensorFlow `.pkl` (stylegan2, stylegan2-ada): `dnnlib.tflib.network.Network` objects, `(G, D, Gs)`.

Source: layouts and renaming follow the description in NVIDIA's stylegan2-ada-pytorch, `legacy.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch

from ...generators import GeneratorConfig
from ...generators.layers import Layer
from ...generators.stylegan2.config import parse_conv_clamp
from ...generators.stylegan2.layer_table import kind_of, stylegan2_layers
from ...support.errors import CheckpointError
from ..containers.contents import Contents
from ..containers.inert import Inert
from ..containers.stored import Number, StoredTensor
from .claims import Claims, Converted, first_row, last_two, scalar
from .limits import within_limits
from .mapping_shapes import read_mapping
from .unsupported import refuse_concatenated_labels, require_embedding, require_rgb, require_square

_NETWORK = "dnnlib.tflib.network.Network"
_OLDER_NETWORK = "tfutil.Network"
_MAX_NETWORKS = 16
_MAX_NAME = 256

_TAPS = (0.125, 0.375, 0.375, 0.125)

# Arguments that change what is computed, and the values there is code for.
_SUPPORTED: dict[str, tuple[str | float, ...]] = {
    "architecture": ("skip",),
    "nonlinearity": ("lrelu",),
    "mapping_nonlinearity": ("lrelu",),
    "mapping_lrmul": (0.01,),
    "use_noise": (True,),
    "normalize_latents": (True,),
}
_FIRST_LAYER = re.compile(r"synthesis/(\d{1,4})x(\d{1,4})/Conv/mod_weight")
# Counters of progressive growing, which a finished generator no longer uses.
_IGNORABLE = r"(?:synthesis/)?lod"


class TensorFlow:
    """Reads the averaged generator Gs of NVIDIA's TensorFlow pickles."""

    name = "TensorFlow pickle"
    reads_state_dict = False

    def detect(self, contents: Contents) -> bool:
        """Whether there are TensorFlow networks, and the generator is a StyleGAN2."""
        return _constant_size(network_tensors(contents.tree)) is not None

    def convert(self, contents: Contents) -> Converted:
        """The generator's weights under our names."""
        network = find_network(contents.tree)
        tensors, settings = _collect(network)
        for channels in settings.get("num_channels", []):
            require_rgb(channels if isinstance(channels, int) else 0)
        claims = Claims(tensors, self.name)
        config = replace(_read_config(claims), conv_clamp=_conv_clamp(settings))
        _check_settings(settings)
        if not config.c_dim:
            stated = ([*settings.get(name, []), None][0] for name in ("latent_size", "label_size"))
            require_embedding(config.z_dim, config.w_dim, (next(stated), next(stated)))
        _check_resolution(settings, config.img_resolution)
        _claim_mapping(claims, config)
        claims.take("synthesis.b4.const", "synthesis/4x4/Const/const", first_row)
        for layer in stylegan2_layers(config.img_resolution):
            _claim_layer(claims, layer)
        return Converted(config, claims.weights, claims.leftover(_IGNORABLE))


def find_network(tree: Any) -> Inert | None:
    """Gs: the last of `(G, D, Gs)` that is a generator, or the network that is all of the file."""
    if isinstance(tree, dict):
        tree = list(tree.values())
    items = list(tree[-_MAX_NETWORKS:]) if isinstance(tree, tuple | list) else [tree]
    networks = [item for item in items if _is_network(item)]
    generators = [network for network in networks if "synthesis" in (network.state.get("components") or ())]
    return (generators or networks or [None])[-1]


def _is_network(item: Any) -> bool:
    return isinstance(item, Inert) and item.name in (_NETWORK, _OLDER_NETWORK) and isinstance(item.state, dict)


def network_tensors(tree: Any) -> dict[str, StoredTensor]:
    """Variables of Gs and its components, by their full names; empty if there is none."""
    return _collect(find_network(tree))[0]


def _collect(network: Inert | None) -> tuple[dict[str, StoredTensor], dict[str, list[Any]]]:
    """Variables of a network and its components, and all values that they have for each static argument."""
    tensors: dict[str, StoredTensor] = {}
    settings: dict[str, list[Any]] = {}
    pending: list[tuple[str, Any]] = [("", network)]
    seen: set[int] = set()
    while pending and len(seen) < _MAX_NETWORKS:
        prefix, item = pending.pop()
        if not isinstance(item, Inert) or not isinstance(item.state, dict) or id(item) in seen:
            continue
        seen.add(id(item))
        static = item.state.get("static_kwargs")
        for name, value in static.items() if isinstance(static, dict) else ():
            if isinstance(name, str):
                settings.setdefault(name, []).append(value)
        variables = item.state.get("variables")
        for pair in variables if isinstance(variables, list | tuple) else ():
            name, value = pair if isinstance(pair, tuple) and len(pair) == 2 else (None, None)
            # numpy's numbers come as plain ones; whatever is a number in a variable's place is a variable.
            tensor = value if isinstance(value, StoredTensor) else Number.of(value)
            if isinstance(name, str) and tensor is not None and len(prefix + name) <= _MAX_NAME:
                tensors[prefix + name] = tensor
        components = item.state.get("components")
        if isinstance(components, dict):
            pending += [
                (f"{prefix}{name}/", part)
                for name, part in components.items()
                if isinstance(name, str) and len(name) < _MAX_NAME
            ]
    return tensors, settings


def _check_settings(settings: dict[str, list[Any]]) -> None:
    for name, supported in _SUPPORTED.items():
        for value in settings.get(name, []):
            if any(_agree(value, each) for each in supported):
                continue
            raise CheckpointError(
                f"This TensorFlow StyleGAN2 was trained with {name} {_shown(value)}, which changes what its weights "
                f"mean; only models with {supported[0]!r} can be run yet."
            )
    for kernel in settings.get("resample_kernel", []):
        if not _is_usual_filter(kernel):
            raise CheckpointError(
                "This StyleGAN2 resamples with another filter than [1, 3, 3, 1], which is not supported."
            )


def _agree(value: Any, expected: str | float) -> bool:
    """Whether a setting is the expected one; numbers may have been rounded to float32."""
    if isinstance(value, int | float) and isinstance(expected, int | float):
        return abs(value - expected) <= 1e-6
    return isinstance(value, str) and value == expected


def _is_usual_filter(kernel: Any) -> bool:
    """Whether a resampling filter is [1, 3, 3, 1] or a multiple, which NVIDIA's code scales to the same."""
    if isinstance(kernel, StoredTensor) and kernel.shape == (4,):
        kernel = kernel.read().tolist()
    if not isinstance(kernel, list | tuple) or len(kernel) != len(_TAPS):
        return False
    total = sum(kernel) if all(isinstance(number, int | float) for number in kernel) else 0.0
    return total > 0 and all(abs(number / total - tap) <= 1e-6 for number, tap in zip(kernel, _TAPS, strict=True))


def _check_resolution(settings: dict[str, list[Any]], resolution: int) -> None:
    for value in settings.get("resolution", []):
        if not isinstance(value, int | float) or value != resolution:
            raise CheckpointError(
                f"This TensorFlow StyleGAN2 says that its resolution is {_shown(value)}, and its tensors are those of "
                f"{resolution} px: the file was edited or is of an unknown variant."
            )


def _constant_size(tensors: Mapping[str, StoredTensor]) -> tuple[int, int] | None:
    """Height and width of a StyleGAN2's constant, by the names of its first layer; None if this is none."""
    for name in tensors:
        match = _FIRST_LAYER.fullmatch(name)
        if match is not None and f"synthesis/{match[1]}x{match[2]}/Const/const" in tensors:
            return int(match[1]), int(match[2])
    return None


def _shown(value: Any) -> str:
    return repr(str(value)[:40]) if isinstance(value, str | int | float) else "something else"


def _conv_clamp(settings: dict[str, list[Any]]) -> float | None:
    clamps = {parse_conv_clamp(value) for value in settings.get("conv_clamp", [])}
    if len(clamps) > 1:
        raise CheckpointError("This generator's parts are clamped at different values, which is not supported.")
    return clamps.pop() if clamps else None


def _read_config(claims: Claims) -> GeneratorConfig:
    """The configuration, from the shapes of the variables."""
    other_outputs = re.compile(r"synthesis/ToRGB_lod\d+/weight|synthesis/\d+x\d+/Skip/weight")
    if any(other_outputs.fullmatch(name) for name in claims.tensors):
        raise CheckpointError(
            "This StyleGAN2 has the 'orig' or 'resnet' architecture, whose colours come from its last layer only; "
            "only 'skip' (config E and F) is supported."
        )
    height, width = _constant_size(claims.tensors) or (4, 4)
    levels = sum(re.fullmatch(r"synthesis/\d+x\d+/Conv1/weight", name) is not None for name in claims.tensors)
    require_square(height, width, min(levels, 16))
    require_rgb(claims.shape("synthesis/4x4/ToRGB/bias", 1)[0])
    channels = {4: claims.shape("synthesis/4x4/Conv/weight", 4)[3]}
    resolution = 8
    while f"synthesis/{resolution}x{resolution}/Conv1/weight" in claims.tensors:
        channels[resolution] = claims.shape(f"synthesis/{resolution}x{resolution}/Conv1/weight", 4)[3]
        resolution *= 2
    w_dim = claims.shape("synthesis/4x4/Conv/mod_weight", 2)[0]
    refuse_concatenated_labels("mapping/LabelConcat/weight" in claims.tensors)
    embed = "mapping/LabelEmbed/weight"
    mapping = read_mapping(claims, "mapping/Dense{}/weight", w_dim, embed=embed, inputs_first=True)
    return within_limits(GeneratorConfig(max(channels), channels, **mapping))


def _claim_mapping(claims: Claims, config: GeneratorConfig) -> None:
    dense = {f"fc{index}": f"Dense{index}" for index in range(config.mapping_layers)}
    if config.c_dim:
        dense["embed"] = "LabelEmbed"
    for name, source in dense.items():
        claims.take(f"mapping.{name}.weight", f"mapping/{source}/weight", torch.t)
        claims.take(f"mapping.{name}.bias", f"mapping/{source}/bias")
    claims.take_if_present("mapping.w_avg", "dlatent_avg")


def _claim_layer(claims: Claims, layer: Layer) -> None:
    size, level = f"{layer.sampling_rate}x{layer.sampling_rate}", layer.sampling_rate.bit_length() - 1
    parts = {"torgb": "ToRGB", "conv0": "Conv0_up", "conv1": "Conv1" if level > 2 else "Conv"}
    name, source = f"synthesis.{layer.name}", f"synthesis/{size}/{parts[kind_of(layer)]}"
    claims.take(f"{name}.weight", f"{source}/weight", _flipped_kernel if kind_of(layer) == "conv0" else _kernel)
    claims.take(f"{name}.bias", f"{source}/bias")
    claims.take(f"{name}.affine.weight", f"{source}/mod_weight", torch.t)
    claims.take(f"{name}.affine.bias", f"{source}/mod_bias", lambda bias: bias + 1)
    if layer.has_features:
        index = 2 * level - (5 if kind_of(layer) == "conv0" else 4)
        claims.take(f"{name}.noise_strength", f"{source}/noise_strength", scalar)
        claims.take_if_present(f"{name}.noise_const", f"synthesis/noise{index}", last_two)


def _kernel(weight: torch.Tensor) -> torch.Tensor:
    """Reorder a kernel from TensorFlow's `[k, k, I, O]` to `[O, I, k, k]`."""
    return weight.permute(3, 2, 0, 1)


def _flipped_kernel(weight: torch.Tensor) -> torch.Tensor:
    """As `_kernel`, turned by 180 degrees in place: TensorFlow's transposed convolution runs over it the other way."""
    taps = weight.flatten(0, 1)  # [k k, I, O]
    for index in range(len(taps) // 2):
        kept = taps[index].clone()
        taps[index].copy_(taps[-1 - index])
        taps[-1 - index].copy_(kept)
    return _kernel(weight)
