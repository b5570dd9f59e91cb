"""An accelerator that isn't there: a device of its own to PyTorch, whose tensors lie in the CPU's memory.

For tests of what is where, on machines without CUDA or MPS. PyTorch itself is the real one: autograd, inference mode,
`Module.to` and views do what they do on any device. Only the operators run on the CPU, so their values are the CPU's.

What would fail on an accelerator fails here: tensors of two devices in one operator, `.numpy()`, a generator of random
numbers of the CPU; where it is `refusing()`, what MPS refuses too, float64 first of all. As on CUDA, tensors of
the CPU may take part if they have no dimensions, and as indices.

One difference remains: `Module.to` makes new parameters instead of giving the old ones other memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch
from torch.utils import backend_registration

NAME = "pretended"
# New in PyTorch 2.10, and called experimental there.
_REGISTER = "_setup_privateuseone_for_python_backend"
_CPU = torch.device("cpu")
_CPU_KERNELS = torch._C.DispatchKeySet(torch._C.DispatchKey.CPU)
_INDEXING = ("aten::index", "aten::index_put", "aten::_unsafe_index", "aten::_index_put_impl_")
# What some version of PyTorch that we run in (pyproject.toml) hasn't got there: decompositions in none of them,
# antialiasing before 2.8 (pull request 149378), borders that are drawn out before 2.13 (issue 125098).
_NOT_OF_MPS = ("aten::_linalg_eigh", "aten::linalg_eig", "aten::linalg_qr", "aten::geqrf", "aten::linalg_lstsq")
_NOT_OF_MPS += ("aten::_upsample_bilinear2d_aa", "aten::_upsample_bicubic2d_aa")
_BORDER = 1
_NO_DTYPES_OF_MPS = (torch.float64, torch.complex128)
_BEYOND = 1 << 62
_registered: list[torch.library.Library] = []
_refuses = False


class _Module:
    """`torch.pretended`."""

    def is_initialized(self) -> bool:
        return True

    def is_available(self) -> bool:
        return True

    def current_device(self) -> int:
        return 0

    def device_count(self) -> int:
        return 1

    def manual_seed_all(self, seed: int) -> None:
        pass

    # It draws no numbers of its own, so there is nothing to remember.
    def get_rng_state(self, device: int = 0) -> torch.Tensor:
        return torch.empty(0, dtype=torch.uint8)

    def set_rng_state(self, state: torch.Tensor, device: int = 0) -> None:
        pass

    def _is_in_bad_fork(self) -> bool:
        return False

    def get_amp_supported_dtype(self) -> list[torch.dtype]:
        return [torch.bfloat16, torch.float16]


def is_possible() -> bool:
    """Whether this PyTorch can be taught a device by Python alone, and has no real one, whose way it would be in."""
    return hasattr(backend_registration, _REGISTER) and not (
        torch.cuda.is_available() or torch.backends.mps.is_available()
    )


def device() -> torch.device:
    """The device, made known to PyTorch for as long as the process lives."""
    if not _registered:
        getattr(backend_registration, _REGISTER)(NAME, _Module())
        every, some = torch.library.Library("_", "IMPL"), torch.library.Library("aten", "IMPL")
        every.fallback(_run, "PrivateUse1")
        for name, kernel in _KERNELS.items():
            some.impl(name, kernel, "PrivateUse1")
        _registered.extend((every, some))
    return torch.device(NAME, 0)


@contextmanager
def refusing() -> Iterator[None]:
    """Refuse what MPS refuses."""
    global _refuses
    before, _refuses = _refuses, True
    try:
        yield
    finally:
        _refuses = before


def _is_here(x: Any) -> bool:
    # Its own class asks a metaclass written in Python each time.
    return isinstance(x, torch._C.TensorBase) and x.device.type == NAME


def _new_storage(held: torch.UntypedStorage) -> torch.UntypedStorage:
    """Memory of the device, at an address that is its own and that the CPU can't read."""
    address = held.data_ptr() + _BEYOND if held.nbytes() else 0
    storage = torch._C._construct_storage_from_data_pointer(address, torch.device(NAME, 0), held.nbytes())
    # PyTorch keeps this very object for as long as a tensor uses the memory.
    storage.held = held
    storage.clone = lambda: _new_storage(held.clone())
    return storage


def _set_storage(x: torch.Tensor, storage: Any, offset: int, shape: Any, stride: Any) -> torch.Tensor:
    """`Tensor.set_`: the CPU's only looks at sizes."""
    operator = torch.ops.aten.set_.source_Storage_storage_offset
    return operator.redispatch(_CPU_KERNELS, x, storage, offset, shape, stride)


def _memory(x: torch.Tensor) -> torch.Tensor:
    """The same of the CPU."""
    held = x.untyped_storage().held
    return torch.empty(0, dtype=x.dtype, device=_CPU).set_(held, x.storage_offset(), x.shape, x.stride())


class _Call:
    """One operator's call: its tensors on their way in from the device, and on their way back."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.given: list[tuple[torch.Tensor, torch.Tensor]] = []
        self.foreign: list[torch.Tensor] = []

    def enter(self, x: Any) -> Any:
        if isinstance(x, torch._C.TensorBase):
            if x.device.type == NAME:
                memory = _memory(x)
                self.given.append((x, memory))
                return memory
            if x.dim():
                self.foreign.append(x)
        elif isinstance(x, list | tuple):
            return [self.enter(each) for each in x]
        elif isinstance(x, torch.device):
            return _CPU
        elif isinstance(x, torch.Generator):
            raise RuntimeError(f"{self.name}: expected a generator of {NAME}, got one of cpu")
        return x

    def check(self, allowed: Any) -> None:
        """Refuse tensors of other devices, unless all are indices."""
        if self.given and self.foreign:
            ids = set(map(id, allowed))
            for x in self.foreign:
                if id(x) not in ids:
                    raise RuntimeError(
                        f"{self.name}: tensors on {NAME} and on {x.device} ({list(x.shape)}) in one operator"
                    )

    def leave(self, x: Any) -> Any:
        if isinstance(x, list | tuple):
            return type(x)([self.leave(each) for each in x])
        if not isinstance(x, torch._C.TensorBase):
            return x
        if _refuses and x.dtype in _NO_DTYPES_OF_MPS:
            raise TypeError(f"Cannot convert to {x.dtype}: this device has none, as MPS")
        held, where = x.untyped_storage(), (x.storage_offset(), x.shape, x.stride())
        storage = None
        for original, memory in self.given:
            if x is memory:
                return original
            if held._cdata == memory.untyped_storage()._cdata:
                if x.dtype == original.dtype:
                    # A view of an ordinary tensor is one in inference mode too.
                    return torch.ops.aten.as_strided.default.redispatch(_CPU_KERNELS, original, *where[1:], where[0])
                storage = original.untyped_storage()
        return _set_storage(torch._C._acc.create_empty_tensor((0,), x.dtype), storage or _new_storage(held), *where)

    def follow(self) -> None:
        """Give what was written to the shape it has got."""
        for original, memory in self.given:
            if original.shape != memory.shape or original.stride() != memory.stride():
                storage = _new_storage(memory.untyped_storage())
                _set_storage(original, storage, memory.storage_offset(), memory.shape, memory.stride())


@cache
def _tensor_places(op: Any) -> list[int]:
    return [index for index, each in enumerate(op._schema.arguments) if each.type.kind() == "TensorType"]


def _run(op: Any, *args: Any, **kwargs: Any) -> Any:
    """Any operator."""
    name = op._schema.name
    drawn_out = name == "aten::grid_sampler_2d" and args[3] == _BORDER
    if _refuses and (name.startswith(_NOT_OF_MPS) or drawn_out):
        raise NotImplementedError(f"The operator {name} is not implemented for this device, as for MPS")
    call = _Call(name)
    entered = [call.enter(x) for x in args]
    named = {key: call.enter(x) for key, x in kwargs.items()}
    indexed = name.startswith(_INDEXING) and _is_here(args[0])
    call.check([x for x in args[1] if x is not None] if indexed and isinstance(args[1], list) else ())
    if any(isinstance(args[index], int | float) for index in _tensor_places(op) if index < len(args)):
        # PyTorch writes a number where it has a tensor that was one, and not every operator reads it as such again.
        op = op.overloadpacket
    # What a caller's autocast changes it has changed by now.
    with torch._C._DisableAutocast():
        out = op(*entered, **named)
    call.follow()
    wanted = kwargs.get("device")
    return out if wanted is not None and wanted.type != NAME else call.leave(out)


def _copy(source: torch.Tensor, destination: torch.Tensor, non_blocking: bool = False) -> torch.Tensor:
    """From the device, to it, or within it."""
    memories = [_memory(x) if _is_here(x) else x for x in (destination, source)]
    memories[0].copy_(memories[1])
    return destination


def _copied(x: torch.Tensor, *, device: Any = None, non_blocking: bool = False, **options: Any) -> torch.Tensor:
    """`Tensor.to`, where it copies."""
    return _run(torch.ops.aten._to_copy.default, x, device=device or x.device, **options)


def _convolution(*args: Any) -> Any:
    return _run(torch.ops.aten.convolution.default, *args)


def _convolution_backward(gradient: Any, x: Any, weight: Any, *args: Any) -> Any:
    return _run(torch.ops.aten.convolution_backward.default, gradient, x, weight, None, *args)


# What PyTorch would do by itself and can't, or not without more of a device.
_KERNELS = {
    "_copy_from": _copy,
    "_to_copy": _copied,
    "set_.source_Storage_storage_offset": _set_storage,
    "convolution_overrideable": _convolution,
    "convolution_backward_overrideable": _convolution_backward,
}
