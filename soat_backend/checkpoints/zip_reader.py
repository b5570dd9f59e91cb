"""The directory of a zip archive as torch writes them: stored, never compressed, nothing overlapping.

Python's `zipfile` would do, but keeps an object per declared entry and follows every extension of the format. What
torch never writes is refused here. Nothing is extracted. Source: PKWARE's APPNOTE.TXT, sections 4.3 and 4.5.
"""

from __future__ import annotations

import struct

from ..errors import CheckpointError
from .blob import Blob, Cursor, damaged

_END = b"PK\x05\x06"
_END64 = b"PK\x06\x06"
_END64_LOCATOR = b"PK\x06\x07"
_ENTRY = b"PK\x01\x02"
_LOCAL = b"PK\x03\x04"
_MAX_ENTRIES = 100_000
_MAX_DIRECTORY_BYTES = 32 << 20


def read_directory(file: Blob) -> dict[str, Blob]:
    """The archive's entries by name.

    Raises:
        CheckpointError: It is cut short, or not like the archives torch writes.
    """
    count, size, start = _find_directory(file)
    if count > _MAX_ENTRIES or size > _MAX_DIRECTORY_BYTES:
        raise damaged(f"its zip directory claims {count} entries in {size} bytes")
    cursor = Cursor(file.part(start, size))
    entries: dict[str, Blob] = {}
    ranges = []
    for _ in range(count):
        name, header, length = _read_entry(cursor)
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


def _read_entry(cursor: Cursor) -> tuple[str, int, int]:
    """Name, offset of the local header, and length of the next entry."""
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
    if method != 0 or packed != length or flags & 1:
        raise CheckpointError("This zip archive is compressed or encrypted, which torch never does. Unpack it first.")
    return name, header, length


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
