"""Numbers in numpy's files, `.npy` and `.npz`, read where numpy itself would trust them: nothing is ever unpickled.

Source of the formats: numpy.lib.format (versions 1.0 to 3.0), and PKWARE's APPNOTE.TXT, section 4.3.16.
"""

from __future__ import annotations

import math
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import torch

from ..checkpoints import read_tensors
from ..checkpoints.containers.blob import Blob, open_regular_file
from ..checkpoints.load import named_errors
from ..support.errors import CheckpointError

# Given the shapes of all arrays by name, the names of those that are wanted; no others are read.
Choose = Callable[[Mapping[str, tuple[int, ...]]], Iterable[str]]

_MAGIC = b"\x93NUMPY"
_MOST_HEADER_BYTES = 1 << 16
_MOST_DIMENSIONS = 8
_MOST_MEMBERS = 1000
_MOST_DIRECTORY_BYTES = 1 << 18
# Codes and directions hardly get smaller when compressed, but for rows that are repeated or zero.
_MOST_DEFLATED = 64
_SMALL_BYTES = 4 << 20
# Older writers have spaces elsewhere, and Python 2's long integers end in L.
_KIND = re.compile(r"""['"]descr['"]\s*:\s*['"]([<>|=]?)([fiub])([1248])['"]""")
_ORDER = re.compile(r"""['"]fortran_order['"]\s*:\s*(True|False)\b""")
_SHAPE = re.compile(r"""['"]shape['"]\s*:\s*\(([\d\s,L]*)\)""")
_TROUBLE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, struct.error)


@dataclass(frozen=True)
class _Header:
    """What an array claims of itself."""

    shape: tuple[int, ...]
    dtype: np.dtype
    fortran: bool

    @property
    def bytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize


def read_arrays(path: Path, most_bytes: int, choose: Choose) -> dict[str, torch.Tensor]:
    """Arrays of numpy's, torch's or a safetensors file by their name; one that stands alone is called "".

    Args:
        path: `.npy`, `.npz`, or what `checkpoints.read_tensors` reads.
        most_bytes: That those chosen may take together.
        choose: Which of them; not asked of `.npy`, which has one.

    Returns:
        Those chosen, in the order of the file. Of numpy's files float32, whatever they were; of others as they are.

    Raises:
        CheckpointError: It can't be read, or holds something else than numbers.
    """
    with named_errors(path), open_regular_file(path) as file:
        start, named_so = file.part(0, min(len(_MAGIC), file.length)).read(), path.suffix.lower() in (".npy", ".npz")
        if named_so and start.startswith(b"PK"):
            return _read_npz(file, most_bytes, choose)
        if named_so or start == _MAGIC:
            return {"": _read_npy(file, most_bytes)}
    return read_tensors(path, most_bytes, choose)


def _read_npy(file: Blob, most_bytes: int) -> torch.Tensor:
    file.file.seek(file.start)
    return _read_array(file.file, file.length, most_bytes)


def _read_npz(file: Blob, most_bytes: int, choose: Choose) -> dict[str, torch.Tensor]:
    _check_directory(file)
    try:
        with zipfile.ZipFile(file.file) as archive:
            members = {info.filename.removesuffix(".npy"): info for info in archive.infolist() if _is_array(info)}
            shapes = {name: shape for name, info in members.items() if (shape := _shape(archive, info)) is not None}
            arrays = {}
            # Of none that are numbers, the first says why not.
            for name in choose(shapes) if shapes or not members else list(members)[:1]:
                info = members[name]
                with archive.open(info) as member:
                    arrays[name] = _read_array(member, info.file_size, most_bytes)
                most_bytes -= arrays[name].nbytes
            return arrays
    except _TROUBLE as error:
        raise CheckpointError(f"The numpy archive can't be read: {error}. Save it again with numpy.savez.") from error


def _check_directory(file: Blob) -> None:
    """Refuse archives whose directory alone would take much memory. numpy writes no comment behind it."""
    end = file.part(max(file.length - 22, 0), min(file.length, 22)).read()
    if len(end) < 22 or end[:4] != b"PK\x05\x06":
        raise CheckpointError(
            "The numpy archive is cut short: it has no directory at its end, as when a download stops early. "
            "Download or save it again."
        )
    count, size = struct.unpack("<HI", end[10:16])
    wide = file.length >= 42 and file.part(file.length - 42, 4).read() == b"PK\x06\x07"
    if wide:
        raise CheckpointError("This is no archive of numpy's. If it is a file of torch's, let its name end in .pt.")
    if count > _MOST_MEMBERS or size > _MOST_DIRECTORY_BYTES:
        raise CheckpointError("The numpy archive claims more arrays than a file of codes or directions has.")


def _is_array(info: zipfile.ZipInfo) -> bool:
    """Whether a member is an array; stored or deflated, which is all that numpy writes, and not blown up."""
    if not info.filename.endswith(".npy"):
        return False
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1:
        raise CheckpointError(
            f"{info.filename[:80]!r} in the numpy archive is encrypted or compressed in a way that numpy never does. "
            "Save it again with numpy.savez."
        )
    if info.file_size > max(info.compress_size * _MOST_DEFLATED, _SMALL_BYTES):
        raise CheckpointError(
            f"{info.filename[:80]!r} in the numpy archive would be {info.file_size >> 20} MB, and takes "
            f"{info.compress_size} bytes there: no codes or directions get so much smaller. Save it again with "
            "numpy.savez."
        )
    return True


def _shape(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> tuple[int, ...] | None:
    """A member's shape; None of one that isn't numbers, and of no concern as long as nobody wants it."""
    try:
        with archive.open(info) as member:
            return _read_header(member, info.file_size)[0].shape
    except CheckpointError:
        return None


def _read_array(file: IO[bytes], length: int, most_bytes: int) -> torch.Tensor:
    header, left = _read_header(file, length)
    if header.bytes > left:
        raise _unreadable(
            f"of shape {list(header.shape)} it needs {header.bytes} bytes, and {left} are left in the file, which is "
            "cut short or damaged. Download or save it again"
        )
    if max(header.bytes, math.prod(header.shape) * 4) > most_bytes:
        raise CheckpointError(
            f"An array of {header.bytes >> 20} MB is more than was expected here. Is this the right file?"
        )
    flat = np.frombuffer(file.read(header.bytes), header.dtype)
    with np.errstate(over="ignore"):  # What is too large becomes infinite, which whoever asked refuses.
        numbers = flat.reshape(header.shape, order="F" if header.fortran else "C").astype(np.float32, order="C")
    return torch.from_numpy(numbers)


def _read_header(file: IO[bytes], length: int) -> tuple[_Header, int]:
    """What stands before an array's numbers, and how many bytes are left for those."""
    start = file.read(12)
    wide = start[6:7] in (b"\2", b"\3")
    size = int.from_bytes(start[8:12] if wide else start[8:10], "little")
    if start[:6] != _MAGIC or start[6:7] not in (b"\1", b"\2", b"\3") or len(start) < 12:
        raise _unreadable("it doesn't begin as one. Save it again with numpy.save")
    if size > _MOST_HEADER_BYTES:
        raise _unreadable("its header is longer than numpy writes one. Save it again with numpy.save")
    text = (start[12:] if wide else start[10:]) + file.read(size if wide else size - 2)
    header = _parse_header(text.decode("latin-1"))
    return header, length - (12 if wide else 10) - size


def _parse_header(text: str) -> _Header:
    kind, order, shape = (pattern.search(text) for pattern in (_KIND, _ORDER, _SHAPE))
    if kind is None:
        raise _unreadable(
            "it holds objects, text, records, or numbers of another kind than whole and decimal ones of up to 8 bytes. "
            "Save it again as plain numbers, without pickling: array.astype('float32')"
        )
    sides = [int(side.strip().rstrip("L")) for side in shape[1].split(",") if side.strip()] if shape else []
    if order is None or shape is None or len(sides) > _MOST_DIMENSIONS or any(side > 1 << 40 for side in sides):
        raise _unreadable(f"its header is damaged ({text[:80].strip()!r}). Download or save it again")
    endian, letter, size = kind.groups()
    try:
        dtype = np.dtype((endian if endian in "<>" else "") + letter + size)
    except TypeError:
        raise _unreadable(f"there are no numbers of the kind {letter}{size}. Save it again as float32") from None
    return _Header(tuple(sides), dtype, order[1] == "True")


def _unreadable(why: str) -> CheckpointError:
    return CheckpointError(f"This can't be read as a numpy array of numbers: {why}.")
