"""From styles to the picture, differentiably, within bounded memory."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch.utils.checkpoint import checkpoint

from ..generators import Generator
from ..generators.layers import Layer
from ..synthesis.cost import running_bytes
from ..synthesis.feature_map import FeatureMap
from ..synthesis.loop import begin, synthesize
from ..synthesis.noise import NoiseField

# Maps of a layer's size that its backward pass needs, and the bytes of them all above which they are made anew instead.
_MAPS_PER_LAYER = 7
_MOST_BYTES = 4 << 30


def reconstruct(generator: Generator, styles: Sequence[torch.Tensor]) -> FeatureMap:
    """What styles give with the generator's constant noise, run to the picture: `picture` is a batch of them."""
    return synthesize_differentiably(begin(generator, tuple(styles), NoiseField("const")))


def synthesize_differentiably(features: FeatureMap, until: Layer | None = None) -> FeatureMap:
    """As `synthesize`; where the activations are large they aren't kept for the backward pass but computed again."""
    generator = features.generator
    if torch.is_grad_enabled() and _bytes_kept(generator, _pictures(features), features.layer) > _MOST_BYTES:
        for layer in generator.layers.block_ends:
            if layer.style_index > features.layer.style_index and (
                until is None or layer.style_index < until.style_index
            ):
                features = checkpoint(synthesize, features, layer, use_reentrant=False)
    return synthesize(features, until)


def gradient_bytes(generator: Generator, pictures: float, after: Layer | None = None) -> int:
    """About what pictures run with their gradient take besides the weights.

    Args:
        generator: What is run.
        pictures: Batch times the canvas's area, in pictures of the generator.
        after: Where it begins; None: at the beginning.
    """
    start = after or generator.layers.start
    kept = _bytes_kept(generator, pictures, start)
    # What is made anew is a block at a time.
    last = [start, *generator.layers.block_ends][-2]
    anew = max(_MOST_BYTES, _bytes_kept(generator, pictures, last))
    return min(kept, anew) + running_bytes(generator, pictures)


def _pictures(features: FeatureMap) -> float:
    """A batch's canvases together, in pictures of the generator."""
    inner, rate = features.inner, features.sampling_rate
    return features.batch * inner.height * inner.width / rate**2 / math.prod(features.generator.picture)


def _bytes_kept(generator: Generator, pictures: float, after: Layer) -> int:
    layers = generator.layers.between(after)
    values = sum(generator.module(layer).out_channels * layer.sampling_rate**2 for layer in layers)
    return int(4 * _MAPS_PER_LAYER * pictures * values * math.prod(generator.picture))
