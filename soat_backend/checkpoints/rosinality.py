"""rosinality's StyleGAN2 (`.pt`), the layout of SOAT and of many fine-tunes, and BasicSR's: the same, renamed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import CheckpointError
from ..generator import GeneratorConfig
from ..layers import Layer, style_layers
from .blob import damaged
from .claims import Claims, Converted, first_row, last_two, require_filter, scalar, vector
from .contents import Contents
from .limits import within_limits


@dataclass(frozen=True)
class Naming:
    """What a code base calls the parts."""

    format_name: str
    mapping: str
    const: str
    conv1: str
    convs: str
    modulated: str
    noise_strength: str
    noise: str
    filters: str

    def layer(self, layer: Layer) -> str:
        """Its name for one of our layers."""
        level = layer.resolution.bit_length() - 3  # 0 for 4, 1 for 8, ...
        if layer.kind == "torgb":
            return f"to_rgbs.{level - 1}" if level else "to_rgb1"
        if not level:
            return self.conv1
        return f"{self.convs}.{2 * level - (2 if layer.kind == 'conv0' else 1)}"


ROSINALITY = Naming(
    format_name="rosinality",
    mapping="style",
    const="input.input",
    conv1="conv1",
    convs="convs",
    modulated="conv",
    noise_strength="noise.weight",
    noise="noises.noise_",
    filters=r"convs\.\d+\.conv\.blur\.kernel|to_rgbs\.\d+\.upsample\.kernel",
)
BASICSR = Naming(
    format_name="BasicSR",
    mapping="style_mlp",
    const="constant_input.weight",
    conv1="style_conv1",
    convs="style_convs",
    modulated="modulated_conv",
    noise_strength="weight",
    noise="noises.noise",
    filters=r"style_convs\.\d+\.modulated_conv\.smooth\.kernel|to_rgbs\.\d+\.upsample\.kernel",
)
_FILTER_GAIN = 4.0


class StyleGAN2Pytorch:
    """One of the two code bases' checkpoints."""

    reads_state_dict = True

    def __init__(self, naming: Naming) -> None:
        self.name = naming.format_name
        self._naming = naming

    def detect(self, contents: Contents) -> bool:
        """Whether the state dict has the code base's names."""
        naming, names = self._naming, contents.tensors
        # GFPGAN's clean decoder has its biases elsewhere, and its scales folded into the weights.
        is_folded = f"{naming.conv1}.bias" in names
        return naming.const in names and f"{naming.conv1}.{naming.modulated}.weight" in names and not is_folded

    def convert(self, contents: Contents) -> Converted:
        """The same generator under our names."""
        naming = self._naming
        claims = Claims(contents.tensors, naming.format_name)
        config = _read_config(claims, naming)
        for index in range(config.mapping_layers):
            for kind in ("weight", "bias"):
                claims.take(f"mapping.fc{index}.{kind}", f"{naming.mapping}.{index + 1}.{kind}")
        claims.take_if_present("mapping.w_avg", "latent_avg", vector)
        claims.take("synthesis.b4.const", naming.const, first_row)
        conv_count = 0
        for layer in style_layers(config.img_resolution):
            name, source = f"synthesis.{layer.name}", naming.layer(layer)
            claims.take(f"{name}.weight", f"{source}.{naming.modulated}.weight", first_row)
            for kind in ("weight", "bias"):
                claims.take(f"{name}.affine.{kind}", f"{source}.{naming.modulated}.modulation.{kind}")
            if not layer.is_conv:
                claims.take(f"{name}.bias", f"{source}.bias", vector)
                continue
            claims.take(f"{name}.bias", f"{source}.activate.bias")
            claims.take(f"{name}.noise_strength", f"{source}.{naming.noise_strength}", scalar)
            claims.take_if_present(f"{name}.noise_const", f"{naming.noise}{conv_count}", last_two)
            conv_count += 1
        filters = {name: tensor for name, tensor in contents.tensors.items() if re.fullmatch(naming.filters, name)}
        if len(filters) > len(style_layers(config.img_resolution)):
            raise damaged("it has more resampling filters than layers")
        for source, tensor in filters.items():
            require_filter(tensor, source, _FILTER_GAIN)
        return Converted(config, claims.weights, claims.leftover(naming.filters))


def _read_config(claims: Claims, naming: Naming) -> GeneratorConfig:
    """The configuration, from the shapes of the tensors."""
    conv_weight = f"{naming.modulated}.weight"
    convs = _count(claims, f"{naming.convs}.{{}}.{conv_weight}")
    rgbs = _count(claims, f"to_rgbs.{{}}.{conv_weight}")
    if convs != 2 * rgbs:
        raise CheckpointError(
            f"This {naming.format_name} checkpoint has {convs} up-scaling convolutions and {rgbs} RGB layers, where a "
            f"StyleGAN2 with {rgbs} RGB layers has {2 * rgbs}: the file is incomplete or of an unknown variant."
        )
    channels = {4: claims.shape(naming.const, 4)[1]}
    for level in range(1, rgbs + 1):
        channels[4 << level] = claims.shape(f"{naming.convs}.{2 * level - 2}.{conv_weight}", 5)[1]
    z_dim = claims.shape(f"{naming.mapping}.1.weight", 2)[1]
    w_dim = claims.shape(f"{naming.conv1}.{naming.modulated}.modulation.weight", 2)[1]
    layers = _count(claims, f"{naming.mapping}.{{}}.weight", first=1)
    return within_limits(GeneratorConfig(4 << rgbs, channels, z_dim=z_dim, w_dim=w_dim, mapping_layers=layers))


def _count(claims: Claims, template: str, first: int = 0) -> int:
    """How many of the numbered names there are, without a gap."""
    count = 0
    while template.format(first + count) in claims.tensors:
        count += 1
    return count
