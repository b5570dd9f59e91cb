"""Directions in style space that change one part of a generator's pictures most, and the rest least."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import torch

from ..generators import Generator
from ..generators.fingerprint import weights_digest
from ..latents import Direction
from ..latents.sampling import random_w
from ..latents.spaces import StyleSpace
from ..optimise import searchable, with_gradients
from ..optimise.reconstruction import gradient_bytes
from ..support.errors import FeatureError, LatentError, require_between
from ..synthesis.cost import kernel_bytes
from ..synthesis.weights import check_mask
from .slopes import squared_slopes
from .trials import shared_changes
from .view import View

COMPONENTS = 20
# Random codes that slopes are taken at and channels tried on, how far towards the mean, and their seeds.
SLOPES, TRIALS, PSI, SEED = 32, 4, 0.7, 0
CANDIDATES = 64
# How far a channel is moved to try it, in its standard deviations.
TRIED_STEP = 5.0
# What the rest's change is taken to be at least, in that of the mean channel: what changes nothing at all is no slider.
FLOOR = 0.1
# LPIPS of the part, per place, that a step of 1 makes, as far as changes grow with the square of the step.
STEP_LPIPS = 0.05
# Of a mask: below it is empty, and what is left over below it isn't there.
_NOTHING = 1e-4
_AT_ONCE = ((128, 8), (256, 2))  # Up to a side in pixels: pictures run together.
_MOST_KEPT = 8
_kept: dict[tuple[object, ...], list[Direction]] = {}

# Told (steps done, steps in all); may raise to stop.
Watch = Callable[[int, int], None]


def find_part_direction(
    generator: Generator,
    mask: torch.Tensor,
    component: int,
    first_layer: str = "b4.conv1",
    last_layer: str = "b1024.torgb",
    watch: Watch | None = None,
) -> Direction:
    """The direction that changes a part of random pictures most for what it changes of the rest.

    Of all style channels in the range the CANDIDATES best by their gradients are tried out (Source: Wu, Lischinski,
    Shechtman 2021, StyleSpace, 2011.12799, section 4). Of them, directions d with the largest `d^T P d / d^T (R + c) d`
    are found, the generalised eigenvectors of what they change of the part and of the rest, P and R: so channels that
    undo each other's changes of the rest go together. Changes are LPIPS, per place of the part and of the rest, on
    the same random codes each time. The last found are kept, so that another component or strength costs nothing.

    Works in inference mode too. The same arguments give the same direction, bit for bit on the CPU.

    Args:
        generator: On the device to work on.
        mask: `[1, 1, h, w]` in 0..1, of any size: stretched to the picture.
        component: From 0, the one that keeps to the part best first.
        first_layer: First style layer whose channels may move.
        last_layer: Last, inclusive.
        watch: As of `Watch`.

    Returns:
        In style space. A step of 1 changes the part by an LPIPS of STEP_LPIPS, about; as found it has length 1 in
        standard deviations of the channels.

    Raises:
        FeatureError: The mask is empty, leaves nothing over, or isn't one mask.
        LatentError: No channel of the range changes the part.
        SoatError: There is no such component, or the range is empty.
    """
    _check(mask)
    first, last = generator.layers.range(first_layer, last_layer)
    content = hashlib.sha256(mask.float().cpu().contiguous().numpy().tobytes()).hexdigest()
    key = (weights_digest(generator), str(generator.device), tuple(mask.shape), content, first, last)
    found = _kept.pop(key, None)
    if found is None:
        with with_gradients(generator):
            found = _find(searchable(generator), mask.detach().clone(), first, last, watch or (lambda *_: None))
    _kept[key] = found
    while len(_kept) > _MOST_KEPT:
        del _kept[next(iter(_kept))]
    require_between("component", component, 0, len(found) - 1)
    return found[component]


def part_bytes(generator: Generator) -> int:
    """About what `find_part_direction` holds at once, to ask for room."""
    return gradient_bytes(generator, _at_once(generator)) + kernel_bytes(generator, generator.device.type)


def _check(mask: torch.Tensor) -> None:
    if mask.shape[0] != 1:
        raise FeatureError(f"mask: expected one mask, got {mask.shape[0]}. Give one for all pictures.")
    check_mask(mask, 1)
    share = float(mask.mean())
    if share < _NOTHING:
        raise FeatureError("mask: it is empty, so there is no part to change. Paint the part, or draw it as a region.")
    if share > 1.0 - _NOTHING:
        raise FeatureError(
            "mask: it covers the whole picture, so there is no rest to keep. Paint the part alone, or choose method "
            "pca_style_space, which knows no parts."
        )


def _find(generator: Generator, mask: torch.Tensor, first: int, last: int, watch: Watch) -> list[Direction]:
    space = StyleSpace(generator)
    view = View(generator, mask)
    at_once = _at_once(generator)
    done, total = 0, SLOPES + TRIALS * CANDIDATES

    def step(count: int) -> None:
        nonlocal done
        done = min(done + count, total)
        watch(done, total)

    w = random_w(generator, SLOPES + TRIALS, SEED)
    codes = space.of_w(generator.mapping.w_avg.float().lerp(w, PSI))
    part, rest = squared_slopes(view, space, codes[:SLOPES], at_once, SEED, step)
    part, rest = part.cpu().double(), rest.cpu().double()
    widths = generator.style_widths
    inside = torch.zeros(len(part), dtype=torch.bool, device="cpu")
    inside[sum(widths[:first]) : sum(widths[: last + 1])] = True
    floor = FLOOR * rest.mean().clamp_min(1e-12)
    scores = torch.where(inside, part / (rest + floor), 0.0)
    channels = scores.argsort(descending=True, stable=True)[:CANDIDATES]
    channels = channels[scores[channels] > 0]
    if not len(channels):
        raise LatentError(
            "No channel of the layers in the range changes what is under the mask. Choose a wider range, or earlier "
            "layers."
        )
    with torch.no_grad():
        own, others = shared_changes(view, space, codes[SLOPES:], channels, TRIED_STEP, at_once, step)
    axes = _generalised(own, others + floor * torch.eye(len(channels), dtype=torch.float64, device="cpu"))
    deviation = space.gaussian.deviation.cpu()
    directions = []
    for axis in axes[:COMPONENTS]:
        changed = float(axis @ own @ axis)
        length = (STEP_LPIPS / max(changed, 1e-12)) ** 0.5
        row = torch.zeros(len(part), dtype=torch.float64, device="cpu")
        row[channels] = axis * length
        directions.append(Direction("style_space", tuple((row.float() * deviation).split(widths)), length))
    return directions


def _generalised(part: torch.Tensor, rest: torch.Tensor) -> torch.Tensor:
    """Generalised eigenvectors of two symmetric matrices `[K, K]` as rows of length 1, the largest ratio first."""
    root = torch.linalg.cholesky(rest)
    half = torch.linalg.solve_triangular(root, part, upper=False)
    _, vectors = torch.linalg.eigh(torch.linalg.solve_triangular(root, half.t(), upper=False))
    axes = torch.linalg.solve_triangular(root.t(), vectors.flip(1), upper=True).t()
    axes = axes / axes.norm(dim=1, keepdim=True)
    # An eigenvector's sign is anybody's choice.
    return axes * axes.gather(1, axes.abs().argmax(dim=1, keepdim=True)).sign()


def _at_once(generator: Generator) -> int:
    """How many pictures are run together: one of large ones, so that memory stays bounded."""
    side = max(generator.img_size)
    return next((count for most, count in _AT_ONCE if side <= most), 1)
