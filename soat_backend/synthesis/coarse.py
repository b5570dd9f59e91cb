"""Coarse pictures: what the layers up to some size have painted, soon made and near what the whole generator paints."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from ..generators import Generator
from ..generators.layers import Layer
from .feature_map import FeatureMap
from .loop import synthesize
from .views import rgb_so_far


def coarse_layer(generator: Generator, side: int) -> Layer:
    """The last layer that has colours and a picture of at most `side` pixels; the picture's own without one.

    StyleGAN3, `orig` and `resnet` make no colours before their end.
    """
    layers = generator.layers
    coloured = [
        layer
        for layer in layers.block_ends
        if layer.torgb and max(layer.samples(length) for length in generator.picture) <= side
    ]
    return coloured[-1] if coloured else layers.last


def coarse_picture(features: FeatureMap, side: int) -> torch.Tensor | None:
    """A feature map's picture, coarse.

    Args:
        features: On the device of its generators.
        side: Pixels of the longer side of a picture, at most; canvases are as much larger as they are wider.

    Returns:
        `[B, 3, h, w]` float32 in [0, 1] on the CPU, its contrast stretched; None where there is nothing between this
        layer and the picture's that has colours.
    """
    layer = coarse_layer(features.generator, side)
    if layer == features.generator.layers.last or layer.style_index < features.layer.style_index:
        return None
    return stretched(rgb_so_far(synthesize(features, until=layer)).cpu())


def stretched(pictures: torch.Tensor) -> torch.Tensor:
    """Pictures `[B, 3, h, w]` that lack what later layers paint, with the contrast of whole ones, in [0, 1]."""
    return ((pictures - pictures.mean()) / (5.0 * pictures.std().clamp_min(1e-6)) + 0.5).clamp(0.0, 1.0)


def shrunk(pictures: torch.Tensor, side: int) -> torch.Tensor:
    """Pictures `[B, C, h, w]` averaged down until their longer side has `side` pixels; smaller ones as they are."""
    height, width = pictures.shape[2:]
    size = shrunk_size(height, width, side)
    return pictures if pictures.shape[2:] == size else F.adaptive_avg_pool2d(pictures, size)


def shrunk_size(height: int, width: int, side: int) -> tuple[int, int]:
    """Height and width that `shrunk` gives."""
    longer = max(height, width)
    if longer <= side:
        return height, width
    return max(round(height * side / longer), 1), max(round(width * side / longer), 1)
