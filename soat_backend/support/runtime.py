"""How calculations run, whoever calls: in the types we say, with gradients where they are wanted.

The library's entries (mapping, styles, synthesis, inversion) are `exact`, so that a caller's autocast or TF32 changes
no picture. What an optimisation goes through is `differentiable`, since ComfyUI runs nodes in inference mode, whose
tensors no gradient can pass. What to ask for in memory is in `synthesis/cost.py`.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any, TypeVar

import torch
from torch import nn

_Module = TypeVar("_Module", bound=nn.Module)
_AUTOCASTING = ("cpu", "cuda", "mps", "xpu")
# For tensors that begin with numbers, and the numbers computed of them: whatever torch's own defaults have been set to.
ON_CPU: dict[str, Any] = {"dtype": torch.float32, "device": "cpu"}
# How maps lie in memory: channels innermost, as our own operators need them on the CPU, and as tensor cores want them.
# `benchmarks/gpu.py` measures an accelerator the other way too.
MAP_LAYOUT = torch.channels_last
# What TF32 is switched by, and for whom: torch 2.9 has one name for each, older ones a flag.
_EXACT, _TF32 = "ieee", "tf32"


@contextmanager
def exact(device: torch.device, allow_tf32: bool = False) -> Iterator[None]:
    """Calculate in the types that the tensors have: without a caller's autocast, and on CUDA without TF32.

    TF32 keeps ten bits of a float32's 23 in convolutions, which cuDNN does unless it is told not to; over a whole
    synthesis that is as coarse as half precision.

    Args:
        device: Where it is calculated.
        allow_tf32: Let CUDA use TF32 after all.
    """
    with without_autocast(), _Tf32(allow_tf32) if device.type == "cuda" else nullcontext():
        yield


@contextmanager
def without_autocast() -> Iterator[None]:
    """Switch off what a caller has switched on, on all devices."""
    with ExitStack() as switched:
        for device_type in filter(_autocasts, _AUTOCASTING):
            switched.enter_context(torch.autocast(device_type, enabled=False))
        yield


def _autocasts(device_type: str) -> bool:
    try:
        return torch.is_autocast_enabled(device_type)
    except TypeError:  # torch before 2.4
        flags = {"cuda": torch.is_autocast_enabled, "cpu": torch.is_autocast_cpu_enabled}
        return device_type in flags and flags[device_type]()


class _Tf32:
    """Sets TF32 and puts it back; of calculations in several threads the first sets it, and the last puts it back."""

    _lock = threading.Lock()
    _inside = 0
    _before: tuple[object, ...] = ()

    def __init__(self, allowed: bool) -> None:
        self.allowed = allowed

    def __enter__(self) -> None:
        with _Tf32._lock:
            if not _Tf32._inside:
                _Tf32._before = tuple(getattr(owner, name) for owner, name, _ in _switches(self.allowed))
                for owner, name, value in _switches(self.allowed):
                    setattr(owner, name, value)
            _Tf32._inside += 1

    def __exit__(self, *_: object) -> None:
        with _Tf32._lock:
            _Tf32._inside -= 1
            if not _Tf32._inside:
                for (owner, name, _value), before in zip(_switches(False), _Tf32._before, strict=True):
                    setattr(owner, name, before)


def _switches(allowed: bool) -> list[tuple[object, str, object]]:
    """What to set to what, for convolutions and for matrix products."""
    convolutions, products = getattr(torch.backends.cudnn, "conv", None), torch.backends.cuda.matmul
    if hasattr(convolutions, "fp32_precision"):
        value: object = _TF32 if allowed else _EXACT
        return [(convolutions, "fp32_precision", value), (products, "fp32_precision", value)]
    return [(torch.backends.cudnn, "allow_tf32", allowed), (products, "allow_tf32", allowed)]


def changes_of(tensor: torch.Tensor) -> int | None:
    """How often a tensor was changed in place; None if nobody counts, as of one made in inference mode.

    Gradients can't pass those either. A parameter made in it stays one of them wherever it is moved to, though it
    says then that it isn't.
    """
    try:
        return tensor._version
    except RuntimeError:
        return None


def differentiable(module: _Module, own_weights: bool = False) -> _Module:
    """A copy of a network that gradients can pass, whose weights want none; the network itself isn't changed.

    Call it outside inference mode.

    Args:
        module: Any.
        own_weights: Copy the weights, in float32, so that they can be changed. Otherwise they are shared, but for those
            that were made in inference mode: gradients can't pass these.
    """
    weights: dict[int, object] = {}
    for tensor in [*module.parameters(), *module.buffers()]:
        values = tensor.detach()
        if own_weights and values.is_floating_point():
            values = values.float()
        if (own_weights and values.data_ptr() == tensor.data_ptr()) or changes_of(tensor) is None:
            values = values.clone()
        is_parameter = isinstance(tensor, nn.Parameter)
        weights[id(tensor)] = nn.Parameter(values, requires_grad=False) if is_parameter else values
    return copy.deepcopy(module, weights)
