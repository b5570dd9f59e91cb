from __future__ import annotations

import pytest
import torch
from soat.soat_backend.latents import sample, to_styles
from soat.soat_backend.optimise.reconstruction import reconstruct
from soat.soat_backend.perceptual import load_alexnet


@pytest.fixture(autouse=True)
def one_thread():
    """Tiny tensors are no work for two."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def alexnet():
    return load_alexnet()


@pytest.fixture
def picture_of():
    """Pictures of seeds, untruncated, `[B, 3, R, R]`."""

    def make(generator, seed=0, count=1):
        with torch.no_grad():
            return reconstruct(generator, to_styles(generator, sample(generator, seed, count, 1.0))).picture

    return make
