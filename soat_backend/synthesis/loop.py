"""The loop over the synthesis layers: the only one in the project.

It runs a FeatureMap with one or many branches on from any layer to any later one. Plain generation, blends, panoramas
and mixes of two generators are the same loop with other branches.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import torch

from ..generators.layers import CONSTANT, Layer
from ..generators.networks import Generator
from ..geometry.canvas import Canvas, Window, read, support
from ..ops import upsample_rgb
from ..support import runtime
from .cost import LAYER_FLOPS, flops
from .feature_map import Branch, FeatureMap
from .noise import NoiseField
from .weights import Grid

# Windows of this many times the work of a picture's costliest layer are run in blocks.
_BLOCKS_FROM = 4
# Below every weight that counts.
_TINY = 1e-30

# Called at each step of a long job as (steps done, steps in all); may raise to stop the job.
Progress = Callable[[int, int], None]
# Called with the state after each layer, to look at it.
Watch = Callable[[FeatureMap], None]


def begin(generator: Generator, styles: tuple[torch.Tensor, ...], noise: NoiseField) -> FeatureMap:
    """The state before the first layer: the learned constant.

    Args:
        generator: What to run.
        styles: Style space, `[B, C_in]` per layer in S order.
        noise: Its noise, the picture at the canvas's origin.
    """
    batch = styles[0].shape[0]
    const = generator.const.to(generator.dtype)
    activation = const.expand(batch, *const.shape).contiguous(memory_format=runtime.MAP_LAYOUT)
    skip = torch.zeros(batch, 3, 4, 4, dtype=torch.float32, device=const.device)
    return FeatureMap(CONSTANT, activation, skip, (Branch(generator, styles, noise),), torgb_pending=False)


def layers_between(features: FeatureMap, until: Layer | None = None) -> list[Layer]:
    """The convolutions that lead from where `features` stopped to `until`, or to the picture if that is None."""
    done = features.layer.style_index
    last = until.style_index if until else len(features.generator.layers)
    return [layer for layer in features.generator.layers if layer.is_conv and done < layer.style_index <= last]


def synthesize(
    features: FeatureMap,
    until: Layer | None = None,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> FeatureMap:
    """Run a FeatureMap on to after a later layer, or to the picture.

    Args:
        features: Where to go on from.
        until: The convolution to stop after. None: the last, and its torgb added, so that `rgb_skip` is the picture.
        progress: Called before each branch's run of each layer.
        watch: Called after each layer.

    Returns:
        A FeatureMap at that layer. A layer at or before the features' own changes nothing.
    """
    steps = Steps(len(layers_between(features, until)) * len(features.branches), progress)
    generators = [branch.generator for branch in features.branches]
    with runtime.exact(features.generator.device, allow_tf32=all(generator.allow_tf32 for generator in generators)):
        for layer in layers_between(features, until):
            features = _advance(features, layer, steps)
            if watch:
                watch(features)
        return features if until else resolve_torgb(features)


class Steps:
    """Counts the steps of a job and reports each."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.total, self.progress, self.done = total, progress, 0

    def __call__(self) -> None:
        """One step more is done."""
        self.done += 1
        self.again()

    def again(self) -> None:
        """Report once more, within a long step, so that it can be stopped."""
        if self.progress:
            self.progress(self.done, self.total)


def _advance(features: FeatureMap, layer: Layer, steps: Steps) -> FeatureMap:
    """Run one convolution, and what has to happen to the RGB skip before it."""
    canvas = features.canvas
    rgb_skip, x = features.rgb_skip, features.activation
    if layer.kind == "conv0":
        rgb_skip = upsample_rgb(read(resolve_torgb(features).rgb_skip, canvas, canvas.window, halo=1))
        canvas = canvas.doubled()

    fields: dict[tuple[object, ...], torch.Tensor | None] = {}

    def convolve(branch: Branch, window: Window) -> torch.Tensor:
        module = branch.generator.module(layer)
        # Branches of one generator that go on from the same place have the same noise.
        place = (branch.noise, branch.generator, window)
        if place not in fields:
            fields[place] = branch.noise.sample(layer, module.noise_const, canvas, window, features.batch)
        noise = fields[place]
        source = window.halved() if module.doubles else window
        own = x.to(branch.generator.dtype)
        return module(own, features.canvas, source, branch.styles[layer.style_index], noise)

    activation = _mix_branches(features.branches, layer, canvas, convolve, features.batch, steps)
    pending = layer.kind == "conv1"
    return replace(features, layer=layer, activation=activation, rgb_skip=rgb_skip, torgb_pending=pending)


def _zeros(like: torch.Tensor, canvas: Canvas) -> torch.Tensor:
    """A map of a canvas with a window's batch, channels and type."""
    shape = (like.shape[0], like.shape[1], canvas.height, canvas.width)
    return torch.empty(shape, dtype=like.dtype, device=like.device, memory_format=runtime.MAP_LAYOUT).zero_()


def _blocks(generator: Generator, layer: Layer, canvas: Canvas, window: Window, batch: int) -> Iterator[Window]:
    """A window in parts of no more work than a picture's costliest layer; the window itself unless it is much more."""
    pixels = LAYER_FLOPS / flops(generator, layer, 1.0) / batch
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


def resolve_torgb(features: FeatureMap) -> FeatureMap:
    """Add the block's torgb if it is pending: each branch's on the mixed activation, mixed by the weights at torgb."""
    if not features.torgb_pending:
        return features
    canvas, x = features.canvas, features.activation
    torgb = features.generator.layers[features.layer.style_index + 1]

    def to_rgb(branch: Branch, window: Window) -> torch.Tensor:
        patch = read(x.to(branch.generator.dtype), canvas, window, halo=0)
        return branch.generator.module(torgb)(patch, branch.styles[torgb.style_index])

    rgb = _mix_branches(features.branches, torgb, canvas, to_rgb, features.batch)
    return replace(features, rgb_skip=features.rgb_skip + rgb, torgb_pending=False)


def _mix_branches(
    branches: tuple[Branch, ...],
    layer: Layer,
    canvas: Canvas,
    run: Callable[[Branch, Window], torch.Tensor],
    batch: int,
    steps: Steps | None = None,
) -> torch.Tensor:
    """Average what the branches make of a layer, by their weights; each is run only where its weight isn't zero.

    A running mean: each branch moves what is there by its part of the weights so far. So the parts sum to 1 in any
    type, and branches that agree give just what they agree on, where a sum's rounded weights would darken or brighten.

    A doubling layer writes whole pairs of rows and columns, so its windows are widened to even edges. Windows of long
    canvases are run in blocks.
    """
    total: torch.Tensor | None = None
    for branch, part in _parts(branches, Grid(layer, canvas.height, canvas.width)):
        window = support(part, canvas)
        if steps:
            steps()
        if window is None:
            continue
        if layer.kind == "conv0":
            window = window.even(canvas)
        alone = total is None and window == canvas.window and bool((part == 1).all())
        for number, block in enumerate(_blocks(branch.generator, layer, canvas, window, batch)):
            if number and steps:
                steps.again()
            y = run(branch, block)
            if alone and block == window:
                total = y
                continue
            if total is None:
                total = _zeros(y, canvas)
            there = part
            if part.shape[2:] != (1, 1):
                there = read(part.expand(-1, -1, canvas.height, canvas.width), canvas, block, halo=0)
            there = there.to(y.device, y.dtype, non_blocking=True).expand(-1, -1, *y.shape[2:])
            for (rows, columns), (own_rows, own_columns) in block.pieces(canvas):
                total[:, :, rows, columns].lerp_(y[:, :, own_rows, own_columns], there[:, :, own_rows, own_columns])
    assert total is not None, "the branches' weights sum to 1, so at least one is not zero"
    return total


def _parts(branches: tuple[Branch, ...], grid: Grid) -> Iterator[tuple[Branch, torch.Tensor]]:
    """Each branch's share of the weights up to it, `[B or 1, 1, H or 1, W or 1]`: 0 where it doesn't count."""
    before: torch.Tensor | None = None
    for branch in branches:
        weight = branch.weight.at(grid)
        sum_so_far = weight if before is None else before + weight
        yield branch, weight / sum_so_far.clamp_min(_TINY)
        before = sum_so_far
