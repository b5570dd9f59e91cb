"""AlexNet's features against the published LPIPS, the Frechet distance against closed forms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from soat.soat_backend.perceptual import frechet_distance, load_alexnet

HERE = Path(__file__).parent


def picture(name):
    pixels = np.asarray(Image.open(HERE / f"{name}.png").convert("RGB"))
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1.0


@pytest.mark.parametrize(("other", "published"), [("ex_p0", 0.722), ("ex_p1", 0.138)])
def test_features_give_the_published_lpips(other, published):
    """LPIPS, eq. 1: features of unit length, squared differences, weighted, averaged over the picture, summed."""
    network = load_alexnet()
    distance = 0.0
    features = (network(picture(name)) for name in ("ex_ref", other))
    for index, (first, second) in enumerate(zip(*features, strict=True)):
        first, second = (x / x.norm(dim=1, keepdim=True).clamp_min(1e-10) for x in (first, second))
        weighted = (first - second).square() * network.get_buffer(f"linear{index}")
        distance += float(weighted.sum(dim=1).mean())
    # The README of the lpips package gives three digits, ours are of weights in half precision.
    assert distance == pytest.approx(published, abs=1e-3)


def gaussian(seed, mean, root, count=200_000):
    x = torch.randn(count, len(mean), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return x @ torch.tensor(root, dtype=torch.float64) + torch.tensor(mean, dtype=torch.float64)


def test_frechet_of_gaussians_whose_covariances_dont_commute():
    a = gaussian(0, [0.0, 0.0], [[1.0, 0.0], [0.0, 2.0]])
    b = gaussian(1, [1.0, -1.0], [[1.0, 0.5], [0.5, 1.0]])
    covariance_a = np.diag([1.0, 4.0])
    covariance_b = np.array([[1.25, 1.0], [1.0, 1.25]])
    # The roots of the product's eigenvalues sum to the trace of its root, whether or not it is symmetric.
    cross = np.sqrt(np.linalg.eigvals(covariance_a @ covariance_b)).sum()
    expected = 2.0 + 5.0 + 2.5 - 2 * cross
    assert frechet_distance(a, b) == pytest.approx(expected, rel=0.02)
    assert frechet_distance(b, a) == pytest.approx(frechet_distance(a, b), rel=1e-6)
    assert frechet_distance(a, a) == pytest.approx(0.0, abs=1e-9)
