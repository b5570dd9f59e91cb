"""The forms of a weight that its layer keeps: whose they are, how long, what they take, and what makes them."""

from __future__ import annotations

import copy
import pickle

import pytest
import torch
from soat.soat_backend.ops import Kernels
from soat.soat_backend.ops.reference import blur
from soat.soat_backend.synthesis.cost import kernel_bytes


def test_a_layers_kernels_are_kept_and_follow_the_weight(make_generator):
    generator = make_generator().requires_grad_(False)
    layer = generator.module(generator.layers[0])
    first = layer.kernels()
    power = first.power.clone()
    assert layer.kernels() is first
    with torch.no_grad():
        layer.weight.mul_(2.0)
    second = layer.kernels()
    assert second is not first
    torch.testing.assert_close(second.power, 4.0 * power)
    generator.double()
    assert layer._kept is None
    layer.weight.requires_grad_()
    assert layer.kernels() is not layer.kernels()


def test_what_kernels_take(make_generator):
    """The most that a layer keeps: what is said of the generator is the sum."""
    generator = make_generator().requires_grad_(False)
    kept = 0
    for each in generator.layers:
        if each.has_features:
            kernels = generator.module(each).kernels()
            kept += (kernels.winograd_doubling if each.growth == 2 else kernels.winograd).nbytes
    padded = sum(
        generator.module(each).weight.shape[1] * (-generator.config.channels[each.sampling_rate] % 16)
        * (49 if each.growth == 2 else 36) * 4
        for each in generator.layers if each.has_features
    )  # fmt: skip
    assert kernel_bytes(generator) == kept - padded > 0


@pytest.mark.parametrize("copied", [copy.copy, lambda kernels: pickle.loads(pickle.dumps(kernels))])
def test_a_copy_of_kernels_is_of_the_weight_alone(copied):
    kernels = Kernels(torch.randn(16, 8, 3, 3, generator=torch.Generator().manual_seed(0)))
    forms = kernels.power, kernels.winograd, kernels.winograd_doubling, kernels.whole(torch.bfloat16)
    kernels.phases(torch.float32)
    other = copied(kernels)
    assert set(vars(other)) == set(vars(Kernels(torch.ones(1, 1, 3, 3)))) and other.out_channels == 16
    again = other.power, other.winograd, other.winograd_doubling, other.whole(torch.bfloat16)
    for own, form in zip(again, forms, strict=True):
        assert own is not form and torch.equal(own, form)


def test_kernels_of_a_deep_copy_are_shared():
    """They are several times the weights; whose they no longer are, the layer that holds them sees."""
    kernels = Kernels(torch.ones(16, 8, 3, 3))
    assert copy.deepcopy({"held": kernels})["held"] is kernels


def test_kernels_ask_no_device_for_float64():
    """As devices that have none are used: all that is made on one, whatever the weight's type, is float32 there."""
    from torch.utils._python_dispatch import TorchDispatchMode

    class Seen(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            result = func(*args, **(kwargs or {}))
            for each in torch.utils._pytree.tree_leaves(result):
                if isinstance(each, torch.Tensor) and each.device.type != "cpu":
                    assert each.dtype != torch.float64, func
            return result

    kernels = Kernels(torch.ones(20, 6, 3, 3, device="meta", dtype=torch.float16))
    with Seen():
        made = kernels.power, kernels.winograd, kernels.winograd_transposed, kernels.winograd_doubling
        blur(torch.ones(1, 2, 5, 5, device="meta"))
    assert all(each.device.type == "meta" and each.dtype == torch.float32 for each in made)
