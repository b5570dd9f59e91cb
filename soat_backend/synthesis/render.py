"""From a feature map to the picture, whole or in tiles, as its plan says."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch

from ..geometry.canvas import Window
from ..support.runtime import ON_CPU
from .cost import largest_tile
from .crop import crop
from .feature_map import FeatureMap
from .loop import synthesize
from .plan import Part, Plan, Progress, part_of

SMALLEST_TILE = 16
# What one map of a whole canvas may take; layers whose maps are larger are made part by part. Two maps are held at a
# time, the layer's input and its output.
MAP_BYTES = 192 << 20
# What a band of rows that is written to a file may take.
BAND_BYTES = 128 << 20


def plan(features: FeatureMap, tile_size: int = 0) -> Plan:
    """How `render` will make a picture of a feature map; `tile_size` is as there."""
    side = max(tile_size, SMALLEST_TILE) if tile_size > 0 else largest_tile(features.generator)
    whole_bytes = MAP_BYTES if tile_size <= 0 else 0
    return Plan(features.generator, features.layer, features.canvas, features.batch, side**2, whole_bytes)


def render(
    features: FeatureMap, tile_size: int = 0, progress: Progress | None = None, out: torch.Tensor | None = None
) -> torch.Tensor:
    """Run the remaining layers to the picture.

    Args:
        features: What to render; on the device of its generators.
        tile_size: Side of the tiles in pixels of the picture; canvases of more than its square are rendered in tiles,
            batches of more one by one. 0: automatic; smaller values become SMALLEST_TILE. A tiled picture equals the
            whole one to rounding.
        progress: Called as (steps done, steps in all); may raise to stop.
        out: Where the picture is put, tile by tile, so that `progress` can look at what there is: float32 on the CPU,
            of the picture's shape.

    Returns:
        `[B, img_channels, H, W]` float32 in [-1, 1] and beyond where the generator overshoots, on the CPU.
    """
    whole = plan(features, tile_size)
    if not whole.one_by_one:
        rgb = synthesize(features, progress=progress).picture.cpu()
        return rgb if out is None else out.copy_(rgb)
    channels = features.generator.img_channels
    picture = torch.empty(features.batch, channels, *whole.size, **ON_CPU) if out is None else out
    for index in range(features.batch):
        of_this = part_of(progress, index, features.batch)
        item = features.item(index)
        if not whole.in_tiles:
            picture[index] = synthesize(item, progress=of_this).picture[0].cpu()
            continue
        for place, rgb in tiles(item, plan(item, tile_size), of_this):
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
        uint8 `[h, W, img_channels]`, the very pixels that ComfyUI's SaveImage writes of `render`'s picture.
    """
    whole = plan(features, tile_size)
    width, channels = whole.size[1], features.generator.img_channels
    height = max(min(math.isqrt(whole.tile_pixels), BAND_BYTES // (channels * width)), SMALLEST_TILE)
    band = np.empty((0, width, channels), np.uint8)
    for place, rgb in tiles(features, whole, progress, rows=height):
        if place.left == 0:
            band = np.empty((place.height, width, channels), np.uint8)
        pixels = rgb.permute(1, 2, 0).clamp(-1.0, 1.0).add(1.0).div(2.0).mul(255.0)
        band[:, place.left : place.left + place.width] = pixels.to(torch.uint8).numpy()
        if place.left + place.width == width:
            yield band


def tiles(
    features: FeatureMap, whole: Plan, progress: Progress | None = None, rows: int = 0
) -> Iterator[tuple[Window, torch.Tensor]]:
    """Make a picture tile by tile.

    Layers whose maps of the whole canvas fit the memory are made whole. Then the canvas is cut into parts with a halo,
    as large as lets the next block's map fit, each of those again, until parts are tiles: so halos stay thin.

    Args:
        features: One image's.
        whole: The plan.
        progress: As of `render`.
        rows: If not 0, tiles come in order: in bands of so many rows of the picture, each from left to right.

    Yields:
        Where the tile lies in the picture, and its pixels `[img_channels, h, w]` float32 on the CPU.
    """
    layers = features.generator.layers
    first, count = len(layers.between(features.layer, whole.whole_until)), len(layers.between(features.layer))
    rest = part_of(progress, first, count, count - first)
    features = synthesize(features, until=whole.whole_until, progress=part_of(progress, 0, count, first))
    parts = whole.parts(rows)
    for index, part in enumerate(parts):
        yield from _tiles_of(features, part, part_of(rest, index, len(parts)))


def _tiles_of(features: FeatureMap, part: Part, progress: Progress | None) -> Iterator[tuple[Window, torch.Tensor]]:
    """Make one part of a canvas tile by tile."""
    for index, piece in enumerate(part.pieces):
        yield from _tiles_of(features, piece, part_of(progress, index, len(part.pieces)))
    if part.pieces:
        return
    cut = crop(features, part.cut)
    if part.next is None:
        own, place = part.inside.scaled(part.scale), part.window.scaled(part.scale)
        rgb = synthesize(cut).picture[0].cpu()
        yield place, rgb[:, own.top : own.top + own.height, own.left : own.left + own.width]
        return
    layers = features.generator.layers
    done, count = len(layers.between(part.layer, part.until)), len(layers.between(part.layer))
    cut = synthesize(cut, until=part.until, progress=part_of(progress, 0, count, done))
    for place, rgb in _tiles_of(cut, part.next, part_of(progress, done, count, count - done)):
        yield (
            replace(place, top=place.top + part.cut.top * part.scale, left=place.left + part.cut.left * part.scale),
            rgb,
        )
