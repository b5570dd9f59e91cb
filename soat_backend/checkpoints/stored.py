"""Tensors that are still in the file: their shape and type are known, their values are read when asked for."""

from __future__ import annotations

import math
import mmap
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from .blob import Blob, damaged

MAX_DIMENSIONS = 8
MAX_SIDE = 1 << 40
_LARGE_BYTES = 1 << 18


class StoredTensor(ABC):
    """A tensor in a file. Its shape is a possible one, but only what the file claims until it is read."""

    shape: tuple[int, ...]

    @property
    @abstractmethod
    def dtype(self) -> torch.dtype:
        """Type of the stored values."""

    @abstractmethod
    def read(self) -> torch.Tensor:
        """The values, contiguous, in their stored type.

        Raises:
            CheckpointError: The file doesn't hold what it claims.
        """


@dataclass(frozen=True)
class StoredWeight:
    """A stored tensor on its way to become one of ours.

    Attributes:
        stored: Where it is.
        source: What the file calls it.
        transform: From the file's layout to ours.
    """

    stored: StoredTensor
    source: str
    transform: Callable[[torch.Tensor], torch.Tensor] | None = None

    def read(self) -> torch.Tensor:
        """The values in our layout, contiguous."""
        tensor = self.stored.read()
        return tensor if self.transform is None else compact(self.transform(tensor))


def is_shape(value: Any) -> bool:
    """Whether something in a file is a shape a tensor could have; its strides are held to the same."""
    if not isinstance(value, tuple) or len(value) > MAX_DIMENSIONS:
        return False
    return all(type(side) is int and 0 <= side <= MAX_SIDE for side in value)


def new_memory(length: int) -> torch.Tensor:
    """Uninitialised bytes; many straight from the system, since they would leave holes in the heap when freed."""
    if length < _LARGE_BYTES:
        return torch.empty(length, dtype=torch.uint8)
    return torch.frombuffer(mmap.mmap(-1, length, access=mmap.ACCESS_COPY), dtype=torch.uint8)


def read_values(blob: Blob, dtype: torch.dtype) -> torch.Tensor:
    """A blob as a flat tensor in memory of its own."""
    values = new_memory(blob.length)
    blob.read_into(values.numpy().data)
    return values.view(dtype)


def compact(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor, contiguous; if it has to be copied, into memory of its own."""
    return tensor if tensor.is_contiguous() else _copied(tensor, tensor.dtype)


def narrowed(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor as float32, in memory of its own."""
    return _copied(tensor, torch.float32)


def _copied(tensor: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    return new_memory(tensor.numel() * dtype.itemsize).view(dtype).view(tensor.shape).copy_(tensor)


class NumpyArray(StoredTensor):
    """A pickled numpy array. Object arrays and the like have no data to read and are refused when asked for."""

    _DTYPES = {  # noqa: RUF012
        "f2": torch.float16,
        "f4": torch.float32,
        "f8": torch.float64,
        "i4": torch.int32,
        "i8": torch.int64,
        "u1": torch.uint8,
        "b1": torch.bool,
    }

    def __init__(self, shape: tuple[int, ...] = (), code: Any = None, data: Any = None, fortran: bool = False) -> None:
        self.shape = shape
        self._code = code
        self._data = data
        self._fortran = fortran

    def set_pickled_state(self, state: Any) -> None:
        """Take `(version, shape, dtype, is_fortran, data)`, as `ndarray.__setstate__`."""
        is_state = isinstance(state, tuple) and len(state) == 5 and isinstance(state[2], NumpyDtype)
        if is_state and is_shape(state[1]):
            self.__init__(state[1], state[2].code, state[4], bool(state[3]))  # type: ignore[misc]

    @property
    def dtype(self) -> torch.dtype:
        """Type of the stored values."""
        dtype = self._DTYPES.get(self._code) if isinstance(self._code, str) else None
        if dtype is None:
            raise damaged("an array holds objects or numbers of an unknown kind")
        return dtype

    def read(self) -> torch.Tensor:
        """The values, contiguous, in their stored type."""
        expected = math.prod(self.shape) * self.dtype.itemsize
        data = self._data if isinstance(self._data, Blob) else as_bytes(self._data)
        length = data.length if isinstance(data, Blob) else len(data)
        if length != expected:
            raise damaged(f"an array of shape {list(self.shape)} needs {expected} bytes and has {length}")
        if isinstance(data, Blob):
            values = read_values(data, self.dtype)
        else:
            values = torch.from_numpy(np.frombuffer(data, np.uint8).copy()).view(self.dtype)
        if self._fortran:
            sides = tuple(reversed(range(len(self.shape))))
            return compact(values.view(self.shape[::-1]).permute(sides))
        return values.view(self.shape)


class NumpyDtype:
    """A pickled numpy dtype: only its code is kept."""

    def __init__(self, code: Any) -> None:
        self.code = code.lstrip("<|=") if isinstance(code, str) else None

    def set_pickled_state(self, state: Any) -> None:
        """Take `(version, byte order, ...)`; big-endian numbers are none we know."""
        if isinstance(state, tuple) and len(state) > 1 and state[1] == ">":
            self.code = None


class EncodedText:
    """Data that Python 3 wrote as text because an old pickle protocol has no bytes: one character a byte, as UTF-8."""

    def __init__(self, text: Blob) -> None:
        self.text = text


def as_bytes(data: Any) -> bytes:
    """Data that is not simply a range of the file; Python 2 wrote it as text."""
    if isinstance(data, EncodedText):
        return data.text.read().decode("utf-8").encode("latin-1")
    if isinstance(data, str):
        return data.encode("latin-1")
    if isinstance(data, bytes):
        return data
    raise damaged("a weight's data is no data")
