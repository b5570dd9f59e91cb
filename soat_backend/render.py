"""From a feature map to the picture, whole or in tiles."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch

from .canvas import Canvas, Window
from .feature_ops.crop import around, crop
from .features import FeatureMap
from .generator.cost import LAYER_FLOPS, flops_per_pixel, map_bytes
from .generator.networks import Generator
from .generator.synthesis import Progress, layers_between, synthesize
from .layers import Layer

SMALLEST_TILE = 16
# What one map of a whole canvas may take; layers whose maps are larger are made tile by tile. Two of them are held at
# a time, the layer's input and its output.
MAP_BYTES = 256 << 20

# What a band of rows that is written to a file may take.
BAND_BYTES = 128 << 20

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
    side = tile_side(features.generator, tile_size)
    height, width = picture_size(features)
    if height * width * features.batch <= side**2:
        return synthesize(features, progress=progress).rgb_skip.cpu()
    picture = torch.empty(features.batch, 3, height, width)
    for index in range(features.batch):
        part = _part_of(progress, index, features.batch)
        item = features.item(index)
        if height * width <= side**2:
            picture[index] = synthesize(item, progress=part).rgb_skip[0].cpu()
            continue
        for place, rgb in tiles(item, side, side, part, MAP_BYTES if tile_size <= 0 else 0):
            rows, columns = (slice(place.top, place.top + place.height), slice(place.left, place.left + place.width))
            picture[index, :, rows, columns] = rgb
    return picture


def bands(features: FeatureMap, tile_size: int = 0, progress: Progress | None = None) -> Iterator[np.ndarray]:
    """A picture from top to bottom, in bands over its whole width; what is written to a file is never held whole.

    Args:
        features: One image's.
        tile_size: As of `render`.
        progress: As of `render`.

    Yields:
        uint8 `[h, W, 3]`, the very pixels that ComfyUI's SaveImage writes of `render`'s picture.
    """
    side, (_, width) = tile_side(features.generator, tile_size), picture_size(features)
    height = max(min(side, BAND_BYTES // (3 * width)), SMALLEST_TILE)
    band = np.empty((0, width, 3), np.uint8)
    for place, rgb in tiles(features, height, side**2 // height, progress, MAP_BYTES if tile_size <= 0 else 0):
        if place.left == 0:
            band = np.empty((place.height, width, 3), np.uint8)
        pixels = rgb.permute(1, 2, 0).clamp(-1.0, 1.0).add(1.0).div(2.0).mul(255.0)
        band[:, place.left : place.left + place.width] = pixels.to(torch.uint8).numpy()
        if place.left + place.width == width:
            yield band


def picture_size(features: FeatureMap) -> tuple[int, int]:
    """Height and width of what comes of a feature map, in pixels."""
    scale = features.generator.config.img_resolution // features.resolution
    return features.canvas.height * scale, features.canvas.width * scale


def tile_side(generator: Generator, tile_size: int) -> int:
    """The side of a tile for a node's `tile_size`."""
    return max(tile_size, SMALLEST_TILE) if tile_size > 0 else automatic_tile(generator)


def automatic_tile(generator: Generator) -> int:
    """Side of the tiles in pixels of the picture that keeps every layer below LAYER_FLOPS; at least a whole picture."""
    return max(generator.config.img_resolution, math.isqrt(int(LAYER_FLOPS / flops_per_pixel(generator))))


def tiles(
    features: FeatureMap,
    height: int,
    width: int,
    progress: Progress | None = None,
    whole_bytes: int = MAP_BYTES,
) -> Iterator[tuple[Window, torch.Tensor]]:
    """A picture in tiles, row by row of tiles, each row from left to right.

    Layers whose maps of the whole canvas fit the memory are made whole; the rest tile by tile, with a halo.

    Args:
        features: One image's.
        height: Of the tiles in pixels of the picture; a canvas that is less high has tiles so much wider.
        width: Of the tiles.
        progress: As of `render`.
        whole_bytes: What a map of the whole canvas may take; one that is no larger than a tile's largest always may.

    Yields:
        Where the tile lies in the picture, and its pixels `[3, h, w]` float32 on the CPU.
    """
    start = _last_whole_layer(features, height * width, whole_bytes)
    growth = start.resolution // features.resolution
    canvas = Canvas(features.canvas.height * growth, features.canvas.width * growth, features.wrap_y, features.wrap_x)
    scale = features.generator.config.img_resolution // start.resolution
    area = max(height * width // scale**2, 1)
    high = min(max(height // scale, 1), canvas.height)
    places = list(_places(canvas, high, max(area // high, 1)))
    parts = 1 + len(places)
    features = synthesize(features, until=start, progress=_part_of(progress, 0, parts))
    for index, tile in enumerate(places, start=1):
        window = around(canvas, tile, HALO)
        rgb = synthesize(crop(features, window), progress=_part_of(progress, index, parts)).rgb_skip[0].cpu()
        top, left = (tile.top - window.top) * scale, (tile.left - window.left) * scale
        place = Window(tile.top * scale, tile.left * scale, tile.height * scale, tile.width * scale)
        yield place, rgb[:, top : top + place.height, left : left + place.width]


def _last_whole_layer(features: FeatureMap, tile_pixels: int, whole_bytes: int) -> Layer:
    """The last conv1 whose map of the whole canvas is no larger than a tile's largest, or fits; else where we are."""
    generator, canvas = features.generator, features.canvas
    shares = {layer: (layer.resolution / generator.config.img_resolution) ** 2 for layer in generator.layers}
    of_a_tile = max(map_bytes(generator, layer, int(tile_pixels * share)) for layer, share in shares.items())
    allowed, last = max(of_a_tile, whole_bytes), features.layer
    for layer in layers_between(features):
        growth = layer.resolution // features.resolution
        if map_bytes(generator, layer, canvas.height * canvas.width * growth**2) > allowed:
            break
        if layer.kind == "conv1":
            last = layer
    return last


def _places(canvas: Canvas, height: int, width: int) -> Iterator[Window]:
    for top in range(0, canvas.height, height):
        for left in range(0, canvas.width, width):
            yield Window(top, left, min(height, canvas.height - top), min(width, canvas.width - left))


def _part_of(progress: Progress | None, index: int, count: int) -> Progress | None:
    """Progress of one of several equal parts of a job."""
    if progress is None:
        return None
    return lambda done, total: progress(index * total + done, count * total)
