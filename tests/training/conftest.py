import numpy as np
import pytest
import torch
from soat.soat_backend.training.options import TrainingOptions


class ArrayPictures:
    """Random pictures, the same at every resolution up to 16 px but for averaging."""

    def __init__(self, count=24, resolution=16):
        self.images = np.random.default_rng(3).integers(0, 256, (count, resolution, resolution, 3), dtype=np.uint8)

    def at(self, resolution):
        factor = self.images.shape[1] // resolution
        blocks = self.images.reshape(-1, resolution, factor, resolution, factor, 3)
        return blocks.mean(axis=(2, 4)).astype(np.uint8)


@pytest.fixture
def pictures():
    return ArrayPictures()


@pytest.fixture
def options():
    """A generator of a few thousand parameters that grows from 8 to 16 px after 32 images."""
    return TrainingOptions(
        resolution=16,
        start_resolution=8,
        channels={4: 8, 8: 8, 16: 4},
        z_dim=4,
        w_dim=8,
        mapping_layers=2,
        batch=4,
        r1_interval=2,
        fade_images=16,
        stage_images={8: 32},
        warmup_images=8,
    )


@pytest.fixture(autouse=True)
def one_thread():
    """Sums in the same order at every run, and tiny tensors are no work for two."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
