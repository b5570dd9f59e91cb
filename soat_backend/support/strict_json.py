"""JSON from untrusted files, read without guessing: every key once, whole numbers whole, no NaN, no infinity."""

from __future__ import annotations

import json
import math
from typing import Any


def parse_json(text: str | bytes) -> Any:
    """What a JSON text says.

    Raises:
        ValueError: It is no proper JSON, has a key twice, or a number that is none.
        RecursionError: It is nested absurdly deep.
    """
    return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number, parse_float=_finite)


def whole_number(value: Any) -> int:
    """The same value, if it is a whole number; 8.9, 8.0, "8" and true are none.

    Raises:
        ValueError: It isn't.
    """
    if type(value) is not int:
        raise ValueError(f"{str(value)[:40]!r} is no whole number")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in pairs:
        if key in values:
            raise ValueError(f"{key[:40]!r} is there twice")
        values[key] = value
    return values


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:40]} is too large for a number")
    return number


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")
