"""From a feature map to the picture, whole or in tiles."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch

from ..generators.layers import Layer
from ..generators.networks import Generator
from ..geometry.canvas import Window
from ..support.runtime import ON_CPU
from .cost import LAYER_FLOPS, flops_per_pixel, map_bytes, running_bytes
from .crop import around, crop
from .feature_map import FeatureMap
from .loop import Progress, layers_between, synthesize

SMALLEST_TILE = 16
# What one map of a whole canvas may take; layers whose maps are larger are made part by part, whose maps may take a
# sixth of it. Two maps are held at a time of each, the layer's input and its output.
MAP_BYTES = 192 << 20
PART_OF_WHOLE = 6

# What a band of rows that is written to a file may take.
BAND_BYTES = 128 << 20

# Pixels, at the layer where tiling starts, that a tile's edge can spoil: 1 if that is a conv0, whose conv1 is still to
# come, then 1.5 for the first doubling block and half as much for each one more, so less than 4 in all (the RGB
# skip's upsampling reaches less far).
HALO = 4


def render(
    features: FeatureMap, tile_size: int = 0, progress: Progress | None = None, out: torch.Tensor | None = None
) -> torch.Tensor:
    """Run the remaining layers.

    Args:
        features: What to render; on the device of its generators.
        tile_size: Side of the tiles in pixels of the picture; canvases of more than its square are rendered in tiles,
            batches of more one by one. 0: automatic; values below SMALLEST_TILE mean that. A tiled picture equals the
            whole one to rounding.
        progress: Called as (steps done, steps in all); may raise to stop.
        out: Where the picture is put, tile by tile, so that `progress` can look at what there is: float32 on the CPU,
            of the picture's shape.

    Returns:
        `[B, 3, H, W]` float32 in [-1, 1] and beyond where the generator overshoots, on the CPU.
    """
    side = tile_side(features.generator, tile_size)
    height, width = picture_size(features)
    if not comes_in_parts(features, tile_size):
        rgb = synthesize(features, progress=progress).rgb_skip.cpu()
        return rgb if out is None else out.copy_(rgb)
    picture = torch.empty(features.batch, 3, height, width, **ON_CPU) if out is None else out
    for index in range(features.batch):
        part = _part_of(progress, index, features.batch)
        item = features.item(index)
        if height * width <= side**2:
            picture[index] = synthesize(item, progress=part).rgb_skip[0].cpu()
            continue
        for place, rgb in tiles(item, side**2, part, MAP_BYTES if tile_size <= 0 else 0):
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
    for place, rgb in tiles(features, side**2, progress, MAP_BYTES if tile_size <= 0 else 0, rows=height):
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


def comes_in_parts(features: FeatureMap, tile_size: int = 0) -> bool:
    """Whether `render` makes a picture tile by tile, or a batch one by one, so that there is something to see of it."""
    height, width = picture_size(features)
    return height * width * features.batch > tile_side(features.generator, tile_size) ** 2


def rendering_bytes(features: FeatureMap) -> int:
    """About what `render` holds at once besides weights and the result; of large canvases, of their parts."""
    height, width = picture_size(features)
    pixels, tile = features.batch * height * width, automatic_tile(features.generator) ** 2
    of_tiles = running_bytes(features.generator, min(pixels, tile) / features.generator.config.img_resolution**2)
    # Two maps of the whole canvas, and two of its parts.
    return of_tiles + (4 * MAP_BYTES if pixels > tile else 0)


def tile_side(generator: Generator, tile_size: int) -> int:
    """The side of a tile for a node's `tile_size`."""
    return max(tile_size, SMALLEST_TILE) if tile_size > 0 else automatic_tile(generator)


def automatic_tile(generator: Generator) -> int:
    """Side of the tiles in pixels of the picture that keeps every layer below LAYER_FLOPS; at least a whole picture."""
    return max(generator.config.img_resolution, math.isqrt(int(LAYER_FLOPS / flops_per_pixel(generator))))


def tiles(
    features: FeatureMap,
    tile_pixels: int,
    progress: Progress | None = None,
    whole_bytes: int = MAP_BYTES,
    rows: int = 0,
) -> Iterator[tuple[Window, torch.Tensor]]:
    """A picture in tiles.

    Layers whose maps of the whole canvas fit the memory are made whole. Then the canvas is cut into parts with a halo,
    as large as lets the next resolution fit, each of those again, until parts are tiles: so halos stay thin.

    Args:
        features: One image's.
        tile_pixels: Pixels of the picture whose maps always may be made.
        progress: As of `render`.
        whole_bytes: What a map of the whole canvas may take; a part's, PART_OF_WHOLE of it.
        rows: If not 0, tiles come in order: in bands of so many rows of the picture, each from left to right.

    Yields:
        Where the tile lies in the picture, and its pixels `[3, h, w]` float32 on the CPU.
    """
    of_a_tile = _largest_map(features.generator, tile_pixels)
    start = _last_whole_layer(features, max(of_a_tile, whole_bytes))
    first, whole_share = len(layers_between(features, start)), len(layers_between(features))
    rest = _part_of(progress, first, whole_share, whole_share - first)
    features = synthesize(features, until=start, progress=_part_of(progress, 0, whole_share, first))
    scale = features.generator.config.img_resolution // features.resolution
    canvas = features.canvas
    height = max(rows // scale, 1) if rows else canvas.height
    tops = range(0, canvas.height, height)
    part_bytes = max(of_a_tile, whole_bytes // PART_OF_WHOLE)
    for index, top in enumerate(tops):
        band = Window(top, 0, min(height, canvas.height - top), canvas.width)
        yield from _part(features, band, part_bytes, bool(rows), _part_of(rest, index, len(tops)))


def _part(
    features: FeatureMap, part: Window, part_bytes: int, in_order: bool, progress: Progress | None
) -> Iterator[tuple[Window, torch.Tensor]]:
    """A part of a canvas in tiles: cut out with a halo and run to the end, or to where it has to be cut again."""
    following = next((layer for layer in layers_between(features) if layer.kind == "conv1"), None)
    growth = following.resolution // features.resolution if following else 1
    allowed = max(part_bytes // map_bytes(features.generator, following, growth**2), 1) if following else math.inf
    if part.height * part.width > allowed:
        pieces = list(_pieces(part, int(allowed), in_order))
        for index, piece in enumerate(pieces):
            yield from _part(features, piece, part_bytes, in_order, _part_of(progress, index, len(pieces)))
        return
    window = around(features.canvas, part, HALO)
    inner = crop(features, window)
    own = Window(part.top - window.top, part.left - window.left, part.height, part.width)
    scale = features.generator.config.img_resolution // features.resolution
    if following is None:
        own, place = own.scaled(scale), part.scaled(scale)
        rgb = synthesize(inner).rgb_skip[0].cpu()
        yield place, rgb[:, own.top : own.top + own.height, own.left : own.left + own.width]
        return
    done, count = len(layers_between(inner, following)), len(layers_between(inner))
    inner = synthesize(inner, until=following, progress=_part_of(progress, 0, count, done))
    rest = _part_of(progress, done, count, count - done)
    for place, rgb in _part(inner, own.scaled(growth), part_bytes, in_order, rest):
        yield replace(place, top=place.top + window.top * scale, left=place.left + window.left * scale), rgb


def _last_whole_layer(features: FeatureMap, allowed: int) -> Layer:
    """The last conv1 whose map of the whole canvas takes no more bytes than allowed; else where we are."""
    canvas, last = features.canvas, features.layer
    for layer in layers_between(features):
        growth = layer.resolution // features.resolution
        if map_bytes(features.generator, layer, canvas.height * canvas.width * growth**2) > allowed:
            break
        if layer.kind == "conv1":
            last = layer
    return last


def _largest_map(generator: Generator, pixels: int) -> int:
    """Bytes of the largest of the maps that lead to so many pixels of the picture."""
    shares = {layer: (layer.resolution / generator.config.img_resolution) ** 2 for layer in generator.layers}
    return max(map_bytes(generator, layer, int(pixels * share)) for layer, share in shares.items())


def _pieces(window: Window, pixels: int, in_order: bool) -> Iterator[Window]:
    """A window in pieces of about so many pixels: squares as far as may be, or from left to right."""
    height = window.height if in_order else min(window.height, max(math.isqrt(pixels), 1))
    width = max(pixels // height, 1)
    for top in range(0, window.height, height):
        for left in range(0, window.width, width):
            size = min(height, window.height - top), min(width, window.width - left)
            yield Window(window.top + top, window.left + left, *size)


def _part_of(progress: Progress | None, index: int, count: int, parts: int = 1) -> Progress | None:
    """Progress of one or more of the equal parts of a job, the first of them at that index."""
    if progress is None:
        return None
    return lambda done, total: progress(index * total + done * parts, count * total)
