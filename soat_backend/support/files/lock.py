"""A lock between processes, which is gone with the process that holds it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_PAUSE = 0.05


@contextmanager
def locked(path: Path, seconds: float) -> Iterator[None]:
    """Hold a file's lock during the block; the file stays, empty.

    Args:
        path: The file, made if it isn't there.
        seconds: How long to wait for another process.

    Raises:
        OSError: The file can't be made or locked; TimeoutError if another process holds it all that time.
    """
    with path.open("ab") as file:
        give_up = time.monotonic() + seconds
        while not _take(file):
            if time.monotonic() > give_up:
                raise TimeoutError(f"{path} is locked by another process")
            time.sleep(_PAUSE)
        # What is closed is unlocked.
        yield


if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[bytes]) -> bool:
        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:
    import fcntl

    def _take(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
