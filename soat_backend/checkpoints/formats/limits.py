"""How large a generator may claim to be, before anything of such a size is made."""

from __future__ import annotations

import math

from ...generators import GeneratorConfig
from ...support.errors import CheckpointError

_MAX_RESOLUTION = 4096
_MAX_CHANNELS = 8192
_MAX_LAYERS = 64
_MAX_CLASSES = 1 << 15


def within_limits(config: GeneratorConfig) -> GeneratorConfig:
    """The same configuration.

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
            f"This would be a StyleGAN2 of {len(channels)} resolutions and {config.mapping_layers} mapping layers, "
            "with sizes beyond any that exists: the file is damaged or made up.",
            config=config,
        )
    return config
