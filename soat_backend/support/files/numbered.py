"""Names of files to write: ComfyUI's `prefix_00001_.ext`, counting on from what is there, never overwriting."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .confine import confined_path, require_portable


@contextmanager
def reserved_file(
    folder: Path, prefix: str, extension: str, *, width: int = 0, height: int = 0, batch_number: int = 0
) -> Iterator[Path]:
    """The next file of a series, to be written in the block; empty until then, so that nobody else takes its name.

    If the block fails, an empty file is removed: nothing is left of it but what was written whole.

    Args:
        folder: The folder it must stay in; made if absent.
        prefix: Relative path without number and extension; may have `%width%`, `%height%`, `%year%`, `%month%`,
            `%day%`, `%hour%`, `%minute%`, `%second%` and `%batch_num%`.
        extension: With its dot.
        width: Of the picture, in pixels.
        height: Of the picture, in pixels.
        batch_number: Place of the picture in its batch.

    Raises:
        SoatError: The prefix leads out of the folder, or is no name for a file on every system.
    """
    filled = _fill_in(prefix, {"width": width, "height": height, "batch_num": batch_number})
    series = series_path(folder, filled)
    series.parent.mkdir(parents=True, exist_ok=True)
    number = _highest_number(series) + 1
    while True:
        path = series.with_name(f"{series.name}_{number:05}_{extension}")
        try:
            # Exclusive: neither a file nor a symbolic link of that name is ever written through.
            path.open("xb").close()
            break
        except FileExistsError:
            number += 1
    try:
        yield path
    except BaseException:
        # What can't be cleaned up mustn't hide why it failed.
        with suppress(OSError):
            if path.stat().st_size == 0:
                path.unlink()
        raise


def series_path(folder: Path, prefix: str) -> Path:
    """Where a series of files is: their path up to the number.

    Raises:
        SoatError: The prefix leads out of the folder, or is no name for a file on every system.
    """
    path = confined_path(folder, prefix, "filename_prefix")
    *folders, start = path.relative_to(folder).parts
    # The number follows, so the start alone may be what a file may not be called.
    for part in (*folders, f"{start}_"):
        require_portable(part, prefix, "filename_prefix")
    return path


def _fill_in(prefix: str, values: dict[str, int]) -> str:
    now = time.localtime()
    values = {**values, "year": now.tm_year}
    parts = {"month": now.tm_mon, "day": now.tm_mday, "hour": now.tm_hour, "minute": now.tm_min, "second": now.tm_sec}
    texts = {name: str(value) for name, value in values.items()} | {name: f"{n:02}" for name, n in parts.items()}
    return re.sub("%([a-z_]+)%", lambda match: texts.get(match[1], match[0]), prefix)


def _highest_number(series: Path) -> int:
    pattern = re.compile(re.escape(series.name) + r"_(\d{1,15})(?:_|\.|$)")
    numbers = [int(match[1]) for entry in series.parent.iterdir() if (match := pattern.match(entry.name))]
    return max(numbers, default=0)
