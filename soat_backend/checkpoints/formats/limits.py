"""How large a generator may claim to be, before anything of such a size is made."""

from __future__ import annotations

import math

from ...generators import GeneratorConfig
from ...generators.stylegan2.config import USUAL_CONSTANT
from ...support.errors import CheckpointError

_MAX_RESOLUTION = 4096
# Of the learned constant, whose sides are 4 as a rule, and of the picture that becomes of it.
_MAX_CONSTANT = 64
_MAX_SIDE = 4 * _MAX_RESOLUTION
_MAX_PIXELS = _MAX_RESOLUTION**2
_MAX_CHANNELS = 8192
_MAX_LAYERS = 64
_MAX_CLASSES = 1 << 15
_MAX_COLOURS = 4
_SHOWN = 10**9


def within_limits(config: GeneratorConfig) -> GeneratorConfig:
    """Give back the configuration if its sizes are those of a real StyleGAN2.

    Raises:
        CheckpointError: Its sizes are none that a StyleGAN2 has.
    """
    channels = list(config.channels.values())
    resolutions = [4 << level for level in range(min(len(channels), _MAX_LAYERS))]
    clamp = config.conv_clamp
    between = config.mapping_widths
    sound = (
        sorted(config.channels) == resolutions
        and resolutions[-1:] == [config.img_resolution]
        and config.img_resolution <= _MAX_RESOLUTION
        and all(0 < side <= _MAX_CONSTANT for side in config.constant)
        and max(config.img_size) <= _MAX_SIDE
        and math.prod(config.img_size) <= _MAX_PIXELS
        and 0 < config.img_channels <= _MAX_COLOURS
        and 0 < config.mapping_layers <= _MAX_LAYERS
        and (between is None or len(between) == config.mapping_layers - 1)
        and 0 <= config.c_dim <= _MAX_CLASSES
        and (config.embed_dim is None or config.embed_dim > 0)
        and all(0 < count <= _MAX_CHANNELS for count in (*channels, config.z_dim, *config.mapping_sizes[1:]))
        and config.embedding <= _MAX_CHANNELS
        and (clamp is None or (math.isfinite(clamp) and clamp > 0))
    )
    if not sound:
        raise CheckpointError(
            f"This would be a StyleGAN2 of {len(channels)} resolutions and {config.mapping_layers} mapping layers"
            f"{_constant_text(config)}, with sizes beyond any that exists: the file is damaged or made up.",
            config=config,
        )
    return config


def _constant_text(config: GeneratorConfig) -> str:
    """The size of an unusual constant; a number of hundreds of digits isn't written out."""
    height, width = config.constant
    if (height, width) == (USUAL_CONSTANT, USUAL_CONSTANT):
        return ""
    return f" that begins with {min(height, _SHOWN)} x {min(width, _SHOWN)}"
