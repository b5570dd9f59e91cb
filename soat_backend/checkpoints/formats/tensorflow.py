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
from ...generators.stylegan2.config import BLOCK_ARCHITECTURES, parse_conv_clamp
from ...generators.stylegan2.layer_table import kind_of, stylegan2_layers
from ...support.errors import CheckpointError
from ..containers.contents import Contents
from ..containers.stored import StoredTensor
from .claims import Claims, Converted, first_row, last_two, scalar
from .limits import within_limits
from .mapping_shapes import read_mapping
from .tensorflow_networks import collect, find_network, network_tensors
from .unsupported import refuse_concatenated_labels, require_colours, require_embedding

_TAPS = (0.125, 0.375, 0.375, 0.125)

# Arguments that change what is computed, and the values there is code for.
_SUPPORTED: dict[str, tuple[str | float, ...]] = {
    "architecture": BLOCK_ARCHITECTURES,
    "nonlinearity": ("lrelu",),
    "mapping_nonlinearity": ("lrelu",),
    "mapping_lrmul": (0.01,),
    "use_noise": (True,),
    "normalize_latents": (True,),
}
_FIRST_LAYER = re.compile(r"synthesis/(\d{1,4})x(\d{1,4})/Conv/mod_weight")
# What progressive growing needed, and a finished generator no longer uses: a counter, and smaller pictures' colours.
_IGNORABLE = r"(?:synthesis/)?lod|synthesis/ToRGB_lod[1-9]\d*/(?:mod_)?(?:weight|bias)"
_GROWN_COLOURS = "synthesis/ToRGB_lod0"


class TensorFlow:
    """Reads the averaged generator Gs of NVIDIA's TensorFlow pickles."""

    name = "TensorFlow pickle"
    reads_state_dict = False

    def detect(self, contents: Contents) -> bool:
        """Whether there are TensorFlow networks, and the generator is a StyleGAN2."""
        return _first_size(network_tensors(contents.tree)) is not None

    def convert(self, contents: Contents) -> Converted:
        """The generator's weights under our names."""
        network = find_network(contents.tree)
        tensors, settings = collect(network)
        for channels in settings.get("num_channels", []):
            require_colours(channels if isinstance(channels, int) else 0)
        claims = Claims(tensors, self.name)
        names = _Names(*(_first_size(tensors) or (4, 4)))
        _check_settings(settings)
        config = replace(_read_config(claims, names, settings), conv_clamp=_conv_clamp(settings))
        if not config.c_dim:
            stated = ([*settings.get(name, []), None][0] for name in ("latent_size", "label_size"))
            require_embedding(config.z_dim, config.w_dim, (next(stated), next(stated)))
        _check_resolution(settings, config)
        _claim_mapping(claims, config)
        claims.take("synthesis.b4.const", names.of(4, "Const/const"), first_row)
        for layer in stylegan2_layers(config.img_resolution, config.block_architecture):
            _claim_layer(claims, layer, names)
        if config.block_architecture == "resnet":
            for resolution in config.resolutions[1:]:
                claims.take(f"synthesis.b{resolution}.skip.weight", names.of(resolution, "Skip/weight"), _kernel)
        return Converted(config, claims.weights, claims.leftover(_IGNORABLE))


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


def _check_resolution(settings: dict[str, list[Any]], config: GeneratorConfig) -> None:
    # Forks of models that aren't square give either side, or what it would be if they were.
    possible = {config.img_resolution, *config.img_size}
    for value in settings.get("resolution", []):
        if not isinstance(value, int | float) or value not in possible:
            raise CheckpointError(
                f"This TensorFlow StyleGAN2 says that its resolution is {_shown(value)}, and its tensors are those of "
                f"{config.img_resolution} px: the file was edited or is of an unknown variant."
            )


class _Names:
    """What the variables of a layer are called by: the size of its maps, `height x width`.

    Args:
        height: Of the first layer, as it is called.
        width: Of it too.
    """

    def __init__(self, height: int, width: int) -> None:
        self._height, self._width = height, width

    def of(self, resolution: int, part: str) -> str:
        """The name of a part of the block that we call by a resolution."""
        return f"synthesis/{self._height * resolution // 4}x{self._width * resolution // 4}/{part}"


def _first_size(tensors: Mapping[str, StoredTensor]) -> tuple[int, int] | None:
    """Height and width that a StyleGAN2's first layer is called by; None if this is none."""
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


def _read_config(claims: Claims, names: _Names, settings: dict[str, list[Any]]) -> GeneratorConfig:
    """The configuration, from the shapes of the variables."""
    channels = {4: claims.shape(names.of(4, "Conv/weight"), 4)[3]}
    resolution = 8
    while names.of(resolution, "Conv1/weight") in claims.tensors:
        channels[resolution] = claims.shape(names.of(resolution, "Conv1/weight"), 4)[3]
        resolution *= 2
    w_dim = claims.shape(names.of(4, "Conv/mod_weight"), 2)[0]
    refuse_concatenated_labels("mapping/LabelConcat/weight" in claims.tensors)
    embed = "mapping/LabelEmbed/weight"
    mapping = read_mapping(claims, "mapping/Dense{}/weight", w_dim, embed=embed, inputs_first=True)
    blocks = _block_architecture(claims, names, list(channels))
    for value in settings.get("architecture", []):
        if not _agree(value, blocks):
            raise CheckpointError(
                f"This TensorFlow StyleGAN2 says that it is {_shown(value)}, and its layers are those of {blocks!r}: "
                "the file was edited or is of an unknown variant."
            )
    last = _colours(claims, names, max(channels))
    height, width = claims.shape(names.of(4, "Const/const"), 4)[2:]
    return within_limits(
        GeneratorConfig(
            max(channels),
            channels,
            **mapping,
            constant=(height, width),
            img_channels=require_colours(claims.shape(f"{last}/bias", 1)[0]),
            block_architecture=blocks,
        )
    )


def _block_architecture(claims: Claims, names: _Names, resolutions: list[int]) -> str:
    """Which of BLOCK_ARCHITECTURES the blocks have, by the parts that each has."""

    def blocks_with(part: str) -> int:
        return sum(names.of(resolution, part) in claims.tensors for resolution in resolutions)

    if blocks_with("Skip/weight"):
        return "resnet"
    return "skip" if blocks_with("ToRGB/weight") > 1 or len(resolutions) == 1 else "orig"


def _colours(claims: Claims, names: _Names, resolution: int) -> str:
    """What a block's layer of colours is called; the last of a model that was grown by growth's name."""
    name = names.of(resolution, "ToRGB")
    return (
        name
        if f"{name}/weight" in claims.tensors or f"{_GROWN_COLOURS}/weight" not in claims.tensors
        else _GROWN_COLOURS
    )


def _claim_mapping(claims: Claims, config: GeneratorConfig) -> None:
    dense = {f"fc{index}": f"Dense{index}" for index in range(config.mapping_layers)}
    if config.c_dim:
        dense["embed"] = "LabelEmbed"
    for name, source in dense.items():
        claims.take(f"mapping.{name}.weight", f"mapping/{source}/weight", torch.t)
        claims.take(f"mapping.{name}.bias", f"mapping/{source}/bias")
    claims.take_if_present("mapping.w_avg", "dlatent_avg")


def _claim_layer(claims: Claims, layer: Layer, names: _Names) -> None:
    level = layer.sampling_rate.bit_length() - 1
    parts = {"conv0": "Conv0_up", "conv1": "Conv1" if level > 2 else "Conv"}
    name = f"synthesis.{layer.name}"
    if layer.has_features:
        source = names.of(layer.sampling_rate, parts[kind_of(layer)])
    else:
        source = _colours(claims, names, layer.sampling_rate)
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
