"""Points are read from JSON, and what can't be dragged is said by its number."""

from __future__ import annotations

import json

import pytest
from soat.soat_backend.geometry.points import Drag, read_points, write_points
from soat.soat_backend.support.errors import SoatError


def text(*places) -> str:
    return json.dumps([{"from": list(start), "to": list(end)} for start, end in places])


def test_what_is_written_is_read():
    drags = [[Drag((0.25, 0.5), (0.75, 0.125)), Drag((0.0, 1.0), (0.0, 1.0))]]
    assert read_points(write_points(drags)) == drags
    each = [drags[0], [Drag((0.5, 0.5), (0.5, 0.25))]]
    assert read_points(write_points(each)) == each
    assert json.loads(write_points(drags))[0] == {"from": [0.25, 0.5], "to": [0.75, 0.125]}


@pytest.mark.parametrize(("given", "lists"), [("[]", 1), (" ", 1), ("[[]]", 1), ("[[], []]", 2)])
def test_none_is_as_good_as_some(given, lists):
    assert read_points(given) == [[]] * lists


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("[{", "points: this is no JSON"),
        ("{}", "expected a list, got dict"),
        ("3", "expected a list, got int"),
        ('[{"from": [0.5, 0.5]}]', "point 1 is .*Expected"),
        ('[{"from": [0.5, 0.5], "to": [0.5]}]', "'to' of point 1 is .0.5., expected two numbers"),
        ('[{"from": [0.5, true], "to": [0.5, 0.5]}]', "'from' of point 1 is .0.5, true., expected two numbers"),
        ('[{"from": [0.5, NaN], "to": [0.5, 0.5]}]', "outside the picture"),
        (text(((0.5, 0.5), (0.6, 0.5)), ((0.2, 0.2), (64, 0.2))), "'to' of point 2 is .64, 0.2., outside the picture"),
        (text(((0.5, 0.5), (0.6, 0.5)), ((0.5, 0.5), (0.4, 0.5))), "points 1 and 2 begin at one place"),
        (text(*(((k / 30, 0.5), (0.5, 0.5)) for k in range(21))), "expected at most 20 points for a picture, got 21"),
    ],
)
def test_refusals(given, said):
    with pytest.raises(SoatError, match=said):
        read_points(given)
