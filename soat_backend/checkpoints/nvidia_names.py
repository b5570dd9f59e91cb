"""A state dict under NVIDIA's names, which are ours: configuration from the shapes, and each tensor in its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from ..errors import CheckpointError
from ..generator import GeneratorConfig
from ..layers import style_layers
from .blob import damaged
from .claims import Claims, Converted, require_filter
from .limits import within_limits
from .stored import StoredTensor

FILTERS = r"synthesis\.b\d+\.(?:(?:conv[01]|torgb)\.)?resample_filter"


def has_nvidia_names(tensors: Mapping[str, StoredTensor]) -> bool:
    """Whether this is a StyleGAN2 generator's state dict under NVIDIA's names."""
    return "synthesis.b4.const" in tensors and "synthesis.b4.conv1.affine.weight" in tensors


def convert_nvidia_names(
    tensors: Mapping[str, StoredTensor], format_name: str, conv_clamp: float | None = None
) -> Converted:
    """Put each tensor in its place.

    Args:
        tensors: The state dict.
        format_name: For messages.
        conv_clamp: The one thing that shapes don't tell.

    Raises:
        CheckpointError: Something is missing, or it is a variant without code here.
    """
    claims = Claims(tensors, format_name)
    config = replace(_read_config(claims), conv_clamp=conv_clamp)
    for index in range(config.mapping_layers):
        for kind in ("weight", "bias"):
            claims.take(f"mapping.fc{index}.{kind}", f"mapping.fc{index}.{kind}")
    if config.c_dim:
        for kind in ("weight", "bias"):
            claims.take(f"mapping.embed.{kind}", f"mapping.embed.{kind}")
    claims.take_if_present("mapping.w_avg", "mapping.w_avg")
    claims.take("synthesis.b4.const", "synthesis.b4.const")
    for layer in style_layers(config.img_resolution):
        parts = ["weight", "bias", "affine.weight", "affine.bias"] + ["noise_strength"] * layer.is_conv
        for part in parts:
            claims.take(f"synthesis.{layer.name}.{part}", f"synthesis.{layer.name}.{part}")
        if layer.is_conv:
            claims.take_if_present(f"synthesis.{layer.name}.noise_const", f"synthesis.{layer.name}.noise_const")
    filters = {name: tensor for name, tensor in tensors.items() if re.fullmatch(FILTERS, name)}
    if len(filters) > 2 * len(style_layers(config.img_resolution)):
        raise damaged("it has more resampling filters than layers")
    for source, tensor in filters.items():
        require_filter(tensor, source, 1.0)
    return Converted(config, claims.weights, claims.leftover(FILTERS))


def _read_config(claims: Claims) -> GeneratorConfig:
    channels = {}
    resolution = 4
    while f"synthesis.b{resolution}.conv1.weight" in claims.tensors:
        channels[resolution] = claims.shape(f"synthesis.b{resolution}.conv1.weight", 4)[0]
        resolution *= 2
    if not channels:
        claims.find("synthesis.b4.conv1.weight")
    w_dim = claims.shape("synthesis.b4.conv1.affine.weight", 2)[1]
    c_dim = claims.shape("mapping.embed.weight", 2)[1] if "mapping.embed.weight" in claims.tensors else 0
    z_dim = claims.shape("mapping.fc0.weight", 2)[1] - (w_dim if c_dim else 0)
    if z_dim < 1:
        raise CheckpointError("This conditional generator's mapping network takes no z, which is not supported.")
    layers = 0
    while f"mapping.fc{layers}.weight" in claims.tensors:
        layers += 1
    return within_limits(GeneratorConfig(max(channels), channels, z_dim, w_dim, c_dim, layers))
