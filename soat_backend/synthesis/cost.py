"""What layers cost, to cut jobs into pieces that fit the memory and a user's patience, and to ask for room for them."""

from __future__ import annotations

import math

import torch

from ..generators import Generator
from ..generators.layers import Layer

# What one piece of work may cost: as much as the costliest layer of a plain picture of configuration F (3x3, 512 to 512
# channels, at 64 px). It bounds the memory of its temporaries, and the time until an interrupt is heard.
PIECE_FLOPS = 2 * 9 * 512 * 512 * 64**2
# Maps that a layer's run holds at once, of float32 at most: the window, its scaled copy, the result, the sum.
_MAPS_AT_ONCE = 4


def flops_per_pixel(generator: Generator) -> float:
    """Cost of the costliest layer per pixel of the picture."""
    costs = (generator.module(layer).flops(layer.sampling_rate**2) for layer in generator.layers.with_features)
    return max(costs) / generator.layers.last.sampling_rate**2


def largest_tile(generator: Generator) -> int:
    """Side in pixels of a tile that keeps every layer below PIECE_FLOPS; at least as many pixels as a picture."""
    picture = math.ceil(math.sqrt(math.prod(generator.img_size)))
    return max(picture, math.isqrt(int(PIECE_FLOPS / flops_per_pixel(generator))))


def map_bytes(generator: Generator, layer: Layer, samples: int) -> int:
    """Memory of so many samples of one layer's output."""
    return generator.module(layer).out_channels * samples * generator.dtype.itemsize


def largest_map_bytes(generator: Generator, pixels: int) -> int:
    """Memory of the largest of the maps that lead to so many pixels of the picture."""
    side = generator.layers.last.sampling_rate
    return max(
        map_bytes(generator, layer, int(pixels * (layer.sampling_rate / side) ** 2))
        for layer in generator.layers.with_features
    )


def running_bytes(generator: Generator, pictures: float, until: Layer | None = None) -> int:
    """About what a run to a layer, or to the picture, holds at once besides the weights.

    Args:
        generator: What is run.
        pictures: Batch times the canvas's area, in pictures of the generator.
        until: The layer; None: to the end.
    """
    layers = generator.layers.between(generator.layers.start, until)
    largest = max(generator.module(layer).out_channels * layer.sampling_rate**2 for layer in layers)
    return int(_MAPS_AT_ONCE * torch.float32.itemsize * pictures * math.prod(generator.picture) * largest)


def kernel_bytes(generator: Generator, device_type: str = "cpu") -> int:
    """The most memory that a generator keeps besides its weights where it runs: them as its convolutions take them."""
    modules = (generator.module(layer) for layer in generator.layers.with_features)
    return sum(module.kernel_bytes(device_type, generator.dtype) for module in modules)
