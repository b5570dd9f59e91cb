"""What layers cost, to cut jobs into pieces that fit the memory and a user's patience, and to ask for room for them."""

from __future__ import annotations

import torch

from ..generators.layers import Layer
from ..generators.networks import Generator
from ..ops.kernels import DOUBLING_POINTS, POINTS

# What one piece of work may cost: as much as the costliest layer of a plain picture of configuration F (3x3, 512 to 512
# channels, at 64 px). It bounds the memory of its temporaries, and the time until an interrupt is heard.
LAYER_FLOPS = 2 * 9 * 512 * 512 * 64**2
# Maps that a layer's run holds at once, of float32 at most: the window, its scaled copy, the result, the sum.
_MAPS_AT_ONCE = 4


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


def running_bytes(generator: Generator, pictures: float, until: Layer | None = None) -> int:
    """About what a run to a layer, or to the picture, holds at once besides the weights.

    Args:
        generator: What is run.
        pictures: Batch times the canvas's area in pictures.
        until: The layer; None: to the end.
    """
    last = until.resolution if until else generator.config.img_resolution
    largest = max(channels * side**2 for side, channels in generator.config.channels.items() if side <= last)
    return int(_MAPS_AT_ONCE * torch.float32.itemsize * pictures * largest)


def kernel_bytes(generator: Generator, device_type: str = "cpu") -> int:
    """At most what a generator keeps besides its weights where it runs: them as its convolutions take them."""
    convolutions = [generator.module(layer) for layer in generator.layers if layer.is_conv]
    if device_type != "cpu":
        return sum(each.weight.numel() for each in convolutions) * generator.dtype.itemsize
    points = (DOUBLING_POINTS if each.doubles else POINTS for each in convolutions)
    return sum(each.weight.numel() // 9 * count * 4 for each, count in zip(convolutions, points, strict=True))
