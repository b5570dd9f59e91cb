"""The last phase of an inversion: the generator itself is fitted (Source: Roich et al. 2021, Pivotal Tuning)."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ..generators import Generator
from ..optimise import Problem, painting_weights, search
from ..synthesis.feature_map import FeatureMap
from .data_term import DataTerm
from .settings import InversionSettings


def tune(
    generator: Generator,
    settings: InversionSettings,
    make: Callable[[], FeatureMap],
    data_term: DataTerm,
    after_step: Callable[[int, torch.Tensor], None],
) -> None:
    """Fit a generator's weights until what it makes is like the one picture that is sought.

    Args:
        generator: In float32, with weights of its own.
        settings: Have the steps and the learning rate.
        make: Runs it to the picture.
        data_term: Of that one picture.
        after_step: Told the steps done and the picture; may raise to stop.
    """
    parameters = painting_weights(generator)
    problem = Problem(list(parameters.values()), settings.tune_steps, settings.tune_learning_rate, keep_best=False)
    search(
        [problem],
        lambda _: make(),
        lambda features, _: data_term(features.picture),
        lambda features, _: after_step(problem.taken, features.picture),
    )
