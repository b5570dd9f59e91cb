"""From a feature map to the picture, whole or in tiles."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch

from .canvas import Canvas, Window
from .feature_ops.crop import around, crop
from .features import FeatureMap
from .generator.networks import Generator
from .generator.synthesis import Progress, layers_between, synthesize
from .layers import Layer

# What one layer of one tile may cost when the tile size is automatic: as much as the costliest layer of a plain picture
# of configuration F (3x3, 512 to 512 channels, at 64 px). It bounds memory, and the time until an interrupt is heard.
LAYER_FLOPS = 2 * 9 * 512 * 512 * 64**2
SMALLEST_TILE = 16

# Pixels, at the layer where tiling starts, that a tile's edge can spoil: 1 if that is a conv0, whose conv1 is still to
# come, then 1.5 for the first doubling block and half as much for each one more, so less than 4 in all (the RGB
# skip's upsampling reaches less far).
HALO = 4


def render(features: FeatureMap, tile_size: int = 0, progress: Progress | None = None) -> torch.Tensor:
    """Run the remaining layers.

    Args:
        features: What to render; on the device of its generators.
        tile_size: Side of the tiles in pixels of the picture; canvases of more than its square are rendered in tiles,
            batches of more one by one. 0: automatic; values below SMALLEST_TILE mean that. A tiled picture equals the
            whole one to rounding.
        progress: Called as (steps done, steps in all); may raise to stop.

    Returns:
        `[B, 3, H, W]` float32 in [-1, 1] and beyond where the generator overshoots, on the CPU.
    """
    generator = features.generator
    side = max(tile_size, SMALLEST_TILE) if tile_size > 0 else automatic_tile(generator)
    scale = generator.config.img_resolution // features.resolution
    canvas = features.canvas
    height, width = canvas.height * scale, canvas.width * scale
    if height * width * features.batch <= side**2:
        return synthesize(features, progress=progress).rgb_skip.cpu()
    picture = torch.empty(features.batch, 3, height, width)
    for index in range(features.batch):
        part = _part_of(progress, index, features.batch)
        item = features.item(index)
        if height * width <= side**2:
            picture[index] = synthesize(item, progress=part).rgb_skip[0].cpu()
        else:
            _render_tiled(item, side, picture[index], part)
    return picture


def automatic_tile(generator: Generator) -> int:
    """Side of the tiles in pixels of the picture that keeps every layer below LAYER_FLOPS; at least a whole picture."""
    return max(generator.config.img_resolution, math.isqrt(int(LAYER_FLOPS / _flops_per_pixel(generator))))


def _flops_per_pixel(generator: Generator) -> float:
    """Cost of the costliest layer per pixel of the picture."""
    resolution = generator.config.img_resolution
    return max(_flops(generator, layer, layer.resolution**2) for layer in generator.layers) / resolution**2


def _flops(generator: Generator, layer: Layer, pixels: int) -> int:
    """Cost of one layer for so many pixels of its output; a conv0 convolves at half the resolution."""
    convolved = pixels // 4 if layer.kind == "conv0" else pixels
    return 2 * generator.module(layer).weight.numel() * convolved


def _render_tiled(features: FeatureMap, side: int, picture: torch.Tensor, progress: Progress | None) -> None:
    """Whole layers while each costs no more than a tile's costliest, then tile by tile into `picture` `[3, H, W]`."""
    start = _last_whole_layer(features, side)
    growth = start.resolution // features.resolution
    canvas = Canvas(features.canvas.height * growth, features.canvas.width * growth, features.wrap_y, features.wrap_x)
    scale = features.generator.config.img_resolution // start.resolution
    tiles = list(_tiles(canvas, max(side // scale, 1)))
    parts = 1 + len(tiles)
    features = synthesize(features, until=start, progress=_part_of(progress, 0, parts))
    for index, tile in enumerate(tiles, start=1):
        window = around(canvas, tile, HALO)
        rgb = synthesize(crop(features, window), progress=_part_of(progress, index, parts)).rgb_skip[0].cpu()
        top, left = (tile.top - window.top) * scale, (tile.left - window.left) * scale
        height, width = tile.height * scale, tile.width * scale
        rows = slice(tile.top * scale, tile.top * scale + height)
        columns = slice(tile.left * scale, tile.left * scale + width)
        picture[:, rows, columns] = rgb[:, top : top + height, left : left + width]


def _last_whole_layer(features: FeatureMap, side: int) -> Layer:
    """The last conv1 that can be reached with no layer costing more than a tile's costliest; else where we are."""
    generator, canvas = features.generator, features.canvas
    allowed = _flops_per_pixel(generator) * side**2
    last = features.layer
    for layer in layers_between(features):
        growth = layer.resolution // features.resolution
        if _flops(generator, layer, canvas.height * canvas.width * growth**2) > allowed:
            break
        if layer.kind == "conv1":
            last = layer
    return last


def _tiles(canvas: Canvas, side: int) -> Iterator[Window]:
    for top in range(0, canvas.height, side):
        for left in range(0, canvas.width, side):
            yield Window(top, left, min(side, canvas.height - top), min(side, canvas.width - left))


def _part_of(progress: Progress | None, index: int, count: int) -> Progress | None:
    """Progress of one of several equal parts of a job."""
    if progress is None:
        return None
    return lambda done, total: progress(index * total + done, count * total)
