"""Answers to the calls by which a pickle describes numpy arrays and numbers."""

from __future__ import annotations

import struct
from typing import Any

from .blob import Blob
from .inert import Call
from .stored import EncodedText, NumpyArray, NumpyDtype, is_shape

_SCALARS = {"f8": "<d", "f4": "<f", "f2": "<e", "i8": "<q", "i4": "<i", "u1": "<B", "b1": "<?"}


def _scalar(args: tuple[Any, ...]) -> Any:
    """`scalar(dtype, bytes)`, a plain number."""
    if len(args) != 2 or not isinstance(args[0], NumpyDtype):
        return None
    layout = _SCALARS.get(args[0].code or "")
    data = args[1].encode("latin-1", "replace") if isinstance(args[1], str) else args[1]
    if layout is None or not isinstance(data, bytes) or len(data) != struct.calcsize(layout):
        return None
    return struct.unpack(layout, data)[0]


def _from_buffer(args: tuple[Any, ...]) -> Any:
    """`_frombuffer(data, dtype, shape, order)`, how protocol 5 writes arrays."""
    if len(args) != 4 or not isinstance(args[1], NumpyDtype) or not is_shape(args[2]):
        return None
    return NumpyArray(args[2], args[1].code, args[0], args[3] == "F")


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
    }
    for core in ("numpy.core", "numpy._core"):
        calls[f"{core}.multiarray._reconstruct"] = lambda args: NumpyArray()
        calls[f"{core}.multiarray.scalar"] = _scalar
        calls[f"{core}.numeric._frombuffer"] = _from_buffer
    return calls


NUMPY_CALLS = _numpy_calls()
