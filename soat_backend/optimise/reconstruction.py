"""From styles to the picture, differentiably, within bounded memory."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.utils.checkpoint import checkpoint

from ..generators import Generator
from ..synthesis.cost import running_bytes
from ..synthesis.loop import begin, synthesize
from ..synthesis.noise import NoiseField

# Maps of a layer's size that its backward pass needs, and the bytes of them all above which they are made anew instead.
_MAPS_PER_LAYER = 7
_MOST_BYTES = 4 << 30


def reconstruct(generator: Generator, styles: Sequence[torch.Tensor]) -> torch.Tensor:
    """The picture `[B, 3, R, R]` float32 of styles, with the generator's constant noise.

    Where the activations are large they aren't kept for the backward pass but computed again, block by block.
    """
    features = begin(generator, tuple(styles), NoiseField("const"))
    if torch.is_grad_enabled() and _bytes_kept(generator, len(styles[0])) > _MOST_BYTES:
        for layer in generator.layers:
            if layer.kind == "conv1":
                features = checkpoint(synthesize, features, layer, use_reentrant=False)
    return synthesize(features).rgb_skip


def gradient_bytes(generator: Generator, batch: int) -> int:
    """About what a picture `reconstruct`ed with its gradient takes besides the weights, of so many at once."""
    return min(_bytes_kept(generator, batch), _MOST_BYTES) + running_bytes(generator, batch)


def _bytes_kept(generator: Generator, batch: int) -> int:
    layers = [layer for layer in generator.layers if layer.is_conv]
    values = sum(generator.config.channels[layer.resolution] * layer.resolution**2 for layer in layers)
    return 4 * _MAPS_PER_LAYER * batch * values
