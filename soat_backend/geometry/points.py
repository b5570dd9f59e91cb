"""Points that are dragged: read from text, checked, and written back."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..support.errors import SoatError

MAX_POINTS = 20
_FORM = '[{"from": [x, y], "to": [x, y]}], in pictures: [0, 0] is the top left corner, [1, 1] the bottom right one'
# Handles nearer than this, in pictures, are one place.
_ONE_PLACE = 1e-6
Place = tuple[float, float]


@dataclass(frozen=True)
class Drag:
    """One handle and where it is to go; both at one place: an anchor, which is to stay.

    Attributes:
        start: x and y in pictures, 0..1.
        target: The same.
    """

    start: Place
    target: Place


def read_points(text: str) -> list[list[Drag]]:
    """The drags that a text says: one list for all pictures, or one for each.

    Args:
        text: JSON, `[{"from": [x, y], "to": [x, y]}]`, or a list of such lists.

    Returns:
        One list, or as many as the text has; one without points of a text that has none.

    Raises:
        SoatError: It is no such JSON, has too many points, points beyond the picture, or two at one place.
    """
    try:
        read = json.loads(text) if text.strip() else []
    except (ValueError, RecursionError) as error:
        raise SoatError(f"points: this is no JSON ({error}). Expected {_FORM}.") from None
    if not isinstance(read, list):
        raise SoatError(f"points: expected a list, got {type(read).__name__}. Expected {_FORM}.")
    one_for_each = bool(read) and all(isinstance(entry, list) for entry in read)
    return [_drags(entries) for entries in (read if one_for_each else [read])]


def write_points(drags: Sequence[Sequence[Drag]]) -> str:
    """What `read_points` reads as these: one list if there is one, else a list for each picture."""
    lists = [[{"from": _rounded(drag.start), "to": _rounded(drag.target)} for drag in some] for some in drags]
    return json.dumps(lists[0] if len(lists) == 1 else lists)


def _rounded(place: Place) -> list[float]:
    return [round(value, 5) for value in place]


def _drags(entries: list[Any]) -> list[Drag]:
    if len(entries) > MAX_POINTS:
        raise SoatError(
            f"points: expected at most {MAX_POINTS} points for a picture, got {len(entries)}. Leave some out, or drag "
            "them one after the other."
        )
    drags = []
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict) or not {"from", "to"} <= entry.keys():
            raise SoatError(f"points: point {number} is {_short(entry)}. Expected {_FORM}.")
        drags.append(Drag(_place(entry, "from", number), _place(entry, "to", number)))
    if met := find_meeting([drag.start for drag in drags]):
        raise SoatError(
            f"points: points {met[0]} and {met[1]} begin at one place, {_short(_rounded(drags[met[0] - 1].start))}, "
            "and one place can go to one target only. Remove one of them."
        )
    return drags


def find_meeting(places: Sequence[Place]) -> tuple[int, int] | None:
    """The numbers, from 1, of two places that are one; None if all are apart."""
    for number, place in enumerate(places, 1):
        for other, earlier in enumerate(places[: number - 1], 1):
            if math.dist(place, earlier) < _ONE_PLACE:
                return other, number
    return None


def _place(entry: dict[str, Any], name: str, number: int) -> Place:
    value = entry[name]
    is_place = isinstance(value, list) and len(value) == 2 and all(_is_number(each) for each in value)
    if not is_place:
        raise SoatError(
            f"points: {name!r} of point {number} is {_short(value)}, expected two numbers [x, y] from 0 to 1."
        )
    x, y = (float(each) for each in value)
    if not (0.0 <= x <= 1.0 and 0.0 <= y <= 1.0):
        raise SoatError(
            f"points: {name!r} of point {number} is {_short(value)}, outside the picture. x and y are parts of its "
            "width and height, from 0 to 1; pixels are divided by them."
        )
    return x, y


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
