"""Numpy's arrays and numbers as pickles describe them: every type that is a number, in either byte order."""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np
import torch

from ...support.errors import CheckpointError
from .blob import Blob, damaged
from .inert import Call
from .stored import EncodedText, StoredTensor, as_bytes, compact, is_shape, read_values

_DTYPES = {
    "f2": torch.float16,
    "f4": torch.float32,
    "f8": torch.float64,
    "i1": torch.int8,
    "i2": torch.int16,
    "i4": torch.int32,
    "i8": torch.int64,
    "u1": torch.uint8,
    "b1": torch.bool,
}
# Numbers without sign, for which older versions of torch have no type: counters of some kind, never weights.
_WIDENED = ("u2", "u4", "u8")
_SCALARS = {
    **{"f8": "d", "f4": "f", "f2": "e", "b1": "?"},
    **{"i8": "q", "i4": "i", "i2": "h", "i1": "b", "u8": "Q", "u4": "I", "u2": "H", "u1": "B"},
}
_NO_NUMBERS = {
    "O": "Python objects",
    "U": "text",
    "S": "text",
    "a": "text",
    "V": "records of several values (a structured type)",
    "M": "dates",
    "m": "spans of time",
    "c": "complex numbers",
}


class NumpyDtype:
    """A pickled numpy dtype.

    Attributes:
        code: Kind and bytes, as `f4`; None if it is no text.
        swapped: Whether its numbers are big-endian.
    """

    def __init__(self, code: Any) -> None:
        self.code = code.lstrip("<|=>") if isinstance(code, str) else None
        self.swapped = isinstance(code, str) and code.startswith(">")

    def set_pickled_state(self, state: Any) -> None:
        """Take `(version, byte order, ...)`."""
        if isinstance(state, tuple) and len(state) > 1 and state[1] in ("<", ">"):
            self.swapped = state[1] == ">"


class NumpyArray(StoredTensor):
    """A pickled numpy array. Object arrays and the like have no numbers to read and are refused when asked for."""

    def __init__(
        self, shape: tuple[int, ...] = (), kind: NumpyDtype | None = None, data: Any = None, fortran: bool = False
    ) -> None:
        self.shape = shape
        self._kind = kind
        self._data = data
        self._fortran = fortran

    def set_pickled_state(self, state: Any) -> None:
        """Take `(version, shape, dtype, is_fortran, data)`, as `ndarray.__setstate__`; the oldest have no version."""
        if not isinstance(state, tuple) or len(state) not in (4, 5):
            return
        shape, kind, fortran, data = state[-4:]
        if isinstance(kind, NumpyDtype) and is_shape(shape):
            self.__init__(shape, kind, data, bool(fortran))  # type: ignore[misc]

    @property
    def _code(self) -> str:
        if self._kind is None:
            raise damaged("an array in it has no content")
        code = self._kind.code
        if code in _DTYPES or code in _WIDENED:
            return code
        what = _NO_NUMBERS.get((code or "V")[:1], f"numbers of the type {code!r:.20}")
        raise CheckpointError(
            f"An array in the file holds {what}, and a generator's weights are plain numbers (float32 or the like), so "
            "this can't be one of them. Export the generator's weights as float32."
        )

    @property
    def dtype(self) -> torch.dtype:
        """Type of the values, as they are read."""
        return _DTYPES.get(self._code, torch.int64)

    def read(self) -> torch.Tensor:
        """The values, contiguous, in their stored type; whole numbers without sign as int64."""
        code = self._code
        size = int(code[1:])
        expected = math.prod(self.shape) * size
        data = self._data if isinstance(self._data, Blob) else as_bytes(self._data)
        length = data.length if isinstance(data, Blob) else len(data)
        if length != expected:
            raise damaged(f"an array of shape {list(self.shape)} needs {expected} bytes and has {length}")
        if isinstance(data, Blob):
            stored = read_values(data, torch.uint8)
        else:
            stored = torch.from_numpy(np.frombuffer(data, np.uint8).copy())
        if self._kind is not None and self._kind.swapped and size > 1:
            stored.numpy().view(f"u{size}").byteswap(inplace=True)
        if code in _WIDENED:
            values = torch.from_numpy(stored.numpy().view(f"<{code}").astype(np.int64))
        else:
            values = stored.view(_DTYPES[code])
        if self._fortran:
            sides = tuple(reversed(range(len(self.shape))))
            return compact(values.view(self.shape[::-1]).permute(sides))
        return values.view(self.shape)


def _scalar(args: tuple[Any, ...]) -> Any:
    """`scalar(dtype, bytes)`, a plain number; of a type that is none, an array that says so when asked."""
    if not args or not isinstance(args[0], NumpyDtype):
        return None
    kind, data = args[0], args[1] if len(args) == 2 else None
    layout = _SCALARS.get(kind.code or "")
    if layout is None:
        return NumpyArray((), kind, data)
    data = data.encode("latin-1", "replace") if isinstance(data, str) else data
    if not isinstance(data, bytes) or len(data) != struct.calcsize(f"<{layout}"):
        return None
    return struct.unpack((">" if kind.swapped else "<") + layout, data)[0]


def _from_buffer(args: tuple[Any, ...]) -> Any:
    """`_frombuffer(data, dtype, shape, order)`, how protocol 5 writes arrays."""
    if len(args) != 4 or not isinstance(args[1], NumpyDtype) or not is_shape(args[2]):
        return None
    return NumpyArray(args[2], args[1], args[0], args[3] == "F")


def _encode(args: tuple[Any, ...]) -> Any:
    """`encode(text, "latin1")`, how protocol 2 writes bytes."""
    if len(args) != 2 or args[1] not in ("latin1", "latin-1"):
        return None
    if isinstance(args[0], Blob):
        return EncodedText(args[0])
    return args[0].encode("latin-1", "replace") if isinstance(args[0], str) else None


def _numpy_calls() -> dict[str, Call]:
    calls: dict[str, Call] = {
        "numpy.dtype": lambda args: NumpyDtype(args[0]) if args else None,
        "_codecs.encode": _encode,
        # How protocol 2 writes bytes that are empty.
        "__builtin__.bytes": lambda args: None if args else b"",
    }
    for core in ("numpy.core", "numpy._core"):
        calls[f"{core}.multiarray._reconstruct"] = lambda args: NumpyArray()
        calls[f"{core}.multiarray.scalar"] = _scalar
        calls[f"{core}.numeric._frombuffer"] = _from_buffer
    return calls


NUMPY_CALLS = _numpy_calls()
