"""LPIPS against the published one, the Frechet distance against closed forms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from soat.soat_backend.perceptual import PerceptualTarget, frechet_distance, load_alexnet, load_features
from soat.soat_backend.perceptual.features import WEIGHTS
from soat.soat_backend.support.errors import SoatError

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def picture(name):
    pixels = np.asarray(Image.open(HERE / f"{name}.png").convert("RGB"))
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1.0


@pytest.mark.parametrize(("other", "published"), [("ex_p0", 0.722), ("ex_p1", 0.138)])
def test_lpips_is_the_published_one(other, published):
    # The README of the lpips package gives three digits, ours are of weights in half precision.
    distance = PerceptualTarget(load_alexnet(), picture("ex_ref")).distance(picture(other))
    assert distance.shape == (1,) and float(distance) == pytest.approx(published, abs=1e-3)


def test_lpips_of_a_batch_is_each_alone():
    target = PerceptualTarget(load_alexnet(), picture("ex_ref"))
    batch = torch.cat([picture(name) for name in ("ex_p0", "ex_p1", "ex_ref")])
    alone = torch.cat([target.distance(each[None]) for each in batch])
    torch.testing.assert_close(target.distance(batch), alone, rtol=1e-4, atol=1e-6)
    assert float(alone[2]) == pytest.approx(0.0, abs=1e-6)


def test_lpips_of_flat_black_pictures_has_finite_gradients():
    black = torch.full((1, 3, 64, 64), -1.0)
    moved = black.clone().requires_grad_()
    PerceptualTarget(load_alexnet(), black).distance(moved).backward()
    assert moved.grad.isfinite().all() and moved.grad.abs().max() < 10


def test_small_pictures_are_enlarged_for_the_network():
    small = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1
    large = small.repeat_interleave(2, 2).repeat_interleave(2, 3)
    distance = PerceptualTarget(load_alexnet(), small[:1]).distance(small[1:])
    assert float(distance) == pytest.approx(
        float(PerceptualTarget(load_alexnet(), large[:1]).distance(large[1:])), rel=0.5
    )


def test_vgg16_is_recognised_and_is_what_its_formula_says():
    path = ROOT.parent / "shared" / "data" / "lpips_vgg16.safetensors"
    if not path.exists():
        pytest.skip(f"needs {path.name} with VGG16's weights, 29 MB, which don't ship with the pack")
    network = load_features(path)
    assert network.architecture.name == "VGG16"
    weights = {name: tensor.float() for name, tensor in load_file(path).items()}
    expected, features = 0.0, []
    for name in ("ex_ref", "ex_p1"):
        x = picture(name)
        x = (x - torch.tensor([-0.030, -0.088, -0.188])[:, None, None]) / torch.tensor([0.458, 0.448, 0.450])[
            :, None, None
        ]
        taken, index = [], 0
        for block, count in enumerate((2, 2, 3, 3, 3)):
            x = x if block == 0 else torch.nn.functional.max_pool2d(x, 2)
            for _ in range(count):
                x = torch.nn.functional.conv2d(
                    x, weights[f"conv{index}.weight"], weights[f"conv{index}.bias"], padding=1
                )
                x, index = x.clamp_min(0), index + 1
            taken.append(x / x.norm(dim=1, keepdim=True).clamp_min(1e-10))
        features.append(taken)
    for index, (first, second) in enumerate(zip(*features, strict=True)):
        expected += float(((first - second).square() * weights[f"lin{index}.weight"]).sum(1).mean())
    found = PerceptualTarget(network, picture("ex_ref")).distance(picture("ex_p1"))
    assert float(found) == pytest.approx(expected, rel=1e-3)


def test_other_files_are_refused(tmp_path):
    weights = load_file(WEIGHTS)
    cases = {
        "lin4.weight is missing": {name: tensor for name, tensor in weights.items() if name != "lin4.weight"},
        r"conv1.bias is \[3\] instead of \[192\]": {**weights, "conv1.bias": torch.zeros(3)},
        "conv9.weight is one too many": {**weights, "conv9.weight": torch.zeros(3)},
        "for VGG16 conv0.weight is missing": {"conv5.weight": torch.zeros(3)},
    }
    for message, tensors in cases.items():
        save_file(tensors, tmp_path / "network.safetensors")
        with pytest.raises(SoatError, match=message):
            load_features(tmp_path / "network.safetensors")
    (tmp_path / "network.safetensors").write_bytes(b"no")
    with pytest.raises(SoatError, match="can't be read as safetensors"):
        load_features(tmp_path / "network.safetensors")


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
