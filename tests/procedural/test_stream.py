"""Streams are deterministic per (seed, index), whoever renders them."""

import numpy as np
import pytest
from soat.soat_backend.support.errors import SoatError
from soat.soat_backend.training.renderers import NAMES, find_renderer, render_one, stream


def test_picture_depends_on_seed_and_index_alone():
    first = list(stream("landscape", 3, 16, seed=5))
    longer = list(stream("landscape", 4, 16, seed=5))
    assert np.array_equal(first, longer[:3])
    assert np.array_equal(render_one(2, "landscape", 16, 5), first[2])
    assert not np.array_equal(render_one(2, "landscape", 16, 6), first[2])


def test_workers_do_not_change_the_stream():
    assert np.array_equal(list(stream("landscape", 5, 16, seed=1, workers=2)), list(stream("landscape", 5, 16, seed=1)))


def test_every_renderer_gives_rgb_bytes_of_the_size_asked_for():
    for render in map(find_renderer, NAMES):
        image = render(np.random.default_rng(0), 32)
        assert image.shape == (32, 32, 3)
        assert image.dtype == np.uint8


def test_unknown_renderer_is_named_with_those_that_exist():
    with pytest.raises(SoatError, match=r"'portraits'.*landscape"):
        next(stream("portraits", 1, 16))
