"""Reads what `torch.save` writes (zip and older), without torch's own loader and without running anything.

Source: the layouts are those of `torch/serialization.py`. Weights stay in the file until they are wanted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch

from ...support.errors import CheckpointError
from .blob import Blob, Cursor, damaged
from .inert import Call, Global, Inert
from .pickle_reader import MAX_OPCODES, read_pickle
from .pickled_arrays import NUMPY_CALLS
from .stored import StoredTensor, as_bytes, compact, is_shape, read_values
from .zip_reader import archive_words, read_directory

LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
_LEGACY_PROTOCOL = 1001
_MAX_STORAGES = 100_000
# A storage on its own takes some twenty instructions; a file may hold thousands of them.
_MOST_REPEATS = 64
_NESTED_OPCODES = 1_000

_STORAGE_DTYPES = {
    "torch.FloatStorage": torch.float32,
    "torch.HalfStorage": torch.float16,
    "torch.BFloat16Storage": torch.bfloat16,
    "torch.DoubleStorage": torch.float64,
    "torch.LongStorage": torch.int64,
    "torch.IntStorage": torch.int32,
    "torch.ShortStorage": torch.int16,
    "torch.CharStorage": torch.int8,
    "torch.ByteStorage": torch.uint8,
    "torch.BoolStorage": torch.bool,
    "torch.ComplexFloatStorage": torch.complex64,
    "torch.storage.UntypedStorage": torch.uint8,
}


@dataclass(eq=False)
class Storage:
    """A flat run of numbers in the file.

    Attributes:
        key: Its name in the file.
        dtype: Type of its numbers.
        count: How many the file claims there are.
        blob: Where they are, once known.
        first: Index of its first number, if it is a view of a larger storage.
    """

    key: str
    dtype: torch.dtype
    count: int
    blob: Blob | None = None
    first: int = 0

    def resolve(self) -> Storage:
        """Itself."""
        return self


class NestedStorage:
    """A storage pickled as the bytes of a `torch.save` of its own, as inside NVIDIA's pickles."""

    def __init__(self, data: Any) -> None:
        self._data = data

    @cached_property
    def dtype(self) -> torch.dtype:
        """Type of its numbers."""
        return self.resolve().dtype

    def resolve(self) -> Storage:
        """The storage, read like any other file; anew each time, since it may have to be decoded into memory."""
        data = self._data if isinstance(self._data, Blob) else Blob.of(as_bytes(self._data))
        storage = read_legacy(data, calls={}, max_opcodes=_NESTED_OPCODES)
        if not isinstance(storage, Storage):
            raise damaged("a weight's data is something else")
        return storage


class TorchTensor(StoredTensor):
    """A tensor of a torch file: a view of a storage."""

    def __init__(self, storage: Storage | NestedStorage, offset: int, shape: tuple[int, ...], stride: tuple[int, ...]):
        self._storage = storage
        self._offset = offset
        self.shape = shape
        self._stride = stride

    @property
    def dtype(self) -> torch.dtype:
        """Type of the stored values."""
        return self._storage.dtype

    def read(self) -> torch.Tensor:
        """The values, contiguous, in their stored type."""
        # A view that repeats its storage could be of any size, and no weight is one.
        return self._read(most_repeats=1)

    def read_repeated(self) -> torch.Tensor:
        """The same, also of a view that repeats its storage a few times: `expand` makes one w into rows so."""
        return self._read(_MOST_REPEATS)

    def _read(self, most_repeats: int) -> torch.Tensor:
        storage = self._storage.resolve()
        count = math.prod(self.shape)
        if len(self._stride) != len(self.shape):
            raise damaged("a tensor has impossible strides")
        steps = zip(self.shape, self._stride, strict=True)
        reach = 1 + sum((side - 1) * step for side, step in steps) if count else 0
        if count > reach * most_repeats or storage.blob is None:
            raise damaged(f"a tensor of shape {list(self.shape)} has only {reach} stored values")
        size = storage.dtype.itemsize
        first = storage.first + self._offset
        values = read_values(storage.blob.part(first * size, reach * size), storage.dtype)
        return compact(values.as_strided(self.shape, self._stride))


def read_zip(file: Blob) -> Any:
    """What a torch zip file describes, with `TorchTensor`s for its tensors.

    Raises:
        CheckpointError: It is damaged, or no archive of torch's.
    """
    entries = read_directory(file)
    pickles = [name for name in entries if name.count("/") == 1 and name.endswith("/data.pkl")]
    scripted = any(name.count("/") == 1 and name.endswith("/constants.pkl") for name in entries)
    if len(pickles) != 1 or scripted:
        raise CheckpointError(archive_words(list(entries), "it has no data.pkl"))
    folder = pickles[0].removesuffix("data.pkl")
    order = entries.get(f"{folder}byteorder")
    if order is not None and order.part(0, min(order.length, 8)).read() != b"little":
        raise damaged("its numbers are big-endian")

    def find_storage(pid: Any) -> Any:
        storage = _storage_of(pid)
        if isinstance(storage, Storage):
            storage.blob = entries.get(f"{folder}data/{storage.key}")
            if storage.blob is not None and storage.blob.length != storage.count * storage.dtype.itemsize:
                raise damaged("a storage has another size than its tensors say")
        return storage

    return read_pickle(Cursor(entries[pickles[0]]), TORCH_CALLS, find_storage)


def read_legacy(file: Blob, calls: dict[str, Call] | None = None, max_opcodes: int = MAX_OPCODES) -> Any:
    """What a torch file from before its zip format describes, with `TorchTensor`s for its tensors.

    Raises:
        CheckpointError: It is damaged, or no such file.
    """
    cursor = Cursor(file)
    storages: dict[str, list[Storage]] = {}

    def find_storage(pid: Any) -> Any:
        storage = _storage_of(pid)
        if isinstance(storage, Storage):
            storages.setdefault(storage.key, []).append(storage)
        return storage

    magic, protocol = (read_pickle(cursor, {}, max_opcodes=max_opcodes) for _ in range(2))
    if magic != LEGACY_MAGIC or protocol != _LEGACY_PROTOCOL:
        raise damaged("it is no torch file of a known version")
    system = read_pickle(cursor, {}, max_opcodes=max_opcodes)
    if not isinstance(system, dict) or system.get("little_endian") is not True:
        raise damaged("its numbers are big-endian")
    content = read_pickle(cursor, TORCH_CALLS if calls is None else calls, find_storage, max_opcodes=max_opcodes)
    keys = read_pickle(cursor, {}, max_opcodes=max_opcodes)
    if not isinstance(keys, list) or len(keys) > _MAX_STORAGES:
        raise damaged("its list of storages can't be read")
    for key in keys:
        # Taken out, so that a key named twice isn't there any more.
        views = storages.pop(key, []) if isinstance(key, str) else []
        if not views:
            raise damaged("its list of storages names one that no tensor has, or one twice")
        count = int.from_bytes(cursor.read(8), "little", signed=True)
        if any(view.count != count or view.dtype != views[0].dtype for view in views):
            raise damaged("a storage has another size than its tensors say")
        blob = cursor.skip(count * views[0].dtype.itemsize)
        for view in views:
            view.blob = blob
    return content


def _storage_of(pid: Any) -> Any:
    """A persistent id `("storage", type, key, device, count[, view])` as a storage; anything else as a record."""
    if not isinstance(pid, tuple) or len(pid) not in (5, 6) or pid[0] != "storage":
        return Inert("?")
    kind, key, count = pid[1], pid[2], pid[4]
    dtype = _STORAGE_DTYPES.get(kind.name) if isinstance(kind, Global) else None
    if dtype is None or not isinstance(key, str) or type(count) is not int:
        return Inert("?")
    storage = Storage(key, dtype, count)
    view = pid[5] if len(pid) == 6 else None
    if isinstance(view, tuple) and len(view) == 3 and type(view[1]) is int:
        storage.first = view[1]
    return storage


def _tensor(args: tuple[Any, ...]) -> Any:
    """`_rebuild_tensor_v2(storage, offset, shape, stride, ...)` and the shorter one before it."""
    if len(args) < 4 or not isinstance(args[0], Storage | NestedStorage) or type(args[1]) is not int or args[1] < 0:
        return None
    if not is_shape(args[2]) or not is_shape(args[3]):
        return None
    if len(args) > 6 and args[6]:
        return None  # A tensor whose values are stored negated or conjugated; no weight is.
    return TorchTensor(args[0], args[1], args[2], args[3])


def _typed_tensor(args: tuple[Any, ...]) -> Any:
    """`_rebuild_from_type_v2(function, type, args, state)`, a tensor with attributes, which are dropped."""
    if len(args) < 3 or not isinstance(args[0], Global) or not isinstance(args[2], tuple):
        return None
    function = _TENSOR_CALLS.get(args[0].name)
    return function(args[2]) if function else None


_TENSOR_CALLS: dict[str, Call] = {
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_parameter": lambda args: args[0] if args else None,
    "torch._utils._rebuild_parameter_with_state": lambda args: args[0] if args else None,
    "torch.nn.parameter.Parameter": lambda args: args[0] if args else None,
}

TORCH_CALLS: dict[str, Call] = {
    **NUMPY_CALLS,
    **_TENSOR_CALLS,
    "torch._tensor._rebuild_from_type_v2": _typed_tensor,
    "torch.Size": lambda args: args[0] if args else None,
    "torch.storage._load_from_bytes": lambda args: NestedStorage(args[0]) if args else None,
}
