"""Landscapes: golden pictures, the same scene at every size."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from soat.soat_backend.support.errors import SoatError
from soat.soat_backend.training.renderers.landscape import render

GOLDEN = Path(__file__).parent / "landscape_golden.npy"
GOLDEN_SEEDS = (0, 1, 2, 3, 5, 8)


def draw(seed, size):
    return render(np.random.default_rng(seed), size).astype(int)


def shrink(image, size):
    factor = image.shape[0] // size
    return image.reshape(size, factor, size, factor, 3).mean(axis=(1, 3))


def test_golden_pictures():
    """Made with the first release; a change of looks raises landscape.VERSION and makes them anew."""
    golden = np.load(GOLDEN)
    assert golden.shape == (len(GOLDEN_SEEDS), 16, 16, 3)
    for seed, expected in zip(GOLDEN_SEEDS, golden, strict=True):
        # One level: libraries round transcendental functions differently.
        assert np.abs(draw(seed, 16) - expected).max() <= 1


def test_same_scene_at_smaller_sizes():
    for seed in (0, 4):
        large = draw(seed, 128)
        for size in (32, 64):
            assert np.abs(draw(seed, size) - shrink(large, size)).max() <= 1


def test_same_scene_at_larger_sizes():
    difference = np.abs(shrink(draw(3, 256), 32) - shrink(draw(3, 128), 32))
    assert difference.mean() < 4
    assert difference.mean() < np.abs(shrink(draw(3, 128), 32) - draw(4, 32)).mean() / 5


def test_pictures_vary():
    """Mean colours and light of many pictures spread over days and nights."""
    means = np.array([draw(seed, 8).mean(axis=(0, 1)) for seed in range(60)])
    assert means.mean(axis=1).min() < 60
    assert means.mean(axis=1).max() > 180
    assert (means.std(axis=0) > 30).all()


def test_textures_are_not_made_on_import():
    module = "soat.soat_backend.training.renderers.landscape.textures"
    code = f"import {module} as made\nprint(made.textures.cache_info().currsize)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"


@pytest.mark.parametrize("size", [0, 4, 48, 100])
def test_other_sizes_are_refused(size):
    with pytest.raises(SoatError, match="power of two"):
        render(np.random.default_rng(0), size)
