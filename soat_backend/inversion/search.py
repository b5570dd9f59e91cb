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


class Course:
    """The learning rate's course over a search, which a loss that no longer falls brings to an early end.

    Args:
        steps: At most so many.
        patience: Steps without a better loss after which the fall begins; 0: only when its time has come.
    """

    def __init__(self, steps: int, patience: int = 0) -> None:
        self.up = max(1.0, _RAMP_UP * steps)
        self.down = max(1, math.ceil(_RAMP_DOWN * steps))
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
        """Tell the loss of a step."""
        if loss < self._best * (1.0 - _IMPROVEMENT):
            self._best, self._best_step = loss, step
        if self.patience and step - self._best_step >= self.patience:
            self.end = min(self.end, step + self.down)


def minimise(
    variables: Sequence[torch.Tensor],
    loss: Callable[[], torch.Tensor],
    course: Course,
    learning_rate: float,
    after_step: Callable[[int, float], None],
) -> None:
    """Adam on some tensors, in place.

    Args:
        variables: Leaves that require gradients.
        loss: A scalar of their present values.
        course: Of the learning rate.
        learning_rate: Of the course's height.
        after_step: Called with each step's number and loss, before the variables change; may raise to stop.
    """
    optimiser = torch.optim.Adam(variables, lr=learning_rate)
    for step, factor in course:
        value = loss()
        optimiser.zero_grad(set_to_none=True)
        value.backward()
        now = float(value.detach())
        course.note(step, now)
        after_step(step, now)
        for group in optimiser.param_groups:
            group["lr"] = learning_rate * factor
        optimiser.step()
