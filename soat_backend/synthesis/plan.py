"""What a render will take, worked out before it runs: which layers on which windows, how many steps, how many bytes.

A plan holds sizes and places only, no tensors; `loop.py` and `render.py` follow it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from ..generators import Generator
from ..generators.layers import Layer
from ..geometry.canvas import Canvas, Window, around
from .cost import PIECE_FLOPS, largest_map_bytes, map_bytes, running_bytes

# A map of a part may take a sixth of what one of a whole canvas may.
PART_OF_WHOLE = 6
# Windows of this many times the work of a piece are run in blocks.
_BLOCKS_FROM = 4

# Called at each step of a long job as (steps done, steps in all); may raise to stop the job.
Progress = Callable[[int, int], None]


class Steps:
    """Counts the steps of a job and reports each."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.total, self.progress, self.done = total, progress, 0

    def __call__(self) -> None:
        """Count one step more, and report it."""
        self.done += 1
        self.again()

    def again(self) -> None:
        """Report once more, within a long step, so that it can be stopped."""
        if self.progress:
            self.progress(self.done, self.total)


def part_of(progress: Progress | None, index: int, count: int, parts: int = 1) -> Progress | None:
    """Progress of one or more of the equal parts of a job, the first of them at that index."""
    if progress is None:
        return None
    return lambda done, total: progress(index * total + done * parts, count * total)


def blocks(generator: Generator, layer: Layer, canvas: Canvas, window: Window, batch: int) -> Iterator[Window]:
    """A window in blocks of no more work than PIECE_FLOPS; the window itself unless it is much more.

    Args:
        generator: What is run.
        layer: The layer.
        canvas: At its output.
        window: Of that canvas.
        batch: Images that are run at once.
    """
    pixels = PIECE_FLOPS / generator.module(layer).flops(1.0) / batch
    if window.height * window.width <= _BLOCKS_FROM * pixels:
        yield window
        return
    # Even edges, as doubling layers need them.
    height = min(window.height, max(int(math.sqrt(pixels)) // 2 * 2, 2))
    width = max(int(pixels / height) // 2 * 2, 2)
    for top in range(0, window.height, height):
        for left in range(0, window.width, width):
            # A window that reaches over the edge of a canvas that wraps has blocks beyond it.
            corner = (window.top + top) % canvas.height, (window.left + left) % canvas.width
            yield Window(*corner, min(height, window.height - top), min(width, window.width - left))


@dataclass(frozen=True)
class Part:
    """A window of a canvas that is cut out with a halo and run on by itself, to be cut again or to become a tile.

    Attributes:
        generator: What is run.
        layer: Where the canvas is.
        canvas: There, without its margins.
        window: Of that canvas, without the halo.
        map_bytes: What a map of a part may take.
        in_order: Whether pieces go from left to right only.
    """

    generator: Generator
    layer: Layer
    canvas: Canvas
    window: Window
    map_bytes: int
    in_order: bool

    @cached_property
    def until(self) -> Layer | None:
        """The layer that it is run on to: the end of the next block; None: to the picture."""
        layers = self.generator.layers
        return next((layer for layer in layers.block_ends if layer.style_index > self.layer.style_index), None)

    @cached_property
    def pieces(self) -> list[Part]:
        """The parts that this one has to be cut into first; empty if it is small enough."""
        if self.until is None:
            return []
        growth = self.until.sampling_rate // self.layer.sampling_rate
        allowed = max(self.map_bytes // map_bytes(self.generator, self.until, growth**2), 1)
        if self.window.height * self.window.width <= allowed:
            return []
        return [replace(self, window=piece) for piece in _pieces(self.window, allowed, self.in_order)]

    @cached_property
    def cut(self) -> Window:
        """The window that is cut out: this part's window and the halo around it."""
        return around(self.canvas, self.window, self.generator.tile_halo(self.layer))

    @property
    def inside(self) -> Window:
        """Where the part's window lies in what was cut out."""
        window, cut = self.window, self.cut
        return Window(window.top - cut.top, window.left - cut.left, window.height, window.width)

    @cached_property
    def next(self) -> Part | None:
        """The part that this one becomes by running, on the canvas of what was cut out; None if that is a tile."""
        if self.until is None:
            return None
        growth = self.until.sampling_rate // self.layer.sampling_rate
        canvas = Canvas(self.cut.height * growth, self.cut.width * growth)
        return replace(self, layer=self.until, canvas=canvas, window=self.inside.scaled(growth))

    @property
    def scale(self) -> int:
        """Side of one of the layer's samples, in pixels of the picture."""
        return self.generator.layers.last.sampling_rate // self.layer.sampling_rate


@dataclass(frozen=True)
class Plan:
    """How a feature map becomes a picture.

    Attributes:
        generator: The first branch's.
        layer: Where the feature map is.
        canvas: There, with its margins.
        batch: Its images.
        tile_pixels: Pixels of the picture whose maps always may be made.
        whole_bytes: What a map of the whole canvas may take beyond that.
    """

    generator: Generator
    layer: Layer
    canvas: Canvas
    batch: int
    tile_pixels: int
    whole_bytes: int

    @cached_property
    def size(self) -> tuple[int, int]:
        """Height and width of the picture, in pixels."""
        picture = self.generator.layers.last.canvas_after(self.canvas, self.layer)
        return picture.height, picture.width

    @property
    def one_by_one(self) -> bool:
        """Whether the images of the batch, or their tiles, are made one after the other."""
        return self.size[0] * self.size[1] * self.batch > self.tile_pixels

    @property
    def in_tiles(self) -> bool:
        """Whether each image is made tile by tile."""
        return self.size[0] * self.size[1] > self.tile_pixels

    @property
    def bytes(self) -> int:
        """About what is held at once besides weights and the result; of large canvases, of their parts."""
        pixels, tile = self.batch * self.size[0] * self.size[1], self.tile_pixels
        of_tiles = running_bytes(self.generator, min(pixels, tile) / math.prod(self.generator.img_size))
        # Two maps of the whole canvas, and two of its parts.
        return of_tiles + (4 * self.whole_bytes if pixels > tile else 0)

    @cached_property
    def _map_bytes(self) -> tuple[int, int]:
        """What a map of the whole canvas, and one of a part, may take: those of a tile always."""
        of_a_tile = largest_map_bytes(self.generator, self.tile_pixels)
        return max(of_a_tile, self.whole_bytes), max(of_a_tile, self.whole_bytes // PART_OF_WHOLE)

    @cached_property
    def whole_until(self) -> Layer:
        """The last end of a block whose map is made of the whole canvas; else where we are."""
        last = self.layer
        for layer in self.generator.layers.between(self.layer):
            canvas = layer.canvas_after(self.canvas, self.layer)
            fits = map_bytes(self.generator, layer, canvas.height * canvas.width) <= self._map_bytes[0]
            if not fits and self._is_worth_cutting(last):
                break
            if layer in self.generator.layers.block_ends:
                last = layer
        return last

    def _is_worth_cutting(self, layer: Layer) -> bool:
        """Whether a part can be less than the whole canvas at a layer: not if its halo alone reaches over that."""
        inner = layer.inner(layer.canvas_after(self.canvas, self.layer))
        return self.generator.tile_halo(layer) <= max(inner.height, inner.width)

    def parts(self, rows: int = 0) -> list[Part]:
        """The parts the canvas is made in after `whole_until`, from top to bottom.

        Args:
            rows: If not 0, bands of so many rows of the picture, whose pieces go from left to right.
        """
        canvas = self.whole_until.inner(self.whole_until.canvas_after(self.canvas, self.layer))
        whole = Part(self.generator, self.whole_until, canvas, canvas.window, self._map_bytes[1], in_order=bool(rows))
        height = max(rows // whole.scale, 1) if rows else canvas.height
        return [
            replace(whole, window=Window(top, 0, min(height, canvas.height - top), canvas.width))
            for top in range(0, canvas.height, height)
        ]


def _pieces(window: Window, pixels: int, in_order: bool) -> Iterator[Window]:
    """A window in pieces of about so many pixels: squares as far as may be, or from left to right."""
    height = window.height if in_order else min(window.height, max(math.isqrt(pixels), 1))
    width = max(pixels // height, 1)
    for top in range(0, window.height, height):
        for left in range(0, window.width, width):
            size = min(height, window.height - top), min(width, window.width - left)
            yield Window(window.top + top, window.left + left, *size)
