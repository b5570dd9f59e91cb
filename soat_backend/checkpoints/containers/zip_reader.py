"""The directory of a zip archive as torch writes them: stored, never compressed, nothing overlapping.

Python's `zipfile` would do, but keeps an object per declared entry and follows every extension of the format. What
torch never writes is refused here. Nothing is extracted. Source: PKWARE's APPNOTE.TXT, sections 4.3 and 4.5.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from typing import NamedTuple

from ...support.errors import CheckpointError
from ...support.terminal import printable
from .blob import Blob, Cursor, damaged

_END = b"PK\x05\x06"
_END64 = b"PK\x06\x06"
_END64_LOCATOR = b"PK\x06\x07"
_ENTRY = b"PK\x01\x02"
_LOCAL = b"PK\x03\x04"
_MAX_ENTRIES = 100_000
_MAX_DIRECTORY_BYTES = 32 << 20
# What torch.jit.save adds to an archive.
_SCRIPTED = re.compile(r"[^/]*/(?:code/.*|constants\.pkl)")
_EXPORTED = re.compile(r"(?:[^/]*/)?archive_format")
_MODELS = (".pkl", ".pt", ".pth", ".ckpt", ".safetensors")


class _Entry(NamedTuple):
    """What the directory says of an entry: where its local header is, and how long its content."""

    name: str
    header: int
    length: int
    is_packed: bool


def read_directory(file: Blob) -> dict[str, Blob]:
    """The archive's entries by name.

    Raises:
        CheckpointError: It is cut short, or not like the archives torch writes.
    """
    count, size, start = _find_directory(file)
    if count > _MAX_ENTRIES or size > _MAX_DIRECTORY_BYTES:
        raise damaged(f"its zip directory claims {count} entries in {size} bytes")
    cursor = Cursor(file.part(start, size))
    listed = [_read_entry(cursor) for _ in range(count)]
    if any(entry.is_packed for entry in listed):
        raise CheckpointError(archive_words([entry.name for entry in listed], "it is compressed or encrypted"))
    entries: dict[str, Blob] = {}
    ranges = []
    for name, header, length, _ in listed:
        if name in entries or name.startswith("/") or "\\" in name or ".." in name.split("/"):
            raise CheckpointError("This zip archive has duplicate or dangerous names in it, which torch never writes.")
        entries[name] = _locate(file, name, header, length)
        ranges.append((header, entries[name].start + length - file.start))
    ranges.sort()
    ends = [0] + [end for _, end in ranges]
    if any(begin < end for (begin, _), end in zip(ranges, ends[:-1], strict=True)) or ends[-1] > start:
        raise CheckpointError("This zip archive has overlapping entries, which torch never writes.")
    return entries


def _find_directory(file: Blob) -> tuple[int, int, int]:
    """Entries, bytes and offset of the directory. torch writes no comment, so its end record ends the file."""
    if file.length < 22:
        raise damaged("its zip archive is cut short")
    end = file.part(file.length - 22, 22).read()
    if end[:4] != _END or end[20:] != b"\0\0":
        raise damaged("its zip archive has no directory at its end, as when a download stops early")
    count, size, start = struct.unpack("<HII", end[10:20])
    if file.length >= 42:
        locator = file.part(file.length - 42, 20).read()
        if locator[:4] == _END64_LOCATOR:
            record = file.part(struct.unpack("<Q", locator[8:16])[0], 56).read()
            if record[:4] != _END64:
                raise damaged("its zip directory can't be found")
            count, size, start = struct.unpack("<QQQ", record[32:56])
    return count, size, start


def archive_words(names: Sequence[str], reason: str) -> str:
    """What a zip archive is that torch.save didn't write.

    Args:
        names: Of what is in it.
        reason: Why it isn't torch's, for those of which nothing else is known.
    """
    inner = [name for name in names if not name.startswith("__MACOSX/")]
    if any(_SCRIPTED.fullmatch(name) for name in inner):
        return (
            "This is a TorchScript archive (torch.jit.save): a program with its weights, which isn't run here. Where "
            "it came from, save the weights alone: torch.save(torch.jit.load(FILE).state_dict(), 'weights.pt')."
        )
    if any(_EXPORTED.fullmatch(name) for name in inner):
        return "This is a program of torch.export (.pt2), which isn't run here. Save the model's state dict instead."
    models = [name for name in inner if name.lower().endswith(_MODELS)]
    if models and not any(name.endswith("/data.pkl") or name == "data.pkl" for name in models):
        shown = ", ".join(repr(printable(name, 60)) for name in models[:3])
        return f"This is a zip archive with {shown} in it, not the model itself. Unzip it first, and choose that file."
    if inner and all(name.endswith(".npy") for name in inner):
        return "This is an archive of numpy arrays (.npz), not a StyleGAN2 generator."
    return (
        f"This is a zip archive, but not like those torch writes: {reason}. Unpack it first, or export the model again."
    )


def _read_entry(cursor: Cursor) -> _Entry:
    """The next entry."""
    fixed = cursor.read(46)
    if fixed[:4] != _ENTRY:
        raise damaged("its zip directory can't be read")
    flags, method = struct.unpack("<HH", fixed[8:12])
    packed, length, name_length, extra_length, comment_length = struct.unpack("<IIHHH", fixed[20:34])
    header = struct.unpack("<I", fixed[42:46])[0]
    name = cursor.read(name_length).decode("utf-8", "replace")
    extra = cursor.read(extra_length)
    cursor.skip(comment_length)
    if 0xFFFFFFFF in (packed, length, header):
        length, packed, header = _wide_fields(extra, length, packed, header)
    return _Entry(name, header, length, method != 0 or packed != length or bool(flags & 1))


def _wide_fields(extra: bytes, *fields: int) -> tuple[int, ...]:
    """The 64-bit numbers that stand in for fields that are full."""
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack("<HH", extra[position : position + 4])
        if kind == 1:
            body = extra[position + 4 : position + 4 + length]
            wide = iter(struct.unpack(f"<{len(body) // 8}Q", body[: len(body) // 8 * 8]))
            return tuple(next(wide, field) if field == 0xFFFFFFFF else field for field in fields)
        position += 4 + length
    return fields


def _locate(file: Blob, name: str, header: int, length: int) -> Blob:
    """Where an entry's bytes are."""
    local = file.part(header, 30).read()
    name_length, extra_length = struct.unpack("<HH", local[26:30])
    if local[:4] != _LOCAL or file.part(header + 30, name_length).read() != name.encode("utf-8", "replace"):
        raise damaged("its zip directory disagrees with its entries")
    return file.part(header + 30 + name_length + extra_length, length)
