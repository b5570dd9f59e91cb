"""The search for the code in whose picture the points have arrived."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

from ..generators import Generator
from ..generators.layers import Layer
from ..geometry.points import Drag
from ..optimise import Problem, search, synthesize_differentiably
from ..synthesis.feature_map import FeatureMap
from ..synthesis.loop import begin, synthesize
from ..synthesis.noise import NoiseField
from .line import Line
from .movement import Movement
from .pixel_grid import PixelGrid, Sight
from .report import DragReport
from .settings import DragSettings
from .track import Track
from .way import Way

WAYS: dict[str, type[Way]] = {"track": Track, "line": Line}
_ARRIVED = "all points have arrived"
_NO_POINTS = "no points, so nothing moves"
_STUCK = "no nearer for {} steps, the nearest"
# What counts as nearer, in pixels of a picture of 512; and the least of it, and of the distance of arrival, in any.
_USUAL_SIDE = 512
_NEARER, _NEARER_AT_LEAST, _STOP_AT_LEAST = 1.0, 0.1, 0.2
# What a weight of staying near of 1 is in the loss: so the usual one, which saved workflows have, is what did best.
_NEAR = 0.3

# Told (steps done, what makes the present picture `[1, img_channels, H, W]`, the largest distance in pixels, what tells
# each handle and its present place); may raise to stop.
Watch = Callable[[int, Callable[[], torch.Tensor], float, Callable[[], tuple[Drag, ...]]], None]


class DragSearch:
    """The drag of one picture's points.

    Args:
        generator: In float32.
        layers: Whose maps are looked at, the finest last.
        movement: Of the code.
        drags: The points.
        settings: Of the search.
        mask: `[1, 1, h, w]` of the size of the finest map without its margin, 1 where the picture may move; None:
            everywhere.
        remarks: For the report.

    Attributes:
        best: The movement that has brought the points nearest so far, `[rows, w_dim]`.
        taken: The movements on the way there, from none on.
    """

    def __init__(
        self,
        generator: Generator,
        layers: list[Layer],
        movement: Movement,
        drags: list[Drag],
        settings: DragSettings,
        mask: torch.Tensor | None,
        remarks: tuple[str, ...] = (),
    ) -> None:
        self.generator, self.layers, self.movement, self.settings = generator, layers, movement, settings
        self.mask, self.remarks = mask, remarks
        height, width = generator.img_size
        pixels = torch.tensor([width, height], dtype=torch.float32, device="cpu").to(generator.device)
        self._pixels = pixels
        self._handles, self._targets = (
            torch.tensor([list(place) for place in places], dtype=torch.float32, device="cpu").reshape(-1, 2).to(pixels)
            * pixels
            for places in ([drag.start for drag in drags], [drag.target for drag in drags])
        )
        self.best = movement.start()
        self.taken = [self.best]
        self.places = self._handles
        self._maps: list[torch.Tensor] = []
        self.ending, self._steps, self._seconds = "not begun", 0, 0.0
        scale = max(height, width) / _USUAL_SIDE
        self._stop_distance = max(settings.stop_distance * scale, _STOP_AT_LEAST)
        self._nearer = max(_NEARER * scale, _NEARER_AT_LEAST)

    def run(self, watch: Watch) -> None:
        """Drag; raises what `watch` raises, and keeps the best so far."""
        if not len(self._handles):
            self.ending = _NO_POINTS
            return
        began = time.perf_counter()
        settings = self.settings
        with torch.no_grad():
            self._make(self.best)
        first = self._maps
        sight = Sight.first([PixelGrid.of(self.generator, layer) for layer in self.layers], first)
        way = WAYS[settings.method](sight, first, self._handles, self._targets)
        fixed = None if self.mask is None else 1.0 - self.mask
        moved = self.best.clone()
        # The first state is where the drag begins: it takes one more to see what the last step made.
        problem = Problem([moved], settings.steps + 1, settings.strength, falls=False)
        states: list[torch.Tensor] = []
        best, nearest, since = 0, float("inf"), 0
        distance = float("inf")

        def objective(features: FeatureMap, _: list[int]) -> torch.Tensor:
            nonlocal best, nearest, since, distance
            loss = way.loss(self._maps)
            distance = float(way.distances.max())
            states.append(moved.detach().clone())
            if distance < problem.lowest:
                best, self.places = len(states) - 1, way.places.clone()
            if distance < nearest - self._nearer:
                nearest, since = distance, len(states)
            if distance <= self._stop_distance:
                problem.end(_ARRIVED)
            elif len(states) - since >= settings.patience:
                problem.end(_STUCK.format(settings.patience))
            if fixed is not None and settings.mask_weight:
                loss = loss + settings.mask_weight * sight.change(self._maps, first, fixed)
            if settings.keep_near:
                loss = loss + _NEAR * settings.keep_near * moved.square().mean()
            return loss[None]

        def after_step(features: FeatureMap, _: list[int]) -> None:
            self._steps = problem.taken - 1
            watch(self._steps, lambda: self._finished(features), distance, lambda: self._reached(way.places))

        try:
            search([problem], lambda _: self._make(moved), objective, after_step, lambda _: [distance])
        finally:
            self.best, self.taken = moved.detach(), states[: best + 1] or self.taken
            self.ending, self._seconds = problem.ending, time.perf_counter() - began

    @torch.no_grad()
    def picture(self) -> torch.Tensor:
        """What the generator makes of the best code, `[1, img_channels, H, W]`."""
        return synthesize(begin(self.generator, self.movement.styles(self.best), NoiseField("const"))).picture

    def path(self, frames: int) -> torch.Tensor:
        """Movements `[frames, rows, w_dim]` along the way to the best, equally far from one to the next."""
        states = torch.stack(self.taken)
        lengths = (states[1:] - states[:-1]).flatten(1).norm(dim=1).cpu().double()
        along = torch.cat((lengths.new_zeros(1), lengths.cumsum(0)))
        path = []
        for part in torch.linspace(0.0, 1.0, frames, dtype=torch.float64, device="cpu"):
            place = float(part * along[-1])
            after = min(int(torch.searchsorted(along, place)), len(states) - 1)
            before = max(after - 1, 0)
            length = float(along[after] - along[before])
            share = (place - float(along[before])) / length if length > 0 else 1.0
            path.append(torch.lerp(states[before], states[after], share))
        path[-1] = self.best
        return torch.stack(path)

    def report(self) -> DragReport:
        """How it went."""
        distances = tuple((self._targets - self.places).norm(dim=1).tolist())
        moved = float(self.best.square().mean().sqrt())
        return DragReport(
            self._reached(self.places), distances, moved, self._steps, self._seconds, self.ending, self.remarks
        )

    def _reached(self, places: torch.Tensor) -> tuple[Drag, ...]:
        """Each handle, and where it is now, in pictures."""
        starts, ends = ((each / self._pixels).tolist() for each in (self._handles, places))
        return tuple(Drag((start[0], start[1]), (end[0], end[1])) for start, end in zip(starts, ends, strict=True))

    def _make(self, moved: torch.Tensor) -> FeatureMap:
        """The state after the finest layer; `_maps` are then those of all."""
        features = begin(self.generator, self.movement.styles(moved), NoiseField("const"))
        self._maps = []
        for layer in self.layers:
            features = synthesize_differentiably(features, layer)
            self._maps.append(features.activation[0])
        return features

    @torch.no_grad()
    def _finished(self, features: FeatureMap) -> torch.Tensor:
        """The picture of a state that stopped at a layer."""
        return synthesize(features).picture
