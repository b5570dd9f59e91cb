"""Numbers written as a text, with commas or lines between them."""

from __future__ import annotations

import math
import re

from .errors import SoatError


def parse_numbers(text: str, name: str) -> list[float]:
    """Read the numbers of a text.

    Args:
        text: Numbers with commas, semicolons, spaces or lines between them, a decimal point in them: `0.5, 1, -2e3`.
        name: Of the input that holds the text; messages begin with it.

    Returns:
        In the order written; none of an empty text.

    Raises:
        SoatError: Something in it is no finite number.
    """
    return [_number(part, name) for part in re.split(r"[,;\s]+", text) if part]


def _number(part: str, name: str) -> float:
    try:
        number = float(part)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise SoatError(f"{name}: {part[:60]!r} is no number. Write numbers with commas or lines between: 0.5, 1, -2.")
    return number
