"""rosinality's StyleGAN2 (`.pt`), the layout of SOAT and of many fine-tunes, and BasicSR's: the same, renamed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...generators import GeneratorConfig
from ...generators.layers import Layer
from ...generators.mapping import MAPPING_LR_MUL
from ...generators.stylegan2.layer_table import kind_of, stylegan2_layers
from ...support.errors import CheckpointError
from ..containers.contents import Contents
from .claims import Claims, Converted, first_row, last_two, scalar, vector
from .limits import within_limits
from .mapping_shapes import read_mapping
from .unsupported import require_embedding, require_rgb, require_square


@dataclass(frozen=True)
class Naming:
    """The names that a code base gives to the parts of a generator."""

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
        """The code base's name for one of our layers."""
        level = layer.sampling_rate.bit_length() - 3  # 0 for 4, 1 for 8, ...
        if kind_of(layer) == "torgb":
            return f"to_rgbs.{level - 1}" if level else "to_rgb1"
        if not level:
            return self.conv1
        return f"{self.convs}.{2 * level - (2 if kind_of(layer) == 'conv0' else 1)}"


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
# More rows than any w_plus has, and by how much equal ones may differ, as a part of the largest value.
_MAX_ROWS = 32
_SAME_ROWS = 1e-5


class StyleGAN2Pytorch:
    """Reads a generator of one of the two code bases."""

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
        """The generator's weights under our names."""
        _check_settings(contents.state_dict.settings, self._naming)
        return convert_layers(Claims(contents.tensors, self.name), self._naming)


def convert_layers(claims: Claims, naming: Naming) -> Converted:
    """The generator of a state dict that has the layers of rosinality's, whatever they are called.

    Raises:
        CheckpointError: Something is missing, or it is a variant without code here.
    """
    config = _read_config(claims, naming)
    notes = _claim_average(claims, config)
    for index in range(config.mapping_layers):
        for kind in ("weight", "bias"):
            claims.take(f"mapping.fc{index}.{kind}", f"{naming.mapping}.{index + 1}.{kind}")
    claims.take("synthesis.b4.const", naming.const, first_row)
    conv_count = 0
    for layer in stylegan2_layers(config.img_resolution):
        name, source = f"synthesis.{layer.name}", naming.layer(layer)
        claims.take(f"{name}.weight", f"{source}.{naming.modulated}.weight", first_row)
        for kind in ("weight", "bias"):
            claims.take(f"{name}.affine.{kind}", f"{source}.{naming.modulated}.modulation.{kind}")
        if not layer.has_features:
            claims.take(f"{name}.bias", f"{source}.bias", vector)
            continue
        claims.take(f"{name}.bias", f"{source}.activate.bias")
        claims.take(f"{name}.noise_strength", f"{source}.{naming.noise_strength}", scalar)
        claims.take_if_present(f"{name}.noise_const", f"{naming.noise}{conv_count}", last_two)
        conv_count += 1
    claims.require_filters(naming.filters, _FILTER_GAIN, len(stylegan2_layers(config.img_resolution)))
    return Converted(config, claims.weights, claims.leftover(naming.filters), notes)


def _claim_average(claims: Claims, config: GeneratorConfig) -> dict[str, str]:
    """Claim the mean of w, which encoders repeat for each row of w_plus; what there is to say about it."""
    average = claims.tensors.get("latent_avg")
    if average is None:
        return {}
    *outer, width = average.shape or (1,)
    rows = math.prod(outer)
    if width != config.w_dim or not 1 < rows <= _MAX_ROWS:
        claims.take("mapping.w_avg", "latent_avg", vector)
        return {}
    values = average.read().float().reshape(rows, width)
    if (values - values[0]).abs().max() <= _SAME_ROWS * values.abs().max():
        claims.take("mapping.w_avg", "latent_avg", lambda tensor: tensor.reshape(rows, width)[0].clone())
        return {}
    claims.ignore("latent_avg")
    return {"mean of w": f"estimated anew: the file has {rows} that differ (latent_avg), one for each row of w_plus"}


def _check_settings(settings: Mapping[str, Mapping[str, Any]], naming: Naming) -> None:
    """Refuse a module that has the same tensors but computes something else.

    Raises:
        CheckpointError: Its mapping network learned at another rate.
    """
    for path, values in settings.items():
        rate = values.get("lr_mul", MAPPING_LR_MUL)
        if not path.startswith(f"{naming.mapping}.") or not isinstance(rate, int | float):
            continue
        if abs(rate - MAPPING_LR_MUL) > 1e-6:
            raise CheckpointError(
                f"This StyleGAN2's mapping network was trained with lr_mul {rate:g}, which changes what its weights "
                f"mean; only models with {MAPPING_LR_MUL:g} can be run yet."
            )


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
    constant = claims.shape(naming.const, 4)
    require_square(constant[2], constant[3], rgbs)
    require_rgb(claims.shape(f"to_rgb1.{conv_weight}", 5)[1])
    channels = {4: constant[1]}
    for level in range(1, rgbs + 1):
        channels[4 << level] = claims.shape(f"{naming.convs}.{2 * level - 2}.{conv_weight}", 5)[1]
    w_dim = claims.shape(f"{naming.conv1}.{naming.modulated}.modulation.weight", 2)[1]
    mapping = read_mapping(claims, f"{naming.mapping}.{{}}.weight", w_dim, first=1)
    require_embedding(mapping["z_dim"], w_dim)
    return within_limits(GeneratorConfig(4 << rgbs, channels, **mapping))


def _count(claims: Claims, template: str) -> int:
    """How many of the numbered names there are, without a gap."""
    count = 0
    while template.format(count) in claims.tensors:
        count += 1
    return count
