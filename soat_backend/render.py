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

# What one layer of one tile may cost when the tile size is automatic: as much as the costliest layer of a plain picture
# of configuration F (3x3, 512 to 512 channels, at 64 px). It bounds memory, and the time until an interrupt is heard.
LAYER_FLOPS = 2 * 9 * 512 * 512 * 64**2
SMALLEST_TILE = 16

# Pixels, at the layer where tiling starts, that a tile's edge can spoil: 1.5 for the first doubling block, half as much
# for each one more, so less than 3 in all (the RGB skip's upsampling reaches less far).
HALO = 3


def render(features: FeatureMap, tile_size: int = 0, progress: Progress | None = None) -> torch.Tensor:
    """Run the remaining layers.

    Args:
        features: What to render; on the device of its generators.
        tile_size: Side of the tiles in pixels of the picture, for canvases larger than it; 0: automatic. A tiled
            picture equals the whole one to rounding.
        progress: Called as (steps done, steps in all); may raise to stop.

    Returns:
        `[B, 3, H, W]` float32 in [-1, 1] and beyond where the generator overshoots, on the CPU.
    """
    side = max(tile_size, SMALLEST_TILE) if tile_size else automatic_tile(features.generator)
    scale = features.generator.config.img_resolution // features.resolution
    canvas = features.canvas
    area = canvas.height * canvas.width * scale**2
    if area * features.batch <= side**2:
        return synthesize(features, progress=progress).rgb_skip.cpu()
    pictures = []
    for index in range(features.batch):
        part = _part_of(progress, index, features.batch)
        item = features.item(index)
        whole = area <= side**2
        pictures.append(synthesize(item, progress=part).rgb_skip.cpu() if whole else _render_tiled(item, side, part))
    return torch.cat(pictures)


def automatic_tile(generator: Generator) -> int:
    """Side of the tiles in pixels of the picture that keeps every layer below LAYER_FLOPS; at least a whole picture."""
    resolution, channels = generator.config.img_resolution, generator.config.channels
    per_pixel = max(2 * 9 * count**2 * (side / resolution) ** 2 for side, count in channels.items())
    return max(resolution, math.isqrt(int(LAYER_FLOPS / per_pixel)))


def _render_tiled(features: FeatureMap, side: int, progress: Progress | None) -> torch.Tensor:
    """Whole layers while the canvas is no larger than a tile, then tile by tile."""
    for layer in layers_between(features):
        scale = layer.resolution // features.resolution
        if layer.kind == "conv1" and features.canvas.height * features.canvas.width * scale**2 <= side**2:
            features = synthesize(features, until=layer)
    canvas = features.canvas
    scale = features.generator.config.img_resolution // features.resolution
    picture = torch.empty(features.batch, 3, canvas.height * scale, canvas.width * scale)
    tiles = list(_tiles(canvas, max(side // scale, 1)))
    for index, tile in enumerate(tiles):
        window = around(canvas, tile, HALO)
        rgb = synthesize(crop(features, window), progress=_part_of(progress, index, len(tiles))).rgb_skip.cpu()
        top, left = (tile.top - window.top) * scale, (tile.left - window.left) * scale
        height, width = tile.height * scale, tile.width * scale
        rows = slice(tile.top * scale, tile.top * scale + height)
        columns = slice(tile.left * scale, tile.left * scale + width)
        picture[:, :, rows, columns] = rgb[:, :, top : top + height, left : left + width]
    return picture


def _tiles(canvas: Canvas, side: int) -> Iterator[Window]:
    for top in range(0, canvas.height, side):
        for left in range(0, canvas.width, side):
            yield Window(top, left, min(side, canvas.height - top), min(side, canvas.width - left))


def _part_of(progress: Progress | None, index: int, count: int) -> Progress | None:
    """Progress of one of several equal parts of a job."""
    if progress is None:
        return None
    return lambda done, total: progress(index * total + done, count * total)
