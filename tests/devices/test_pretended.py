"""The device that isn't there behaves as one that is."""

from __future__ import annotations

import copy

import pretended
import pytest
import torch
import torch.nn.functional as F
from running import REAL
from torch.utils.checkpoint import checkpoint

pytestmark = pytest.mark.skipif(bool(REAL), reason="SOAT_TEST_DEVICE names a real device")

X = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
WEIGHT = torch.randn(4, 3, 3, 3, generator=torch.Generator().manual_seed(1))


def like(x, values):
    return torch.as_tensor(values, device=x.device)


OPERATORS = {
    "arithmetic": lambda x: 2.0**x % 3 + x / 7 - x.square().mean(1, keepdim=True).add(1e-8).rsqrt(),
    "views": lambda x: x.permute(0, 2, 3, 1).reshape(2, -1)[:, 3:].t(),
    "split": lambda x: x.split(1)[1].expand(3, -1, -1, -1),
    "channels_last": lambda x: x.contiguous(memory_format=torch.channels_last),
    "empty": lambda x: torch.empty_like(x, memory_format=torch.channels_last).zero_(),
    "in_place": lambda x: x.clone()[:, 1:].sub_(1).mul_(x[:, :1]),
    "assignment": lambda x: (made := x.clone(), made.__setitem__((slice(None), 1), 5.0))[0],
    "conv2d": lambda x: F.conv2d(x, WEIGHT.to(x.device), padding=1),
    "grouped": lambda x: F.conv2d(x, WEIGHT[:3, :1].to(x.device), like(x, [1.0, 2.0, 3.0]), groups=3),
    "conv_transpose2d": lambda x: F.conv_transpose2d(x, WEIGHT.to(x.device).transpose(0, 1), stride=2),
    "bicubic": lambda x: F.interpolate(x, size=(5, 7), mode="bicubic", antialias=True),
    "bilinear": lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"),
    "pools": lambda x: F.adaptive_avg_pool2d(F.max_pool2d(x, 3, 2), 2),
    "pads": lambda x: F.pad(F.pad(x, (1, 1, 2, 2), mode="reflect"), (1, 0, 0, 3)),
    "linear": lambda x: F.linear(x, torch.ones(5, 8, device=x.device), torch.arange(5.0, device=x.device)),
    "grid_sample": lambda x: F.grid_sample(
        x, torch.linspace(-1, 1, 32, device=x.device).view(2, 4, 2, 2), align_corners=False
    ),
    "where": lambda x: torch.where(x > 0, x, -1.0),
    "indices": lambda x: x[:, [0, 2]] + x[:, torch.tensor([0, 2])] + x.index_select(1, like(x, [0, 1])),
    "sort": lambda x: x.sort(dim=3, descending=True)[0].cumsum(2),
    "cat": lambda x: torch.cat((x, torch.stack((x[0], x[1])))),
    "products": lambda x: torch.einsum("bchw,bdhw->bcd", x @ x, x),
    "one_hot": lambda x: F.one_hot(like(x, [1, 2]), 4),
    "types": lambda x: x.half().float() + x.double(),
    "eigh": lambda x: torch.linalg.eigvalsh(torch.cov(x.flatten(1))),
    "a number that was a tensor": lambda x: torch.arange(7, device=x.device) % 3,
}


@pytest.mark.parametrize("inference", [True, False])
@pytest.mark.parametrize("name", OPERATORS)
def test_values_and_strides_are_the_cpus(name, inference, device):
    with torch.inference_mode(inference):
        expected, found = (OPERATORS[name](x) for x in (X, X.to(device)))
    assert found.device == device and found.is_inference() == inference
    assert (found.stride(), found.dtype) == (expected.stride(), expected.dtype)
    assert torch.equal(found.cpu(), expected)


REFUSED = {
    "two devices": lambda x: x + X,
    "the other way": lambda x: X.clone().add_(x),
    "a condition": lambda x: torch.where(X > 0, x, x),
    "a mask": lambda x: x.masked_fill(X > 0, 0.0),
    "a kernel": lambda x: F.conv2d(x, WEIGHT),
    "a picture": lambda x: F.conv2d(X, WEIGHT.to(x.device)),
    "positions": lambda x: x.gather(0, torch.zeros(1, 1, 1, 1, dtype=torch.long)),
    "indices of the device": lambda x: X[like(x, [0])],
    "random numbers": lambda x: torch.randn(3, device=x.device, generator=torch.Generator()),
    "numpy": lambda x: x.numpy(),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_fails_on_an_accelerator_fails(name, device):
    with pytest.raises((RuntimeError, TypeError), match=r"device|tensors? on|cpu|should be the same"):
        REFUSED[name](X.to(device))


def test_tensors_without_dimensions_may_take_part(device):
    assert torch.equal((X.to(device) + torch.tensor(2.0)).cpu(), X + 2.0)


def test_what_mps_refuses(device):
    x = X.to(device)
    refused = [
        lambda: x.double(),
        lambda: X.double().to(device),
        lambda: torch.linspace(0, 1, 3, dtype=torch.float64, device=device),
        lambda: torch.linalg.eigh(torch.eye(3, device=device)),
        lambda: F.interpolate(x, size=5, mode="bicubic", antialias=True),
        lambda: F.grid_sample(x, x[:, :2].permute(0, 2, 3, 1), padding_mode="border", align_corners=False),
    ]
    with pretended.refusing():
        for each in refused:
            with pytest.raises((TypeError, NotImplementedError), match="MPS"):
                each()
        assert torch.equal((x * 2.5).mean().cpu(), (X * 2.5).mean())
        assert torch.equal((x / torch.tensor(3.0, dtype=torch.float64)).cpu(), X / 3.0)
    assert x.double().dtype == torch.float64


def test_views_share_their_memory(device):
    x = torch.zeros(4, device=device)
    x[1:3].add_(1.0)
    x.view(2, 2).t()[0, 0] = 7.0
    assert x.tolist() == [7.0, 1.0, 1.0, 0.0]
    assert x[2:].data_ptr() == x.data_ptr() + 8 and x.clone().data_ptr() != x.data_ptr()


@pytest.mark.parametrize("non_blocking", [True, False])
def test_copies(device, non_blocking):
    x = X.to(device, non_blocking=non_blocking)
    assert x.to(device) is x and x.to(pretended.NAME) is x and x.to(device, copy=True) is not x
    assert torch.equal(x.to("cpu", non_blocking=non_blocking), X)
    assert torch.equal(torch.zeros_like(X).copy_(x), X)
    again = copy.deepcopy(x).add_(1.0)
    assert torch.equal(again.cpu(), X + 1.0) and torch.equal(x.cpu(), X)


def test_inference_tensors_are_inference_tensors(device):
    weight = WEIGHT.to(device).requires_grad_()
    with torch.inference_mode():
        x = X.to(device)
        assert not weight[1:].is_inference()
    with pytest.raises(RuntimeError, match="Inference tensors cannot be saved for backward"):
        F.conv2d(x, weight)
    with pytest.raises(RuntimeError, match="Inplace update to inference tensor"):
        x.add_(1.0)
    assert F.conv2d(x.clone(), weight).requires_grad


def test_modules_move(device):
    for inference in (True, False):
        module = torch.nn.Linear(2, 2)
        before = module.weight.detach().clone()
        with torch.inference_mode(inference):
            module.to(device)
        assert module.weight.device == device and module.weight.is_inference() == inference
        assert torch.equal(module.cpu().weight, before)


class Squared(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):
        return 2.0 * gradient * ctx.saved_tensors[0]


@pytest.mark.parametrize("foreach", [True, False])
def test_training(foreach, device):
    found = []
    for place in ("cpu", device):
        torch.manual_seed(0)
        parts = torch.nn.Conv2d(3, 4, 3), torch.nn.LeakyReLU(0.2), torch.nn.ConvTranspose2d(4, 2, 3, stride=2)
        model = torch.nn.Sequential(*parts).to(place)
        optimiser = torch.optim.Adam(model.parameters(), lr=1e-2, foreach=foreach)
        x = X.to(place)
        for _ in range(5):
            optimiser.zero_grad()
            Squared.apply(checkpoint(model, x, use_reentrant=False)).mean().backward()
            optimiser.step()
        found.append([parameter.detach().cpu() for parameter in model.parameters()])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-6)
