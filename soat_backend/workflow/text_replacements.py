"""`%date:yyyy-MM-dd%` and `%Node.input%` in file names, which ComfyUI's frontend fills in before a run."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from ..support.files.confine import MAX_NAME
from .graph import Graph, Link, Node, Shown, map_values
from .ui.virtual import PRIMITIVE

_REPLACED_INPUT = "filename_prefix"
_PATTERN = re.compile(r"%([^%]+)%")
_DATE_TOKENS = re.compile(r"dd?|MM?|hh?|mm?|ss?|yyy?y?")
_UNSAFE_IN_FILE_NAMES = re.compile(r'[/?<>\\:*|"\x00-\x1f\x7f]')
_LARGEST_WRITTEN_OUT = 1e21


def fill_in(graph: Graph, now: datetime | None = None) -> Graph:
    """A copy with the patterns in every `filename_prefix` replaced.

    `%width%`, `%height%`, `%year%` and what can't be found stay for the node that saves.

    Args:
        graph: The workflow, values as they will run.
        now: The time for `%date:...%`; the present if None.
    """
    moment = now or datetime.now()
    value_of: Callable[[str, str], Any] | None = None

    def change(node: Node, name: str, value: Any) -> Any:
        nonlocal value_of
        if name != _REPLACED_INPUT or not isinstance(value, str) or len(value) > MAX_NAME or "%" not in value:
            return value  # One that is too long is refused by the node that saves.
        find = value_of = value_of or _finder(graph)
        return _PATTERN.sub(lambda match: _replacement(find, match, moment), value)

    return map_values(graph, change)


def _replacement(value_of: Callable[[str, str], Any], match: re.Match[str], now: datetime) -> str:
    parts = match[1].split(".")
    if len(parts) != 2:
        # The frontend drops what follows a second dot.
        is_date = parts[0].startswith("date:")
        return _format_date(parts[0].removeprefix("date:"), now) if is_date else match[0]
    value = value_of(*parts)
    return match[0] if value is None else _UNSAFE_IN_FILE_NAMES.sub("_", _as_javascript(value)[:MAX_NAME])


def _finder(graph: Graph) -> Callable[[str, str], Any]:
    """Finds the value of an input of a node by the node's name.

    The name is one the frontend searches by, before a title; of several nodes the first counts, whatever it shows.
    """
    shown = graph.shown or [Shown(node.id, node.search_name, node.title, {}) for node in graph.nodes.values()]
    backwards = list(shown)[::-1]
    by_name = {node.title: node for node in backwards} | {node.search_name: node for node in backwards}
    held = {(holder.id, holder.name): holder.targets[0] for holder in graph.holders if holder.targets}
    # What a subgraph's node holds is shown there, and the node inside shows its own value.
    promoted = {target for holder in graph.holders if holder.class_type != PRIMITIVE for target in holder.targets}

    def value_of(name: str, input_name: str) -> Any:
        node = by_name.get(name) if name else None
        if node is None:
            return None
        place = held.get((node.id, input_name), (node.id, input_name))
        running = graph.nodes.get(place[0])
        value = running.inputs.get(place[1]) if running else None
        is_own = place in promoted and place[0] == node.id
        return node.values.get(input_name) if value is None or is_own or isinstance(value, Link) else value

    return value_of


def _as_javascript(value: Any) -> str:
    """A value as the frontend writes it into a text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < _LARGEST_WRITTEN_OUT
        return str(int(value)) if whole else re.sub(r"e([+-])0+", r"e\1", repr(value))
    return str(value)


def _format_date(form: str, now: datetime) -> str:
    numbers = {"d": now.day, "M": now.month, "h": now.hour, "m": now.minute, "s": now.second}

    def token(match: re.Match[str]) -> str:
        text = match[0]
        if text[0] == "y":
            return {"yyyy": str(now.year), "yy": str(now.year)[2:]}.get(text, text)
        return str(numbers[text[0]]).zfill(len(text))

    return _DATE_TOKENS.sub(token, form)
