"""Tensors that are still in the file: their shape and type are known, their values are read when asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ..errors import CheckpointError
from .blob import Blob, damaged

MAX_DIMENSIONS = 8
MAX_SIDE = 1 << 40


class StoredTensor(ABC):
    """A tensor in a file. Its shape is only what the file claims until it is read."""

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
        return tensor if self.transform is None else self.transform(tensor).contiguous()


def count_elements(shape: tuple[int, ...]) -> int:
    """Elements of a shape, exactly, however large the numbers in the file are.

    Raises:
        CheckpointError: It is no shape.
    """
    if len(shape) > MAX_DIMENSIONS or any(type(side) is not int or not 0 <= side <= MAX_SIDE for side in shape):
        raise damaged("a tensor has an impossible shape")
    count = 1
    for side in shape:
        count *= side
    return count


def read_values(blob: Blob, dtype: torch.dtype) -> torch.Tensor:
    """A blob as a flat tensor in memory of its own."""
    values = torch.empty(blob.length, dtype=torch.uint8)
    blob.read_into(values.numpy().data)
    return values.view(dtype)


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

    def __init__(self, shape: Any = (), code: Any = None, data: Any = None, fortran: bool = False) -> None:
        self.shape = shape if isinstance(shape, tuple) else ()
        self._code = code
        self._data = data
        self._fortran = fortran

    def set_pickled_state(self, state: Any) -> None:
        """Take `(version, shape, dtype, is_fortran, data)`, as `ndarray.__setstate__`."""
        if isinstance(state, tuple) and len(state) == 5 and isinstance(state[2], NumpyDtype):
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
        count = count_elements(self.shape)
        expected = count * self.dtype.itemsize
        length = self._data.length if isinstance(self._data, Blob) else len(as_bytes(self._data))
        if length != expected:
            raise damaged(f"an array of shape {list(self.shape)} needs {expected} bytes and has {length}")
        if isinstance(self._data, Blob):
            values = read_values(self._data, self.dtype)
        else:
            values = torch.from_numpy(np.frombuffer(as_bytes(self._data), np.uint8).copy()).view(self.dtype)
        if self._fortran:
            sides = tuple(reversed(range(len(self.shape))))
            return values.view(self.shape[::-1]).permute(sides).contiguous()
        return values.view(self.shape)


class NumpyDtype:
    """A pickled numpy dtype: only its code is kept."""

    def __init__(self, code: Any) -> None:
        self.code = code.lstrip("<|=") if isinstance(code, str) else None

    def set_pickled_state(self, state: Any) -> None:
        """Take `(version, byte order, ...)`; big-endian numbers are none we know."""
        if isinstance(state, tuple) and len(state) > 1 and state[1] == ">":
            self.code = None


def as_bytes(data: Any) -> bytes:
    """Short data of a pickle; Python 2 wrote it as text."""
    if isinstance(data, str):
        return data.encode("latin-1")
    if isinstance(data, bytes):
        return data
    raise CheckpointError("The file is damaged or incomplete: an array's data is no data. Download or export it again.")
