"""Reads safetensors files: a JSON header, checked line by line, and memory-mapped tensors.

Source: the format's own description (github.com/huggingface/safetensors); this is stricter in nothing but sizes.
"""

from __future__ import annotations

import math
import os
from functools import cached_property
from typing import Any

import torch

from ...support.strict_json import parse_json
from .blob import Blob, damaged
from .stored import StoredTensor, is_shape

# Headers of the largest diffusion models and the most talkative LoRAs are below a few MB.
_MAX_HEADER_BYTES = 16 << 20

DTYPE_NAMES = {
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.float64: "F64",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}
_DTYPES = {name: dtype for dtype, name in DTYPE_NAMES.items()}


class MappedFile:
    """A file in memory as the system maps it: private, read when touched."""

    def __init__(self, path: str | os.PathLike[str], length: int) -> None:
        self._path = os.fspath(path)
        self._length = length

    @cached_property
    def data(self) -> torch.Tensor:
        """Its bytes, uint8."""
        return torch.from_file(self._path, shared=False, size=self._length, dtype=torch.uint8)


class MappedTensor(StoredTensor):
    """A tensor of a safetensors file."""

    def __init__(self, file: MappedFile, start: int, end: int, dtype_name: str, shape: tuple[int, ...]) -> None:
        self._file = file
        self._start = start
        self._end = end
        self._dtype_name = dtype_name
        self.shape = shape

    @property
    def dtype(self) -> torch.dtype:
        """Type of the stored values."""
        dtype = _DTYPES.get(self._dtype_name)
        if dtype is None:
            raise damaged(f"a tensor has the unknown type {self._dtype_name[:20]!r}")
        return dtype

    def read(self) -> torch.Tensor:
        """The values, memory-mapped."""
        values = self._file.data[self._start : self._end]
        if values.storage_offset() % self.dtype.itemsize:
            values = values.clone()  # a header that isn't padded leaves its tensors unaligned
        return values.view(self.dtype).view(self.shape)


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
        header = parse_json(file.part(8, header_length).read())
    except (ValueError, RecursionError) as error:
        raise damaged("its header is not proper JSON") from error
    metadata = header.pop("__metadata__", {}) if isinstance(header, dict) else None
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise damaged("its header has metadata that is no text")
    start = 8 + header_length
    mapped = MappedFile(path, file.length)
    tensors: dict[str, StoredTensor] = {}
    ranges = []
    for name, entry in header.items():
        begin, end, dtype_name, shape = _checked_entry(name, entry, file.length - start)
        tensors[name] = MappedTensor(mapped, start + begin, start + end, dtype_name, shape)
        ranges.append((begin, end))
    ranges.sort()
    position = 0
    for begin, end in ranges:
        if begin != position:
            raise damaged("its tensors overlap or have gaps between them")
        position = end
    if position != file.length - start:
        raise damaged(f"its tensors take {position} bytes and the file has {file.length - start} for them")
    return tensors, metadata


def _checked_entry(name: str, entry: Any, space: int) -> tuple[int, int, str, tuple[int, ...]]:
    """Begin, end, type and shape of one tensor of the header."""
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise damaged(f"its header describes {name[:80]!r} wrongly")
    dtype_name, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype_name, str) or not isinstance(shape, list) or not isinstance(offsets, list):
        raise damaged(f"its header describes {name[:80]!r} wrongly")
    if not is_shape(tuple(shape)):
        raise damaged(f"{name[:80]!r} has an impossible shape")
    if len(offsets) != 2 or not is_shape(tuple(offsets)):
        raise damaged(f"its header describes {name[:80]!r} wrongly")
    begin, end = offsets
    if not 0 <= begin <= end <= space:
        raise damaged(f"{name[:80]!r} lies outside the file")
    dtype = _DTYPES.get(dtype_name)
    needed = None if dtype is None else math.prod(shape) * dtype.itemsize
    if needed is not None and end - begin != needed:
        raise damaged(f"{name[:80]!r} has {end - begin} bytes and its shape {shape} needs {needed}")
    return begin, end, dtype_name, tuple(shape)
