"""GenForce's StyleGAN2 (`.pth`): TensorFlow's variables as PyTorch modules, numbered layer by layer.

Source: `models/stylegan2_generator.py` and `stylegan2ada_generator.py` of genforce/genforce.
"""

from __future__ import annotations

import torch

from ...generators import GeneratorConfig
from ...generators.layers import Layer
from ...generators.stylegan2.layer_table import kind_of, stylegan2_layers
from ...support.errors import CheckpointError
from ..containers.contents import Contents
from .claims import Claims, Converted, first_row, last_two
from .limits import within_limits
from .mapping_shapes import read_mapping
from .unsupported import refuse_concatenated_labels, require_colours, require_embedding

_CONSTANT = "synthesis.early_layer.const"
_FILTERS = r"synthesis\.(?:upsample|layer\d+\.filter)\.kernel"
_FILTER_GAIN = 4.0


class GenForce:
    """Reads generators of GenForce's code bases."""

    name = "GenForce"
    reads_state_dict = True

    def detect(self, contents: Contents) -> bool:
        """Whether the state dict has GenForce's names.

        Its StyleGAN1 has no strength of noise as a layer's own tensor, and Hammer's generators have `w_avg` elsewhere.
        """
        names = contents.tensors
        return all(name in names for name in (_CONSTANT, "synthesis.layer0.noise_strength", "truncation.w_avg"))

    def convert(self, contents: Contents) -> Converted:
        """The generator's weights under our names."""
        claims = Claims(contents.tensors, self.name)
        config = _read_config(claims)
        dense = {f"fc{index}": f"dense{index}" for index in range(config.mapping_layers)}
        if config.c_dim:
            dense["embed"] = "LabelEmbed"
        for name, source in dense.items():
            for kind in ("weight", "bias"):
                claims.take(f"mapping.{name}.{kind}", f"mapping.{source}.{kind}")
        claims.take("mapping.w_avg", "truncation.w_avg")
        claims.take("synthesis.b4.const", _CONSTANT, first_row)
        layers = stylegan2_layers(config.img_resolution, config.block_architecture)
        for layer in layers:
            _claim_layer(claims, layer)
        claims.require_filters(_FILTERS, _FILTER_GAIN, len(layers))
        return Converted(config, claims.weights, claims.leftover(_FILTERS))


def _read_config(claims: Claims) -> GeneratorConfig:
    height, width = claims.shape(_CONSTANT, 4)[2:]
    channels = {4: claims.shape("synthesis.layer0.weight", 4)[0]}
    level = 1
    while f"synthesis.layer{2 * level}.weight" in claims.tensors:
        channels[4 << level] = claims.shape(f"synthesis.layer{2 * level}.weight", 4)[0]
        level += 1
    _refuse_shortcuts(claims)
    refuse_concatenated_labels("mapping.label_weight" in claims.tensors)
    w_dim = claims.shape("synthesis.layer0.style.weight", 2)[1]
    mapping = read_mapping(claims, "mapping.dense{}.weight", w_dim, embed="mapping.LabelEmbed.weight")
    if not mapping["c_dim"]:
        require_embedding(mapping["z_dim"], w_dim)
    return within_limits(
        GeneratorConfig(
            max(channels),
            channels,
            **mapping,
            constant=(height, width),
            img_channels=require_colours(claims.shape(f"synthesis.output{level - 1}.weight", 4)[0]),
            block_architecture="skip" if "synthesis.output0.weight" in claims.tensors else "orig",
        )
    )


def _refuse_shortcuts(claims: Claims) -> None:
    """Refuse the architecture `resnet`: GenForce gives its shortcuts the names of layers, which they replace.

    Raises:
        CheckpointError: It is one.
    """
    first = claims.tensors.get("synthesis.layer1.weight")
    if first is not None and tuple(first.shape[2:]) == (1, 1):
        raise CheckpointError(
            "This StyleGAN2 of GenForce's has the architecture resnet, whose shortcuts its code base keeps under the "
            "names of layers (synthesis.layer1, layer3, ...): those layers' weights were lost when the file was "
            "written, and nothing can run it. Take the generator from the file that it was converted from."
        )


def _claim_layer(claims: Claims, layer: Layer) -> None:
    level = layer.sampling_rate.bit_length() - 3
    number = 2 * level - 1 if kind_of(layer) == "conv0" else 2 * level
    name = f"synthesis.{layer.name}"
    source = f"synthesis.layer{number}" if layer.has_features else f"synthesis.output{level}"
    claims.take(f"{name}.weight", f"{source}.weight", _turned if kind_of(layer) == "conv0" else None)
    claims.take(f"{name}.bias", f"{source}.bias")
    claims.take(f"{name}.affine.weight", f"{source}.style.weight")
    claims.take(f"{name}.affine.bias", f"{source}.style.bias", lambda bias: bias + 1)
    if layer.has_features:
        claims.take(f"{name}.noise_strength", f"{source}.noise_strength")
        claims.take_if_present(f"{name}.noise_const", f"{source}.noise", last_two)


def _turned(weight: torch.Tensor) -> torch.Tensor:
    """A kernel turned by 180 degrees: GenForce turns those of its transposed convolutions as it runs."""
    return weight.flip(2, 3)
