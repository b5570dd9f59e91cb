"""A search by gradients, whatever is sought: unknowns, an objective, the best so far, and a way to stop.

A search changes some tensors, the unknowns (styles, noise, weights, a feature map). `make` runs them to a feature map,
`objective` says how far that is from what is wanted. Several searches can go side by side: the network runs for all of
them together, and each has an optimiser, a course and an end of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch

from ..generators import Generator
from ..support.runtime import differentiable, exact
from ..synthesis.feature_map import FeatureMap
from .descent import Course, Descent, minimise


class StopSearch(Exception):
    """Raised by a watcher to end a search. It passes through, and the unknowns are then the best so far."""


class Problem:
    """One thing that is sought.

    Args:
        unknowns: The tensors that are changed, in place. At the end they are what was best.
        steps: At most so many.
        learning_rate: Of Adam, at the height of its course.
        patience: Steps without a better loss after which the search is brought to its end; 0: never.
        keep_best: Whether the unknowns end as the best they were, or as the last.
        falls: Whether the learning rate falls at the end, as of `Course`.
        betas: Adam's.

    Attributes:
        taken: Steps taken so far.
        lowest: The lowest loss so far; or what a `Judge` said instead.
        ending: Why there were no more steps.
    """

    STOPPED = "stopped, the best so far"
    STOPPED_AT_LAST = "stopped, as far as it had come"
    ALL_TAKEN = "all steps taken"

    def __init__(
        self,
        unknowns: Sequence[torch.Tensor],
        steps: int,
        learning_rate: float,
        patience: int = 0,
        keep_best: bool = True,
        falls: bool = True,
        betas: tuple[float, float] = (0.9, 0.999),
    ) -> None:
        self.unknowns = list(unknowns)
        self.taken, self.lowest, self.ending = 0, math.inf, self.ALL_TAKEN
        self._steps = steps
        self._best = self._copies() if keep_best else None
        for unknown in self.unknowns:
            unknown.requires_grad_()
        self.descent = Descent(self.unknowns, Course(steps, patience, falls), learning_rate, betas)

    def end(self, why: str) -> None:
        """Let the present step be the last, as an objective may that has what it wanted."""
        self.ending = why
        self.descent.course.end = self.descent.step + 1

    def stop(self) -> None:
        """Say that somebody stopped it: then there are no more steps."""
        self.ending = self.STOPPED_AT_LAST if self._best is None else self.STOPPED

    def note(self, loss: float) -> None:
        """Tell the loss of a step, or what is judged by instead, before the unknowns change."""
        self.taken += 1
        if loss < self.lowest:
            self.lowest = loss
            if self._best is not None:
                self._best = self._copies()

    def finish(self) -> None:
        """Leave the unknowns as the best they were, wanting no gradients."""
        if self.descent.course.end < self._steps and self.ending == self.ALL_TAKEN:
            self.ending = "the loss stopped falling"
        with torch.no_grad():
            for unknown in self.unknowns:
                unknown.requires_grad_(False)
            for unknown, best in zip(self.unknowns, self._best or self.unknowns, strict=True):
                if best is not unknown:
                    unknown.copy_(best)

    def _copies(self) -> list[torch.Tensor]:
        return [unknown.detach().clone() for unknown in self.unknowns]


@contextmanager
def with_gradients(generator: Generator) -> Iterator[None]:
    """Where a search is made: gradients pass, and calculations are exact.

    ComfyUI runs nodes in inference mode, whose tensors no gradient can pass: what was made there and is needed here is
    cloned here.
    """
    with torch.inference_mode(False), torch.enable_grad(), exact(generator.device, generator.allow_tf32):
        yield


def searchable(generator: Generator, copy_weights: bool = False) -> Generator:
    """A generator that gradients can pass, in float32.

    Args:
        generator: What to search with; it stays as it is.
        copy_weights: Whether the result's weights are its own, so that they can be changed; else it shares them.
    """
    working = differentiable(generator, copy_weights=copy_weights)
    if copy_weights:
        working.name = f"{generator.name}, fitted"
    working.dtype = torch.float32
    return working


def painting_weights(generator: Generator, colours: bool = True) -> dict[str, torch.nn.Parameter]:
    """The weights that paint, by name: all but those of mapping and affines, so that style space stays what it is.

    Args:
        generator: Any.
        colours: Whether those of the layers that only make colours are among them.
    """
    left = set()
    if not colours:
        of_colours = [generator.module(layer) for layer in generator.layers if not layer.has_features]
        left = {id(parameter) for module in of_colours for parameter in module.parameters()}
    return {
        name: parameter
        for name, parameter in generator.named_parameters()
        if name.startswith("synthesis.") and ".affine." not in name and id(parameter) not in left
    }


# Of the searches of these numbers: what their unknowns give, as one batch.
Make = Callable[[list[int]], FeatureMap]
# Of what was made, and for which searches: how far each is from what is wanted, `[as many]`.
Objective = Callable[[FeatureMap, list[int]], torch.Tensor]
# Told what was made in each step, and for which searches; may raise to stop.
Watch = Callable[[FeatureMap, list[int]], None]
# How far each of the searches of these numbers is, as it was last made: for those whose loss doesn't say it.
Judge = Callable[[list[int]], list[float]]


def search(
    problems: Sequence[Problem], make: Make, objective: Objective, watch: Watch, judge: Judge | None = None
) -> None:
    """Search until each problem's course has come to its end.

    Call it within `with_gradients`. Several starts of one search are several problems: the one whose `lowest` is the
    lowest has found the best.

    Args:
        problems: Not begun.
        make: As of `Make`.
        objective: As of `Objective`.
        watch: As of `Watch`; what it raises (StopSearch, as a rule) ends the search, and is raised once the unknowns
            are the best so far.
        judge: By what the best of a search is known; None: by its loss.
    """
    made: FeatureMap | None = None

    def losses(going: list[int]) -> torch.Tensor:
        nonlocal made
        features = make(going)
        made = features.with_tensors(torch.Tensor.detach)
        return objective(features, going)

    def after_step(going: list[int], values: list[float]) -> None:
        for index, value in zip(going, judge(going) if judge else values, strict=True):
            problems[index].note(value)
        assert made is not None, "a step has a loss"
        watch(made, going)

    try:
        minimise([problem.descent for problem in problems], losses, after_step)
    except StopSearch:
        for problem in problems:
            problem.stop()
        raise
    finally:
        for problem in problems:
            problem.finish()


@torch.no_grad()
def choose_starts(
    starts: list[torch.Tensor],
    candidates: torch.Tensor,
    at_once: int,
    make: Callable[[torch.Tensor], FeatureMap],
    objectives: Sequence[Callable[[FeatureMap], torch.Tensor]],
    nearer: Callable[[int, FeatureMap, int], None],
    watch: Callable[[], None],
) -> None:
    """Of some candidates, choose for each objective the one to begin with: that which is nearest to what it wants.

    Args:
        starts: For each objective what is chosen, `[1, ...]`; changed in place, so that a stop keeps what there is.
        candidates: `[N, ...]`.
        at_once: How many are run together.
        make: What some of them give.
        objectives: How far what was made is from what each wants, `[as many]`.
        nearer: Told (objective's number, what was made, which of it) where a nearer one was found.
        watch: Called after each few; may raise to stop.
    """
    lowest = [math.inf] * len(objectives)
    for some in candidates.split(at_once):
        features = make(some)
        for index, objective in enumerate(objectives):
            losses = objective(features)
            best = int(losses.argmin())
            if float(losses[best]) < lowest[index]:
                lowest[index], starts[index] = float(losses[best]), some[best][None]
                nearer(index, features, best)
        watch()
