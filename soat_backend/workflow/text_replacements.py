"""`%date:yyyy-MM-dd%` and `%Node.input%` in file names, which ComfyUI's frontend fills in before a run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..files.confine import MAX_NAME
from .graph import Graph, Link, Node, map_values

_REPLACED_INPUT = "filename_prefix"
_PATTERN = re.compile(r"%([^%]+)%")
_DATE_TOKENS = re.compile(r"yyyy|yy|dd?|MM?|hh?|mm?|ss?")
_UNSAFE_IN_FILE_NAMES = re.compile(r'[/?<>\\:*|"\x00-\x1f\x7f]')


def fill_in(graph: Graph, now: datetime | None = None) -> Graph:
    """A copy with the patterns in every `filename_prefix` replaced.

    `%width%`, `%height%` and what can't be found stay for the node that saves.

    Args:
        graph: The workflow, values as they will run.
        now: The time for `%date:...%`; the present if None.
    """
    moment = now or datetime.now()
    # The first of several nodes of one name, and a name the frontend searches by before a title.
    backwards = list(graph.nodes.values())[::-1]
    by_name = {node.title: node for node in backwards} | {node.search_name: node for node in backwards}

    def change(node: Node, name: str, value: Any) -> Any:
        if name != _REPLACED_INPUT or not isinstance(value, str) or len(value) > MAX_NAME:
            return value  # One that is too long is refused by the node that saves.
        return _PATTERN.sub(lambda match: _replacement(by_name, match, moment), value)

    return map_values(graph, change)


def _replacement(by_name: Mapping[str, Node], match: re.Match[str], now: datetime) -> str:
    parts = match[1].split(".")
    if len(parts) == 1 and parts[0].startswith("date:"):
        return _format_date(parts[0].removeprefix("date:"), now)
    if len(parts) != 2:
        return match[0]
    node = by_name.get(parts[0])
    value = node.inputs.get(parts[1]) if node else None
    if value is None or isinstance(value, Link):
        return match[0]
    return _UNSAFE_IN_FILE_NAMES.sub("_", str(value)[:MAX_NAME])


def _format_date(form: str, now: datetime) -> str:
    numbers = {"d": now.day, "M": now.month, "h": now.hour, "m": now.minute, "s": now.second}

    def token(match: re.Match[str]) -> str:
        if match[0] == "yyyy":
            return str(now.year)
        if match[0] == "yy":
            return str(now.year)[2:]
        return str(numbers[match[0][0]]).zfill(len(match[0]))

    return _DATE_TOKENS.sub(token, form)
