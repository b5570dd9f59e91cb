"""Bytes of an untrusted file, read only where and when they are wanted, and never past its end."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ...support.errors import CheckpointError

_CHUNK_BYTES = 1 << 16


def damaged(what: str) -> CheckpointError:
    """The error for a file that contradicts itself or stops too early."""
    return CheckpointError(f"The file is damaged or incomplete: {what}. Download or export it again.")


@dataclass(frozen=True, eq=False)
class Blob:
    """A range of an open file.

    Attributes:
        file: Seekable, unbuffered; or what was decoded from a file, in memory.
        start: Offset of its first byte in the file.
        length: In bytes.
    """

    file: io.FileIO | io.BytesIO
    start: int
    length: int

    @classmethod
    def of(cls, content: bytes) -> Blob:
        """A range that is all of some bytes in memory."""
        return cls(io.BytesIO(content), 0, len(content))

    def part(self, offset: int, length: int) -> Blob:
        """A range of this range.

        Raises:
            CheckpointError: It reaches past the end.
        """
        if offset < 0 or length < 0 or offset + length > self.length:
            raise damaged(f"{length} bytes are declared where {max(self.length - offset, 0)} are left")
        return Blob(self.file, self.start + offset, length)

    def read_into(self, target: memoryview) -> None:
        """Fill `target`, bytes of this range's length."""
        self.file.seek(self.start)
        filled = 0
        while filled < len(target):
            count = self.file.readinto(target[filled:])
            if not count:
                raise damaged("it ends in the middle of its data")
            filled += count

    def read(self) -> bytes:
        """All of it; for small ranges."""
        content = bytearray(self.length)
        self.read_into(memoryview(content))
        return bytes(content)


class Cursor:
    """Reads a blob front to back, in small steps, jumping over what isn't wanted."""

    def __init__(self, blob: Blob) -> None:
        self.blob = blob
        self.position = 0
        self._chunk = b""
        self._chunk_start = 0

    @property
    def left(self) -> int:
        """Bytes not yet read."""
        return self.blob.length - self.position

    def read(self, count: int) -> bytes:
        """The next `count` bytes."""
        offset = self.position - self._chunk_start
        if not 0 <= offset <= len(self._chunk) - count:
            length = min(max(count, _CHUNK_BYTES), self.left)
            self._chunk = self.blob.part(self.position, max(length, count)).read()
            self._chunk_start, offset = self.position, 0
        self.position += count
        return self._chunk[offset : offset + count]

    def read_line(self, limit: int) -> bytes:
        """The bytes up to the next newline, which is read too but not returned; at most `limit`."""
        start = self.position
        window = self.read(min(limit + 1, self.left))
        end = window.find(b"\n")
        if end < 0:
            raise damaged("a line of text has no end")
        self.position = start + end + 1
        return window[:end]

    def skip(self, count: int) -> Blob:
        """The next `count` bytes as a blob, unread."""
        blob = self.blob.part(self.position, count)
        self.position += count
        return blob


@contextmanager
def open_regular_file(path: str | os.PathLike[str]) -> Iterator[Blob]:
    """Open a regular file, whole, for reading; pipes, devices and folders are refused without waiting for them.

    Raises:
        CheckpointError: It isn't there, isn't a regular file, is empty, or can't be read.
    """
    path = Path(path)
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            what = "a folder" if path.is_dir() else "a pipe or device"
            raise CheckpointError(f"This is {what}, not a checkpoint file. Choose a file.")
        # Not blocking, should a pipe take the file's place between the two calls.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        file = io.FileIO(descriptor, "rb")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CheckpointError(f"The checkpoint can't be opened: {reason}. Check its path.") from error
    with file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise CheckpointError("This is a pipe or device, not a checkpoint file. Choose a file.")
        if status.st_size == 0:
            raise CheckpointError("The file is empty. Download or export it again.")
        yield Blob(file, 0, status.st_size)
