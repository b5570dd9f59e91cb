"""Drags points of pictures to where they are wanted: the code changes so that what is at a handle comes to its target.

Source: Pan et al. 2023, DragGAN (2305.10973); Ling et al. 2023, FreeDrag (2307.04684), both by their formulas.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from ..generators import Generator
from ..generators.layers import Layer
from ..geometry.points import Drag
from ..latents import Latent, concatenate, select
from ..optimise import Problem, StopSearch, searchable, with_gradients
from ..support.errors import SoatError
from .drag_search import DragSearch
from .movement import Movement
from .report import DragReport
from .settings import AUTO, DragSettings

# No map of a higher rate is looked at unless it is asked for: what a place has there says little of what it belongs to.
_HIGHEST_RATE = 128
# Shapes are decided on up to this rate at least.
_SHAPES_RATE = 16
# Where a mask is below this, nothing may move.
_FREE = 0.5

# Told (steps done, steps in all, what makes the present picture `[1, img_channels, H, W]`, the largest distance from a
# target in pixels, what tells each handle and its present place) after each step, the first time before any has been
# taken; may raise to stop.
Watch = Callable[[int, int, Callable[[], torch.Tensor], float, Callable[[], tuple[Drag, ...]]], None]


@dataclass(frozen=True, eq=False)
class Dragged:
    """What was reached for a batch of pictures.

    Attributes:
        latent: A code for each; in style space if they came in it, else in w_plus.
        pictures: What the generator makes of them, `[B, img_channels, H, W]` float32, about -1..1, on the CPU.
        path: The codes of the way there, the first picture's first: so many for each.
        reports: One for each.
    """

    latent: Latent
    pictures: torch.Tensor
    path: Latent
    reports: list[DragReport]


def drag(
    generator: Generator,
    latent: Latent,
    drags: Sequence[list[Drag]],
    settings: DragSettings = DragSettings(),  # noqa: B008 - immutable
    mask: torch.Tensor | None = None,
    watch: Watch | None = None,
) -> Dragged:
    """Drag points in the pictures of some codes, none of which depends on what else is in the batch.

    Works in inference mode too. The same arguments give the same result, bit for bit on the CPU.

    Args:
        generator: On the device to work on.
        latent: In any space.
        drags: The points of all pictures, or a list for each.
        settings: Of the search.
        mask: `[1 or B, 1, h, w]` in 0..1, of the picture's shape in any size: what may move.
        watch: Told of each step; may raise StopSearch, and then pictures not begun are left as they are.

    Raises:
        SoatError: There are as many lists of points or masks as neither one nor the pictures, the mask is of another
            shape than the picture or leaves nothing free, or there is no such layer.
        LatentError: The code isn't the generator's.
    """
    _require_one_or_each("points", "lists of points", len(drags), latent.batch)
    with with_gradients(generator):
        working = searchable(generator)
        layers = _layers(working, settings.layer)
        rows = _rows(working, layers[-1], settings.rows)
        masks = None if mask is None else _masks(working, layers[-1], mask, latent.batch)
        searches = []
        for index in range(latent.batch):
            own = list(drags[index % len(drags)])
            own_mask = None if masks is None else masks[index % len(masks)][None]
            remarks = _remarks(own, None if mask is None else mask[index % len(mask)])
            movement = Movement(working, select(latent, [index]), rows)
            searches.append(DragSearch(working, layers, movement, own, settings, own_mask, remarks))
        _run_all(searches, settings, watch)
        return Dragged(
            concatenate([each.movement.latents(each.best[None]) for each in searches]),
            torch.cat([each.picture().cpu() for each in searches]),
            concatenate([each.movement.latents(each.path(settings.frames)) for each in searches]),
            [each.report() for each in searches],
        )


def _run_all(searches: list[DragSearch], settings: DragSettings, watch: Watch | None) -> None:
    total = settings.steps * len(searches)
    for number, each in enumerate(searches):

        def report(
            done: int,
            picture: Callable[[], torch.Tensor],
            distance: float,
            reached: Callable[[], tuple[Drag, ...]],
            number: int = number,
        ) -> None:
            if watch:
                watch(number * settings.steps + done, total, picture, distance, reached)

        try:
            each.run(report)
        except StopSearch:
            each.ending = Problem.STOPPED
            break


def _layers(generator: Generator, name: str) -> list[Layer]:
    """The layer that is looked at, and the last ones of half and of a quarter of its rate: the finest last."""
    table = generator.layers
    most = min(_HIGHEST_RATE, table.last.sampling_rate // 2)
    ends = [layer for layer in table.block_ends if layer.sampling_rate <= most]
    finest = ends[-1] if name == AUTO else table.find(name, with_features=True)
    return [
        *[layer for layer in ends if finest.sampling_rate / 4 <= layer.sampling_rate < finest.sampling_rate],
        finest,
    ]


def _rows(generator: Generator, finest: Layer, wanted: int) -> int:
    """How many rows of w_plus are moved: as wanted, or 0: those that decide on shapes and not on the maps' own texture.

    What could change the texture alone would make maps show what is wanted of them, and leave things where they are.
    """
    last = finest.w_index + 1
    if wanted:
        return min(wanted, last)
    most = max(finest.sampling_rate // 4, _SHAPES_RATE)
    return min(last, 1 + max(layer.w_index for layer in generator.layers.with_features if layer.sampling_rate <= most))


def _require_one_or_each(name: str, what: str, count: int, pictures: int) -> None:
    if count not in (1, pictures):
        raise SoatError(
            f"{name}: expected one for all, or one for each of {pictures} pictures, got {count} {what}. Leave some out."
        )


def _masks(generator: Generator, layer: Layer, mask: torch.Tensor, pictures: int) -> torch.Tensor:
    """The masks of a layer's size, `[1 or B, 1, h, w]`."""
    _require_one_or_each("mask", "masks", len(mask), pictures)
    height, width = mask.shape[2:]
    own_height, own_width = generator.img_size
    if abs(width * own_height - height * own_width) >= max(own_height, own_width, height, width):
        raise SoatError(
            f"mask: it is {width} x {height}, and {generator.name} makes pictures of {own_width} x {own_height}, which "
            f"have another shape. Paint it on the picture, or make one of {own_width} x {own_height}."
        )
    if not bool((mask.amax(dim=(1, 2, 3)) > 0).all()):
        raise SoatError("mask: it is empty, so nothing may move. Paint what may, or leave the mask out.")
    size = [round(length * layer.sampling_rate) for length in generator.picture]
    return F.interpolate(mask.float().cpu().clone(), size=size, mode="area").clamp(0.0, 1.0).to(generator.device)


def _remarks(drags: list[Drag], mask: torch.Tensor | None) -> tuple[str, ...]:
    """Of handles that lie where nothing may move."""
    if mask is None:
        return ()
    height, width = mask.shape[1:]
    held = []
    for number, each in enumerate(drags, 1):
        column, row = min(int(each.start[0] * width), width - 1), min(int(each.start[1] * height), height - 1)
        if float(mask[0, row, column]) < _FREE and each.start != each.target:
            held.append(number)
    if not held:
        return ()
    return (f"point {', '.join(map(str, held))} begins where the mask lets nothing move: paint the mask over it",)
