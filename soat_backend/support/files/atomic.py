"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import SoatError


@contextmanager
def replacing(path: Path, error_type: type[SoatError] = SoatError) -> Iterator[Path]:
    """Another name beside `path`, to write to; at the end of the block that file takes the place of `path`.

    If the block fails, what was written is removed, and what was at `path` stays.

    Args:
        path: The file to write.
        error_type: Which error to make of one of the system's.

    Raises:
        SoatError: The file can't be written.
    """
    # A short name of its own: that of `path` may be as long as names can be.
    partial = path.with_name(f".{secrets.token_hex(8)}.partial")
    done = False
    try:
        partial.open("xb").close()
        yield partial
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(path)
        done = True
    except OSError as error:
        reason = error.strerror or str(error)
        raise error_type(f"{path.name} can't be written: {reason}. Check the folder and its free space.") from error
    finally:
        # What can't be cleaned up mustn't hide why it failed.
        with suppress(OSError):
            if not done:
                partial.unlink(missing_ok=True)
