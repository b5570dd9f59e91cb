"""Gradient descent with a learning rate that rises at first and falls at the end, and a memory for the best."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import torch

# Source: StyleGAN2, appendix D: 5 % of the steps up, 25 % down.
_RAMP_UP = 0.05
_RAMP_DOWN = 0.25
# A better loss is one that is lower by this part.
_IMPROVEMENT = 1e-3
# Of weights that are fitted: themselves, their gradients, and what Adam remembers of these.
COPIES_WHILE_FITTED = 4


class Course:
    """The learning rate's course over a search, which a loss that no longer falls brings to an early end.

    Args:
        steps: At most so many.
        patience: Steps without a better loss after which the fall begins; 0: only when its time has come.
        falls: Whether there is a fall: what ends as soon as it is where it should be needs none.
    """

    def __init__(self, steps: int, patience: int = 0, falls: bool = True) -> None:
        self.up = max(1.0, _RAMP_UP * steps)
        self.down = max(1, math.ceil(_RAMP_DOWN * steps)) if falls else 1
        self.end = steps
        self.patience = patience
        self._best = math.inf
        self._best_step = 0

    def __iter__(self) -> Iterator[tuple[int, float]]:
        """Each step's number, from 0, and what its learning rate is multiplied with."""
        step = 0
        while step < self.end:
            rise = min(1.0, (step + 1) / self.up)
            fall = min(1.0, (self.end - step) / self.down)
            yield step, rise * (0.5 - 0.5 * math.cos(math.pi * fall))
            step += 1

    def note(self, step: int, loss: float) -> None:
        """Take note of a step's loss, of any sign: if it no longer falls, the learning rate begins to."""
        part = _IMPROVEMENT if self._best > 0 else -_IMPROVEMENT
        if loss < self._best * (1.0 - part):
            self._best, self._best_step = loss, step
        if self.patience and step - self._best_step >= self.patience:
            self.end = min(self.end, step + self.down)


class Descent:
    """Adam on some tensors, in place, along a course of its own.

    Args:
        variables: Leaves that require gradients.
        course: Of the learning rate.
        learning_rate: Of the course's height.
        betas: Adam's.
    """

    def __init__(
        self,
        variables: Sequence[torch.Tensor],
        course: Course,
        learning_rate: float,
        betas: tuple[float, float] = (0.9, 0.999),
    ) -> None:
        self.course = course
        self._turns = iter(course)
        self._learning_rate = learning_rate
        self._optimiser = torch.optim.Adam(variables, lr=learning_rate, betas=betas)

    def begin_step(self) -> bool:
        """Forget the last step's gradients; False at the course's end."""
        turn = next(self._turns, None)
        if turn is None:
            return False
        self.step, self._factor = turn
        self._optimiser.zero_grad(set_to_none=True)
        return True

    def end_step(self) -> None:
        """Change the variables by their gradients, at the step's learning rate."""
        for group in self._optimiser.param_groups:
            group["lr"] = self._learning_rate * self._factor
        self._optimiser.step()


def minimise(
    descents: Sequence[Descent],
    losses: Callable[[list[int]], torch.Tensor],
    after_step: Callable[[list[int], list[float]], None],
) -> None:
    """Several descents side by side, none of which changes another; each ends where its course does.

    Args:
        descents: Not begun.
        losses: Of the descents of these numbers, with their variables as they are: `[as many]`.
        after_step: Called with the numbers and losses of each step, before the variables change; may raise to stop.
    """
    going = [index for index, descent in enumerate(descents) if descent.begin_step()]
    while going:
        values = losses(going)
        values.sum().backward()
        now = values.detach().tolist()
        for index, value in zip(going, now, strict=True):
            descents[index].course.note(descents[index].step, value)
        after_step(going, now)
        for index in going:
            descents[index].end_step()
        going = [index for index in going if descents[index].begin_step()]
