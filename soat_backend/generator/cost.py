"""What layers cost, to cut jobs into pieces that fit the memory and a user's patience."""

from __future__ import annotations

from ..layers import Layer
from ..ops.kernels import DOUBLING_POINTS, POINTS
from .networks import Generator

# What one piece of work may cost: as much as the costliest layer of a plain picture of configuration F (3x3, 512 to 512
# channels, at 64 px). It bounds the memory of its temporaries, and the time until an interrupt is heard.
LAYER_FLOPS = 2 * 9 * 512 * 512 * 64**2


def flops(generator: Generator, layer: Layer, pixels: float) -> float:
    """Cost of one layer for so many pixels of its output; a conv0 convolves at half the resolution."""
    convolved = pixels / 4 if layer.kind == "conv0" else pixels
    return 2.0 * generator.module(layer).weight.numel() * convolved


def flops_per_pixel(generator: Generator) -> float:
    """Cost of the costliest layer per pixel of the picture."""
    resolution = generator.config.img_resolution
    return max(flops(generator, layer, layer.resolution**2) for layer in generator.layers) / resolution**2


def map_bytes(generator: Generator, layer: Layer, pixels: int) -> int:
    """Memory of one layer's output of so many pixels."""
    return generator.config.channels[layer.resolution] * pixels * generator.dtype.itemsize


def kernel_bytes(generator: Generator) -> int:
    """At most what a generator that runs on the CPU keeps besides its weights: them as its convolutions take them."""
    convolutions = [generator.module(layer) for layer in generator.layers if layer.is_conv]
    points = (DOUBLING_POINTS if each.doubles else POINTS for each in convolutions)
    return sum(each.weight.numel() // 9 * count * 4 for each, count in zip(convolutions, points, strict=True))
