"""A synthesis gives an accelerator its work and asks it nothing, and what it uploads waits for nothing."""

from __future__ import annotations

import pytest
import torch
from soat.soat_backend.feature_ops import get_features, interpolate, panorama
from soat.soat_backend.latents import sample
from soat.soat_backend.synthesis.loop import synthesize
from torch.utils._python_dispatch import TorchDispatchMode

# Each of them makes the CPU wait until an accelerator has done all that it was given.
WAITING = {"_local_scalar_dense", "item", "nonzero", "is_nonzero", "equal", "masked_select", "unique"}


class Waits(TorchDispatchMode):
    """Notes what would wait for a device."""

    def __init__(self, device: torch.device) -> None:
        super().__init__()
        self.device, self.seen = device, []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        kwargs, name = kwargs or {}, function._overloadpacket.__name__
        there = [x for x in args if isinstance(x, torch.Tensor) and x.device.type == self.device.type]
        if name in WAITING and there:
            self.seen.append(name)
        if name == "_to_copy" and not kwargs.get("non_blocking") and args[0].dim():
            to = kwargs.get("device")
            if to is not None and (torch.device(to).type == self.device.type) != bool(there):
                self.seen.append(f"copy of {list(args[0].shape)}")
        return function(*args, **kwargs)


@pytest.fixture
def waits(device):
    return Waits(device)


def assert_waits_for_nothing(waits, features):
    synthesize(features)  # What is made once and kept, is made here.
    with waits:
        synthesize(features)
    assert waits.seen == []


@pytest.mark.parametrize("noise", ["const", "random", "none"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_picture(noise, dtype, waits, device, make_generator):
    generator = make_generator().to(device)
    generator.dtype = dtype
    assert_waits_for_nothing(waits, get_features(generator, sample(generator, 0, 2), noise_mode=noise))


@pytest.mark.parametrize("shape", ["constant", "left_to_right"])
def test_a_blend_of_two_generators(shape, waits, device, make_generator):
    one, other = make_generator().to(device), make_generator(seed=7).to(device)
    a, b = (get_features(each, sample(each, seed, 1)) for seed, each in enumerate((one, other)))
    assert_waits_for_nothing(waits, interpolate(a, b, 0.7, shape))


def test_a_mask(waits, device, make_generator):
    generator = make_generator().to(device)
    a, b = (get_features(generator, sample(generator, seed, 1)) for seed in (0, 1))
    assert_waits_for_nothing(waits, interpolate(a, b, 1.0, mask=torch.rand(1, 1, 24, 40)))


@pytest.mark.parametrize("wrap", [False, True])
def test_a_panorama(wrap, waits, device, make_generator):
    generator = make_generator().to(device)
    assert_waits_for_nothing(waits, panorama(generator, sample(generator, 0, 4), wrap=wrap))


def test_what_waits_is_seen(waits, device):
    x = torch.ones(3).to(device)
    with waits:
        x.sum().item()
        x.cpu()
        torch.ones(3).to(device)
        torch.ones(3).to(device, non_blocking=True)
    assert waits.seen == ["_local_scalar_dense", "copy of [3]", "copy of [3]"]
