"""Figures against closed forms."""

import pytest
import torch
from soat.soat_backend.training.metric import compare, laplacian_pyramid, pixel_frechet, sliced_wasserstein


def noise(count, seed, side=32):
    return torch.randn(count, 3, side, side, generator=torch.Generator().manual_seed(seed))


def test_pyramid_adds_up_to_the_picture():
    images = noise(2, 0, 64)
    bands = laplacian_pyramid(images)
    assert [band.shape[2] for band in bands] == [64, 32, 16]
    total = bands[-1]
    for band in bands[-2::-1]:
        total = band + torch.nn.functional.interpolate(total, scale_factor=2, mode="bilinear")
    torch.testing.assert_close(total, images, rtol=1e-5, atol=1e-5)


def test_equal_sets_are_at_no_distance():
    images = noise(64, 0)
    assert sliced_wasserstein(images, images) == 0.0
    # The covariance's many zero eigenvalues come out as rounding errors, whose roots add up; its trace is 3 * 16 * 16.
    assert pixel_frechet(images, images) == pytest.approx(0.0, abs=1e-3)


def test_frechet_of_a_shift_is_its_square():
    images = noise(64, 0, 16)
    assert pixel_frechet(images, images + 0.5) == pytest.approx(0.25 * 3 * 16 * 16, rel=1e-5)


def test_frechet_of_a_scale_is_the_squared_difference_of_deviations():
    images = noise(64, 0, 16)
    mean, variance = images.flatten(1).double().mean(0), images.flatten(1).double().var(0).sum()
    expected = float((2 - 1) ** 2 * (variance + mean.square().sum()))
    assert pixel_frechet(images, 2 * images) == pytest.approx(expected, rel=1e-4)


def test_another_distribution_is_farther_than_another_sample():
    real, again, blurred = noise(64, 0), noise(64, 1), torch.nn.functional.avg_pool2d(noise(64, 2), 3, 1, 1)
    near, far = compare(real, again), compare(real, blurred)
    assert set(near) == {"swd_32", "swd_16", "frechet"}
    assert all(far[name] > 2 * near[name] for name in ("swd_32", "swd_16"))
