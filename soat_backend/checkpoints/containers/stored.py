"""Tensors that are still in the file: their shape and type are known, their values are read when asked for."""

from __future__ import annotations

import mmap
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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


class Number(StoredTensor):
    """A plain number in a tensor's place: what numpy's numbers become, which TensorFlow's variables of no sides are.

    Args:
        value: It.
        loose: Whether it may be something else as well, such as a setting beside the weights.
    """

    def __init__(self, value: float, loose: bool = False) -> None:
        self.shape = ()
        self.loose = loose
        self._value = value

    @classmethod
    def of(cls, value: Any, loose: bool = False) -> Number | None:
        """A value of a file as such, if it is a number that a tensor could hold."""
        is_number = type(value) is float or (type(value) in (int, bool) and abs(value) < 1 << 63)
        return cls(value, loose) if is_number else None

    @property
    def dtype(self) -> torch.dtype:
        """The narrowest of float32 and float64 that holds it, or int64, or bool."""
        if isinstance(self._value, float):
            exact = torch.tensor(self._value, dtype=torch.float32).item() == self._value
            return torch.float32 if exact else torch.float64
        return torch.bool if isinstance(self._value, bool) else torch.int64

    def read(self) -> torch.Tensor:
        """It, of shape []."""
        return torch.tensor(self._value, dtype=self.dtype)


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
