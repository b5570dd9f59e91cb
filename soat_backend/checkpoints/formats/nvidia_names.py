"""A state dict under NVIDIA's names, which are ours: configuration from the shapes, and each tensor in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...generators import GeneratorConfig
from ...generators.stylegan2.layer_table import stylegan2_layers
from ..containers.stored import StoredTensor
from .claims import Claims, Converted
from .limits import within_limits
from .mapping_shapes import read_mapping
from .unsupported import require_rgb, require_square

FILTERS = r"synthesis\.b\d+\.(?:(?:conv[01]|torgb)\.)?resample_filter"


def has_nvidia_names(tensors: Mapping[str, StoredTensor]) -> bool:
    """Whether this is a StyleGAN2 generator's state dict under NVIDIA's names."""
    return "synthesis.b4.const" in tensors and "synthesis.b4.conv1.affine.weight" in tensors


def convert_nvidia_names(
    tensors: Mapping[str, StoredTensor], format_name: str, conv_clamp: float | None = None
) -> Converted:
    """The generator's weights under our names, from a state dict under NVIDIA's.

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
    for layer in stylegan2_layers(config.img_resolution):
        parts = ["weight", "bias", "affine.weight", "affine.bias"] + ["noise_strength"] * layer.has_features
        for part in parts:
            claims.take(f"synthesis.{layer.name}.{part}", f"synthesis.{layer.name}.{part}")
        if layer.has_features:
            claims.take_if_present(f"synthesis.{layer.name}.noise_const", f"synthesis.{layer.name}.noise_const")
    claims.require_filters(FILTERS, 1.0, 2 * len(stylegan2_layers(config.img_resolution)))
    return Converted(config, claims.weights, claims.leftover(FILTERS))


def _read_config(claims: Claims) -> GeneratorConfig:
    channels = {}
    resolution = 4
    while f"synthesis.b{resolution}.conv1.weight" in claims.tensors:
        channels[resolution] = claims.shape(f"synthesis.b{resolution}.conv1.weight", 4)[0]
        resolution *= 2
    if not channels:
        claims.find("synthesis.b4.conv1.weight")
    height, width = claims.shape("synthesis.b4.const", 3)[1:]
    require_square(height, width, len(channels) - 1)
    require_rgb(claims.shape("synthesis.b4.torgb.weight", 4)[0] if "synthesis.b4.torgb.weight" in claims.tensors else 3)
    w_dim = claims.shape("synthesis.b4.conv1.affine.weight", 2)[1]
    mapping = read_mapping(claims, "mapping.fc{}.weight", w_dim, embed="mapping.embed.weight")
    return within_limits(GeneratorConfig(max(channels), channels, **mapping))
