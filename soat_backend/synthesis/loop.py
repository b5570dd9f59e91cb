"""The loop over the synthesis layers: the only one in the project.

It runs a FeatureMap with one or many branches on from any layer to any later one. Plain generation, blends, panoramas
and mixes of two generators are the same loop with other branches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import reduce

import torch

from ..generators import Generator
from ..generators.layers import Layer
from ..geometry.canvas import Canvas, Window, read, support
from ..geometry.frame import Frame, Places
from ..ops import upsample_rgb
from ..support import runtime
from .feature_map import Branch, FeatureMap
from .noise import NoiseField
from .plan import Progress, Steps, blocks
from .weights import Grid, loudness, with_margins

# Below every weight that counts.
_TINY = 1e-30

# Called with the state after each layer, to look at it.
Watch = Callable[[FeatureMap], None]


def begin(generator: Generator, styles: tuple[torch.Tensor, ...], noise: NoiseField) -> FeatureMap:
    """The feature map before the first layer of a synthesis.

    Args:
        generator: What to run.
        styles: Style space, `[B, C_in]` per layer in S order.
        noise: Its noise, the picture at the canvas's origin.
    """
    activation, skip = generator.begin(styles[0].shape[0])
    branch = Branch(generator, styles, noise)
    return FeatureMap(generator.layers.start, activation, skip, (branch,), torgb_pending=False, untouched=True)


def begin_again(features: FeatureMap, height: float, width: float) -> FeatureMap:
    """Features made anew from the beginning by their branches, on a canvas of another size.

    Args:
        features: Untouched ones, of an unbounded generator.
        height: Of the canvas, in pictures.
        width: The same across.
    """
    start = features.generator.layers.start
    size = start.samples(height, features.wrap_y), start.samples(width, features.wrap_x)
    activation, _ = features.generator.begin(features.batch, Canvas(*size, features.wrap_y, features.wrap_x))
    return synthesize(replace(features, layer=start, activation=activation, untouched=True), until=features.layer)


def synthesize(
    features: FeatureMap,
    until: Layer | None = None,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> FeatureMap:
    """Run a FeatureMap on to after a later layer, or to the picture.

    Args:
        features: Where to go on from.
        until: The layer to stop after. None: run to the picture, which then is the result's `picture`.
        progress: Called before each branch's run of each layer.
        watch: Called after each layer.

    Returns:
        A FeatureMap at that layer. A layer at or before the features' own changes nothing.
    """
    layers = features.generator.layers.between(features.layer, until)
    steps = Steps(len(layers) * len(features.branches), progress)
    generators = [branch.generator for branch in features.branches]
    with runtime.exact(features.generator.device, allow_tf32=all(generator.allow_tf32 for generator in generators)):
        for layer in layers:
            features = _advance(features, layer, steps)
            if watch:
                watch(features)
        return features if until else resolve_torgb(features)


def _advance(features: FeatureMap, layer: Layer, steps: Steps) -> FeatureMap:
    """Run one convolution, and what has to happen to the RGB skip before it."""
    before, rgb_skip, x = features.canvas, features.rgb_skip, features.activation
    canvas = layer.canvas_after(before, features.layer)
    if rgb_skip is not None and layer.growth > 1:
        whole = resolve_torgb(features).rgb_skip
        assert whole is not None, "a torgb only adds to it"
        rgb_skip = upsample_rgb(read(whole, before, before.window, halo=1))

    fields: dict[tuple[object, ...], torch.Tensor | Places | None] = {}

    def convolve(branch: Branch, window: Window) -> torch.Tensor:
        module = branch.generator.module(layer)
        # Branches of one generator that go on from the same place have the same noise.
        place = (branch.noise, branch.frame, branch.generator, window)
        if place not in fields:
            fields[place] = _field(branch, layer, canvas, window, features.batch)
        return module(x.to(branch.generator.dtype), before, window, branch.styles[layer.style_index], fields[place])

    activation = _mix_branches(features.branches, layer, canvas, convolve, features.batch, steps)
    pending = layer.torgb is not None
    return replace(features, layer=layer, activation=activation, rgb_skip=rgb_skip, torgb_pending=pending)


def _field(branch: Branch, layer: Layer, canvas: Canvas, window: Window, batch: int) -> torch.Tensor | Places | None:
    if layer.of_places:
        return branch.frame.places(layer.sampling_rate, layer.margin, canvas, window)
    if not layer.has_noise:
        return None
    return branch.noise.sample(layer, branch.generator.module(layer).noise_const, canvas, window, batch)


def _zeros(like: torch.Tensor, canvas: Canvas) -> torch.Tensor:
    """A map of a canvas with a window's batch, channels and type."""
    shape = (like.shape[0], like.shape[1], canvas.height, canvas.width)
    return torch.empty(shape, dtype=like.dtype, device=like.device, memory_format=runtime.MAP_LAYOUT).zero_()


def resolve_torgb(features: FeatureMap) -> FeatureMap:
    """Add the block's torgb if it is pending: each branch's on the mixed activation, mixed by the weights at torgb.

    Where no layer before it has made colours, its own are all there are.
    """
    torgb, rgb_skip = features.layer.torgb, features.rgb_skip
    if not features.torgb_pending or torgb is None:
        return features
    canvas, x = features.canvas, features.activation

    def to_rgb(branch: Branch, window: Window) -> torch.Tensor:
        patch = read(x.to(branch.generator.dtype), canvas, window, halo=0)
        return branch.generator.module(torgb)(patch, branch.styles[torgb.style_index])

    rgb = _mix_branches(features.branches, torgb, canvas, to_rgb, features.batch)
    return replace(features, rgb_skip=rgb if rgb_skip is None else rgb_skip + rgb, torgb_pending=False)


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

    A layer of places makes waves. Those of pictures that lie elsewhere on the canvas have other phases, so that their
    mean is softer than each: down to 0.7 of it in the middle of a seam. `_loudness` makes up for that.

    A layer that grows writes so many rows and columns at a time, so its windows are widened to whole steps. Windows of
    long canvases are run in blocks.
    """
    total: torch.Tensor | None = None
    for branch, part in _parts(branches, layer, canvas):
        window = support(part, canvas)
        if steps:
            steps()
        if window is None:
            continue
        if layer.growth > 1:
            window = window.in_steps(layer.growth, canvas)
        alone = total is None and window == canvas.window and bool((part == 1).all())
        for number, block in enumerate(blocks(branch.generator, layer, canvas, window, batch)):
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
    louder = _loudness(branches, layer, canvas) if layer.of_places else None
    return total if louder is None else total.mul_(louder.to(total.device, total.dtype, non_blocking=True))


def _loudness(branches: tuple[Branch, ...], layer: Layer, canvas: Canvas) -> torch.Tensor | None:
    """By how much the mean of a layer of places is too soft, `[B or 1, 1, H or 1, W or 1]`; None where it isn't.

    Branches whose pictures lie at the same place (interpolations) have much in common, as a rule the frequencies and
    phases of one generator: their weights count together, so that a blend of a picture with itself is that picture.
    """
    at_a_place: dict[Frame, list[Branch]] = {}
    for branch in branches:
        at_a_place.setdefault(branch.frame, []).append(branch)
    if len(at_a_place) == 1:
        return None
    inner = layer.inner(canvas)
    grid = Grid(layer, inner.height, inner.width)
    weights = (reduce(torch.add, (each.weight.at(grid) for each in alike)) for alike in at_a_place.values())
    return with_margins(loudness(weights), *layer.margins(canvas))


def _parts(branches: tuple[Branch, ...], layer: Layer, canvas: Canvas) -> Iterator[tuple[Branch, torch.Tensor]]:
    """Each branch's share of the weights up to it, `[B or 1, 1, H or 1, W or 1]`: 0 where it doesn't count."""
    before: torch.Tensor | None = None
    inner, margins = layer.inner(canvas), layer.margins(canvas)
    grid = Grid(layer, inner.height, inner.width)
    for branch in branches:
        weight = with_margins(branch.weight.at(grid), *margins)
        sum_so_far = weight if before is None else before + weight
        yield branch, weight / sum_so_far.clamp_min(_TINY)
        before = sum_so_far
