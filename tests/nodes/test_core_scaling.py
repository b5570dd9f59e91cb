"""ComfyUI's Upscale Image By, headless; that its results are ComfyUI's is tested in tests/comfyui."""

import numpy as np
import pytest
import torch
from PIL import Image
from soat.nodes.core.scaling import METHODS, ImageScaleBy


def scaled(image, method, by):
    return ImageScaleBy().upscale(image, method, by)[0]


@pytest.fixture
def image():
    return torch.rand(2, 6, 8, 3, generator=torch.Generator().manual_seed(5))


def test_nearest_repeats_pixels(image):
    assert torch.equal(scaled(image, "nearest-exact", 2.0), image.repeat_interleave(2, 1).repeat_interleave(2, 2))


def test_area_takes_means(image):
    means = image.reshape(2, 3, 2, 4, 2, 3).mean((2, 4))
    assert torch.allclose(scaled(image, "area", 0.5), means, atol=1e-6)


def test_lanczos_is_pillows_in_8_bits(image):
    pixels = (255.0 * image[1].numpy()).astype(np.uint8)
    wanted = np.asarray(Image.fromarray(pixels).resize((20, 15), Image.Resampling.LANCZOS), np.float32) / 255.0
    assert np.array_equal(scaled(image, "lanczos", 2.5)[1].numpy(), wanted)


@pytest.mark.parametrize("method", METHODS)
def test_sides_are_rounded_and_a_flat_picture_stays_flat(method):
    flat = torch.full((1, 5, 7, 3), 51 / 255)
    made = scaled(flat, method, 1.3)
    # 6.5 and 9.1: Python rounds halves to even, as ComfyUI does.
    assert made.shape == (1, 6, 9, 3)
    assert torch.allclose(made, torch.full_like(made, 51 / 255), atol=1e-6)
