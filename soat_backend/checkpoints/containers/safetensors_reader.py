"""Reads safetensors files by the library of that name, which checks their headers and maps their tensors."""

from __future__ import annotations

import os
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from .blob import Blob, damaged
from .stored import StoredTensor, is_shape

# What the library reads; it would map a file of any length before it looks.
_MAX_HEADER_BYTES = 100_000_000
DTYPES = {
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "F64": torch.float64,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}


class MappedTensor(StoredTensor):
    """A tensor of a safetensors file, read when it is asked for."""

    def __init__(self, file: Any, name: str, dtype_name: str, shape: tuple[int, ...]) -> None:
        self._file = file
        self._name = name
        self._dtype_name = dtype_name
        self.shape = shape

    @property
    def dtype(self) -> torch.dtype:
        """Type of the stored values."""
        dtype = DTYPES.get(self._dtype_name)
        if dtype is None:
            raise damaged(f"a tensor has the unknown type {self._dtype_name[:20]!r}")
        return dtype

    def read(self) -> torch.Tensor:
        """The values as they are stored, memory-mapped."""
        tensor: torch.Tensor = self._file.get_tensor(self._name)
        return tensor


def looks_like_safetensors(start: bytes) -> bool:
    """Whether a file's first bytes are those of a safetensors file, however wrong the rest may be."""
    return start[8:9] == b"{"


def begins_as_safetensors(start: bytes) -> bool:
    """Whether a file's first bytes are those of a safetensors file, and of no other kind.

    The header's length comes first, and its lowest bytes may well be a pickle's first or a zip's; but neither has
    zeros and a brace where a length below 4 GiB and its header have them.
    """
    return looks_like_safetensors(start) and start[4:8] == bytes(4)


def read_safetensors(file: Blob, path: str | os.PathLike[str]) -> tuple[dict[str, StoredTensor], dict[str, str]]:
    """Tensors and metadata of a safetensors file.

    Raises:
        CheckpointError: Its header lies about the file.
    """
    header_length = int.from_bytes(file.part(0, 8).read(), "little")
    if header_length > min(_MAX_HEADER_BYTES, file.length - 8):
        raise damaged(f"its header claims to be {header_length} bytes long")
    try:
        opened = safe_open(os.fspath(path), framework="pt")
        tensors: dict[str, StoredTensor] = {}
        for name in opened.keys():  # noqa: SIM118 - it is no dict
            part = opened.get_slice(name)
            shape = tuple(part.get_shape())
            if not is_shape(shape):
                raise damaged(f"{name[:80]!r} has an impossible shape")
            tensors[name] = MappedTensor(opened, name, part.get_dtype(), shape)
        return tensors, opened.metadata() or {}
    except SafetensorError as error:
        raise damaged(f"its header is not right ({error})") from error
