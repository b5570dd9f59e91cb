"""How a picture of any shape is covered by pictures of the generator, and the canvas that their codes make."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F

from ..feature_ops import stitch
from ..generators import Generator
from ..generators.layers import Layer
from ..geometry.canvas import Window
from ..perceptual.lpips import LARGEST_SIDE
from ..synthesis.crop import crop
from ..synthesis.feature_map import FeatureMap
from ..synthesis.loop import synthesize

# Where the pictures of a canvas are joined, as panoramas are: the layers after it make one landscape of them.
FIRST_LAYER = "b4.conv1"
# Of a picture: over how much of it its styles fade into its neighbour's. Wider, and both would have to be everywhere.
_BLEND_WIDTH = 0.5


@dataclass(frozen=True)
class Layout:
    """Windows of one picture of the generator each, in rows, that cover a canvas.

    The pictures are joined at an early layer, whose samples are few; so windows lie at whole samples of that, and the
    last ones may reach beyond the canvas's right and bottom.

    Attributes:
        layer: Where the canvas's map is taken.
        seam_layer: Where the pictures are joined: at that layer or before.
        height: Of the canvas, in samples of `layer` without margins.
        width: The same across.
        tops: Where the windows of each row begin, in samples of `seam_layer`.
        lefts: The same of each column.
        size: Height and width of a window, in samples of `seam_layer`.
        scale: Pixels of a sample of `layer`.
    """

    layer: Layer
    seam_layer: Layer
    height: int
    width: int
    tops: tuple[int, ...]
    lefts: tuple[int, ...]
    size: tuple[int, int]
    scale: int

    @property
    def count(self) -> int:
        """The number of windows."""
        return len(self.tops) * len(self.lefts)

    @property
    def picture_size(self) -> tuple[int, int]:
        """Height and width of the canvas's picture in pixels."""
        return self.height * self.scale, self.width * self.scale

    @property
    def pictures(self) -> float:
        """The canvas's area in pictures of the generator."""
        step = self._step
        return self.height * self.width / (math.prod(self.size) * step**2)

    @property
    def seen_side(self) -> int:
        """Pixels of the longer side with which likeness is judged: of each of the generator's pictures as of one."""
        sides = [size * self._step for size in self.size]
        longer = max(self.height, self.width) / max(sides)
        return max(round(LARGEST_SIDE * longer), LARGEST_SIDE)

    @property
    def _step(self) -> int:
        """Samples of `layer` along one of `seam_layer`."""
        return self.layer.sampling_rate // self.seam_layer.sampling_rate

    def windows(self, pictures: torch.Tensor) -> torch.Tensor:
        """Cut the canvas's pictures into windows; what lies beyond it is 0.

        Args:
            pictures: `[B, C, H, W]` of `picture_size`.

        Returns:
            `[B * count, C, h, w]`: those of each picture one after the other, row by row.
        """
        pixels = self._step * self.scale
        height, width = (size * pixels for size in self.size)
        below, right = (
            (starts[-1] + size) * pixels - own
            for starts, size, own in zip((self.tops, self.lefts), self.size, self.picture_size, strict=True)
        )
        padded = F.pad(pictures, (0, right, 0, below))
        cut = [
            padded[:, :, top * pixels : top * pixels + height, left * pixels : left * pixels + width]
            for top in self.tops
            for left in self.lefts
        ]
        return torch.stack(cut, 1).flatten(0, 1)

    def canvas(self, maps: Sequence[FeatureMap]) -> FeatureMap:
        """Join the maps of the windows' codes at `seam_layer`, and run the canvas that they make to `layer`.

        Args:
            maps: One of each window, row by row.
        """
        if self.count == 1:
            return synthesize(maps[0], self.layer)
        columns = len(self.lefts)
        rows = [
            stitch(
                [
                    crop(maps[row * columns + column], Window(top, left, height, width))
                    for column, (left, width) in enumerate(_shares(self.lefts, self.size[1]))
                ],
                "horizontal",
                _BLEND_WIDTH,
            )
            for row, (top, height) in enumerate(_shares(self.tops, self.size[0]))
        ]
        made = synthesize(stitch(rows, "vertical", _BLEND_WIDTH), self.layer)
        return crop(made, Window(0, 0, self.height, self.width))


def layout_of(generator: Generator, layer: Layer, size: tuple[int, int]) -> Layout:
    """Of a picture whose smaller side is one of the generator's pictures.

    Args:
        generator: Any.
        layer: Where the canvas's map is to be taken; its samples round the picture's longer side.
        size: Height and width of the picture, in any unit.
    """
    seam_layer = generator.layers.find(FIRST_LAYER, with_features=True)
    if seam_layer.style_index > layer.style_index:
        seam_layer = layer
    length = min(side / own for side, own in zip(size, generator.picture, strict=True))
    height, width = (
        max(round(side / length * layer.sampling_rate), round(own * layer.sampling_rate))
        for side, own in zip(size, generator.picture, strict=True)
    )
    own = tuple(round(each * seam_layer.sampling_rate) for each in generator.picture)
    step = layer.sampling_rate // seam_layer.sampling_rate
    tops, lefts = (_starts(-(-cells // step), side) for cells, side in zip((height, width), own, strict=True))
    scale = generator.layers.last.sampling_rate // layer.sampling_rate
    return Layout(layer, seam_layer, height, width, tops, lefts, (own[0], own[1]), scale)


def _starts(cells: int, own: int) -> tuple[int, ...]:
    """Where as few windows as cover so many samples begin, evenly spread."""
    count = -(-cells // own)
    return tuple(round(number * (cells - own) / max(count - 1, 1)) for number in range(count))


def _shares(starts: tuple[int, ...], own: int) -> list[tuple[int, int]]:
    """What each window has of the canvas, up to the middle of what it shares: its first sample there, and how many."""
    borders = [0, *((before + own + after) // 2 for before, after in pairwise(starts))]
    ends = [*borders[1:], starts[-1] + own]
    return [(first - start, end - first) for start, first, end in zip(starts, borders, ends, strict=True)]
