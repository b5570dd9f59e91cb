import sys
from pathlib import Path

import pytest
import torch

# `plain` and `against` are imported by several test files, which pytest's importlib mode doesn't let them by itself.
sys.path.insert(0, str(Path(__file__).parent))

from against import plain_voice


@pytest.fixture(autouse=True)
def one_thread():
    """Tiny tensors are no work for two."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def take(node):
    """Cuts a generator open at a layer, through the nodes; gives the features, and a plain voice of the same seeds."""

    def take(generator, seed=3, layer="b4.conv1", noise="const", batch=1):
        latent = node("SampleLatent", generator=generator, seed=seed, batch_size=batch)
        features = node("GetFeatures", generator=generator, latent=latent, layer=layer, noise_mode=noise)
        return features, plain_voice(generator, range(seed, seed + batch), noise)

    return take


@pytest.fixture
def w_plus(node, generator):
    """Codes of the small generator, by seed."""
    return lambda seed=0, batch=1: node("SampleLatent", generator=generator, seed=seed, batch_size=batch)


@pytest.fixture
def conditional(make_generator):
    return make_generator(c_dim=3, name="classes.pkl")
