"""ProceduralImage: pictures by seed, that no training had."""

from __future__ import annotations

import numpy as np
import torch
from soat.soat_backend.training.renderers import render_one


def test_items_are_those_of_the_seeds_that_follow(node):
    batch = node("ProceduralImage", seed=4, size="64", batch_size=3)
    assert batch.shape == (3, 64, 64, 3) and batch.dtype == torch.float32
    for index in range(3):
        assert torch.equal(node("ProceduralImage", seed=4 + index, size="64")[0], batch[index])


def test_no_training_has_them(node):
    picture = (node("ProceduralImage", seed=0, size="64")[0] * 255).round().byte().numpy()
    assert not any(
        np.array_equal(picture, render_one(index, "landscape", 64, seed)) for seed in (0, 1) for index in (0, 1)
    )


def test_the_same_seed_is_the_same_person_in_another_style(node):
    plain, comic = (node("ProceduralImage", scene=s, seed=3, size="64") for s in ("portrait", "portrait-comic"))
    other = node("ProceduralImage", scene="portrait-comic", seed=4, size="64")
    assert (plain - comic).abs().mean() < (plain - other).abs().mean()
