"""Adrian Sahlman's stylegan2_pytorch (`Gs.pth`): mapping and synthesis as state dicts of their own, with their arguments.

Source: `stylegan2/models.py` and `run_convert_from_tf.py` of adriansahlman/stylegan2_pytorch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import CheckpointError
from ..generator import GeneratorConfig
from ..layers import Layer, style_layers
from .claims import Claims, Converted, last_two, scalar
from .contents import Contents
from .limits import within_limits
from .mapping_shapes import read_mapping
from .unsupported import refuse_concatenated_labels, require_embedding, require_rgb, require_square

_CONSTANT = "G_synthesis.const"
_FILTERS = r"G_synthesis\.(?:upsample|conv_blocks\.\d+\.conv_block\.0\.layer\.layer)\.filter\.filter_kernel"
_IGNORABLE = rf"{_FILTERS}|G_synthesis\.upsample\.weight|layer_psi"
_FILTER_GAIN = 4.0
_LRELU = ("leaky:0.2", "lrelu:0.2", "leaky_relu:0.2")
_TAPS = ([1, 3, 3, 1], (1, 3, 3, 1))
# Arguments that change what is computed, and the values there is code for.
_SUPPORTED: dict[str, dict[str, tuple[Any, ...]]] = {
    "G_mapping": {"activation": _LRELU, "lr_mul": (0.01,), "normalize_input": (True,), "weight_scale": (True,)},
    "G_synthesis": {
        "activation": _LRELU,
        "lr_mul": (1,),
        "weight_scale": (True,),
        "demodulate": (True,),
        "modulate_data_out": (True,),
        "noise": (True,),
        "resnet": (False,),
        "skip": (True,),
        "fused_resample": (True,),
        "conv_resample_mode": ("FIR",),
        "skip_resample_mode": ("FIR",),
        "conv_filter": _TAPS,
        "skip_filter": _TAPS,
        "conv_pad_mode": ("constant",),
        "conv_pad_constant": (0,),
        "filter_pad_mode": ("constant",),
        "filter_pad_constant": (0,),
        "pad_once": (True,),
        "conv_block_size": (2,),
    },
}


class Sahlman:
    """Reads its generators."""

    name = "stylegan2_pytorch (A. Sahlman)"
    reads_state_dict = True

    def detect(self, contents: Contents) -> bool:
        """Whether the state dicts have its names."""
        return _CONSTANT in contents.tensors

    def convert(self, contents: Contents) -> Converted:
        """The same generator under our names."""
        _check_settings(contents.state_dict.settings)
        claims = Claims(contents.tensors, self.name)
        config = _read_config(claims)
        for index in range(config.mapping_layers):
            claims.take(f"mapping.fc{index}.weight", f"G_mapping.main.{index}.layer.weight")
            claims.take(f"mapping.fc{index}.bias", f"G_mapping.main.{index}.bias")
        claims.take_if_present("mapping.w_avg", "dlatent_avg")
        claims.take("synthesis.b4.const", _CONSTANT)
        for layer in style_layers(config.img_resolution):
            _claim_layer(claims, layer)
        claims.require_filters(_FILTERS, _FILTER_GAIN, len(style_layers(config.img_resolution)))
        return Converted(config, claims.weights, claims.leftover(_IGNORABLE))


def _check_settings(settings: Mapping[str, Mapping[str, Any]]) -> None:
    for part, supported in _SUPPORTED.items():
        for name, values in supported.items():
            value = settings.get(part, {}).get(name, values[0])
            if not isinstance(value, str | int | float | list | tuple) or value not in values:
                shown = str(value)[:40] if isinstance(value, str | int | float) else "something else"
                raise CheckpointError(
                    f"This StyleGAN2's {part} has {name} {shown!r}, which changes what its weights mean; only models with "
                    f"{values[0]!r} can be run yet.",
                    setting=name,
                )


def _read_config(claims: Claims) -> GeneratorConfig:
    _, height, width = claims.shape(_CONSTANT, 3)
    channels: dict[int, int] = {}
    while f"{_block(len(channels))}.0.layer.layer.weight" in claims.tensors:
        channels[4 << len(channels)] = claims.shape(f"{_block(len(channels))}.0.layer.layer.weight", 4)[0]
    first = f"{_block(0)}.0.layer.layer"
    w_dim = claims.shape(f"{first}.dense.layer.weight", 2)[1]
    require_square(height, width, len(channels) - 1)
    if "G_synthesis.to_data_layers.0.bias" not in claims.tensors:
        raise CheckpointError(
            "This StyleGAN2 has the 'orig' or 'resnet' architecture, whose colours come from its last layer only; only "
            "'skip' can be run yet."
        )
    require_rgb(claims.shape("G_synthesis.to_data_layers.0.bias", 1)[0])
    refuse_concatenated_labels("G_mapping.embedding.weight" in claims.tensors)
    mapping = read_mapping(claims, "G_mapping.main.{}.layer.weight", w_dim)
    require_embedding(mapping["z_dim"], w_dim)
    return within_limits(GeneratorConfig(max(channels), channels, **mapping))


def _block(level: int) -> str:
    return f"G_synthesis.conv_blocks.{level}.conv_block"


def _claim_layer(claims: Claims, layer: Layer) -> None:
    level = layer.resolution.bit_length() - 3
    name = f"synthesis.{layer.name}"
    outer = f"{_block(level)}.{int(layer.kind == 'conv1' and level > 0)}"
    if not layer.is_conv:
        outer = f"G_synthesis.to_data_layers.{level}"
    source = f"{outer}.layer.layer" if layer.is_conv else f"{outer}.layer"
    claims.take(f"{name}.bias", f"{outer}.bias")
    claims.take(f"{name}.weight", f"{source}.weight")
    claims.take(f"{name}.affine.weight", f"{source}.dense.layer.weight")
    claims.take(f"{name}.affine.bias", f"{source}.dense.bias")
    if layer.is_conv:
        claims.take(f"{name}.noise_strength", f"{outer}.layer.weight", scalar)
        claims.take_if_present(f"{name}.noise_const", f"{outer}.layer.noise_storage", last_two)
