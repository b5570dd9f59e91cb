"""A search by gradients: its unknowns may be anything, several go side by side, and the best so far is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from soat.soat_backend.feature_ops import get_features
from soat.soat_backend.latents import sample
from soat.soat_backend.optimise import Problem, StopSearch, choose_starts, search, synthesize_differentiably
from soat.soat_backend.synthesis.loop import synthesize


def ignore(*_):
    pass


def test_a_feature_map_can_be_sought(generator):
    """The activation at a layer is the unknown, the picture decides."""
    there = get_features(generator, sample(generator, 3), "b8.conv1")
    wanted = synthesize(there).picture
    base = torch.zeros_like(there.activation)
    first = float((synthesize(replace(there, activation=base)).picture - wanted).square().mean())
    losses = []

    def objective(features, going):
        loss = (features.picture - wanted).square().mean(dim=(1, 2, 3))
        losses.append(float(loss.detach()))
        return loss

    problem = Problem([base], steps=60, learning_rate=0.1)
    search([problem], lambda _: synthesize_differentiably(replace(there, activation=base)), objective, ignore)
    found = float((synthesize(replace(there, activation=base)).picture - wanted).square().mean())
    assert losses[0] == pytest.approx(first) and found < 0.05 * first
    assert found == pytest.approx(min(losses), rel=1e-5) and problem.lowest == min(losses) and problem.taken == 60
    assert not base.requires_grad


def _points(generator):
    """A problem of one number, whose map is drawn to a wish."""
    styles = get_features(generator, sample(generator, 3), "b4.conv1")
    return styles, lambda x: replace(styles, activation=styles.activation * 0 + x)


def test_searches_side_by_side_are_as_if_alone(generator):
    like, made = _points(generator)
    wishes = torch.tensor([1.0, -2.0, 0.5])

    def run(which):
        numbers = [torch.zeros(1) for _ in which]
        problems = [Problem([x], steps=20 + 10 * k, learning_rate=0.2) for k, x in zip(which, numbers, strict=True)]

        def make(going):
            maps = [made(numbers[index]).activation for index in going]
            return replace(like, activation=torch.cat(maps))

        def objective(features, going):
            wanted = wishes[[which[index] for index in going]]
            return (features.activation.mean(dim=(1, 2, 3)) - wanted).square()

        search(problems, make, objective, ignore)
        return [float(x) for x in numbers], [problem.taken for problem in problems]

    together, taken = run([0, 1, 2])
    assert taken == [20, 30, 40]
    for index in range(3):
        assert run([index])[0][0] == pytest.approx(together[index], abs=1e-6)


def test_a_stop_leaves_the_best_so_far(generator):
    _, made = _points(generator)
    number, seen = torch.zeros(1), []

    def watch(features, going):
        seen.append(float(number))
        if len(seen) == 7:
            raise StopSearch

    def objective(features, going):
        # The third step is the best there will be.
        loss = (features.activation.mean() - 1.0).square()[None]
        return loss if len(seen) != 2 else loss * 0

    problem = Problem([number], steps=100, learning_rate=0.1)
    with pytest.raises(StopSearch):
        search([problem], lambda _: made(number), objective, watch)
    assert problem.ending == Problem.STOPPED
    assert problem.taken == 7 and float(number) == seen[2] != seen[6]


@pytest.mark.parametrize("loss", [1.0, 0.0, -1.0])
def test_patience_ends_a_search(generator, loss):
    _, made = _points(generator)
    number = torch.zeros(1)
    problem = Problem([number], steps=200, learning_rate=0.1, patience=5)
    search([problem], lambda _: made(number), lambda features, _: features.activation.mean()[None] * 0 + loss, ignore)
    assert problem.ending == "the loss stopped falling" and problem.taken < 200


def test_weights_may_end_as_the_last(generator):
    _, made = _points(generator)
    number, seen = torch.zeros(1), []
    problem = Problem([number], steps=5, learning_rate=0.1, keep_best=False)
    objective = lambda features, _: features.activation.mean()[None]  # noqa: E731
    search([problem], lambda _: made(number), objective, lambda *_: seen.append(float(number)))
    assert float(number) != seen[-1]


def test_starts_are_the_nearest_candidates(generator):
    like, made = _points(generator)
    candidates = torch.tensor([3.0, -1.0, 0.4, 2.1, 0.9])[:, None]
    wishes, starts, told = [1.0, 2.0], [torch.zeros(1, 1), torch.zeros(1, 1)], []

    def make(some):
        return replace(like, activation=torch.cat([made(x).activation for x in some]))

    objectives = [lambda f, w=w: (f.activation.mean(dim=(1, 2, 3)) - w).square() for w in wishes]
    choose_starts(starts, candidates, 2, make, objectives, lambda i, f, k: told.append((i, k)), ignore)
    assert [float(start) for start in starts] == pytest.approx([0.9, 2.1])
    assert told == [(0, 0), (1, 0), (0, 0), (1, 1), (0, 0)]
