"""Some of many, written as a text: numbers and ranges between commas."""

from __future__ import annotations

from .errors import SoatError

MAX_PARTS = 4096


def parse_picks(text: str, count: int, what: str) -> list[int]:
    """Read which items are meant.

    Args:
        text: Numbers and ranges as Python writes them, counted from 0: `3`, `0:64` (without 64), `0:512:2` (every
            other), `-16:` (the last 16), `0:8, 40, 100:120`. A range may reach beyond the last item.
        count: Items there are.
        what: To name in errors.

    Returns:
        Indices in the order written, repeated if written twice; at least one.

    Raises:
        SoatError: The text can't be read, names nothing that is there, or too much.
    """
    if text.count(",") >= MAX_PARTS:
        raise SoatError(f"{what}: {text.count(',') + 1} parts between commas are more than {MAX_PARTS}. Write ranges.")
    picks = [index for part in text.split(",") for index in _indices(part.strip(), count, what)]
    if not picks:
        raise SoatError(
            f"{what}: {text[:60]!r} names none of the {count} there are (0 to {count - 1}). Write 0:{count}."
        )
    return picks


def _indices(part: str, count: int, what: str) -> range:
    try:
        numbers = [int(piece) if piece.strip() else None for piece in part.split(":")]
        if len(numbers) == 1 and numbers[0] is not None:
            index = range(count)[numbers[0]]
            return range(index, index + 1)
        if 2 <= len(numbers) <= 3:
            return range(count)[slice(*numbers)]
    except (ValueError, IndexError):
        pass
    raise SoatError(
        f"{what}: {part[:60]!r} is no number or range of the {count} there are (0 to {count - 1}). "
        "Write 3, or 0, 4, 2, or a range such as 0:8."
    )
