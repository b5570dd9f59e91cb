"""The order in which definitions of subgraphs are loaded."""

from __future__ import annotations

import pytest
from soat.soat_backend.workflow.ui.order import load_order


def definitions(**inside: str) -> list[dict]:
    return [{"id": name, "nodes": [{"type": kind} for kind in kinds]} for name, kinds in inside.items()]


@pytest.mark.parametrize(
    ("inside", "order"),
    [
        ({"a": "", "b": "a", "c": "b"}, "abc"),
        ({"c": "b", "b": "a", "a": ""}, "abc"),
        ({"d": "bc", "b": "a", "c": "a", "a": "xy"}, "abcd"),
        # Two nodes for one subgraph are waited for twice, and it is loaded once: the order of the file.
        ({"c": "b", "b": "aa", "a": ""}, "cba"),
        ({"a": "", "b": "aa"}, "ab"),
        # One inside itself.
        ({"b": "ab", "a": ""}, "ba"),
    ],
)
def test_inner_ones_first_unless_the_frontend_gives_up(inside, order):
    assert "".join(load_order(definitions(**inside))) == order


def test_what_is_malformed_is_passed_over():
    entries = [{"id": "b", "nodes": [None, {"type": 3}, {"type": "a"}]}, {"id": "a"}, {"nodes": {}}]
    assert load_order(entries) == ["a", "None", "b"]
