"""`proxyWidgets`, by which frontends of 2025 listed the widgets shown on a node that stands for a subgraph."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from ..graph import MAX_TEXT, Home
from .hosts import Held
from .levels import Path, id_text

# A widget of a further subgraph was once written with the ids on the way to it.
_PREFIX = re.compile(r"\s*([0-9]+)\s*:\s*(.+)$")


@dataclass(frozen=True)
class Proxy:
    """One entry: the node inside, its widget, the node of a further subgraph it is on, and the host's value, if any."""

    node_id: str
    widget: str
    through: str
    held: Held | None

    def unprefixed(self) -> tuple[str, str]:
        """The widget and the innermost node of one that was written with the ids on the way to it."""
        widget, through = self.widget[: 4 * MAX_TEXT], self.through
        while match := _PREFIX.match(widget):
            through, widget = match[1], match[2]
        return widget, through


def read_proxies(node: Mapping[str, Any], path: Path, renamed: Mapping[str, str]) -> list[Proxy]:
    """The entries of a host; none if any is malformed, as in the frontend.

    Args:
        node: The host.
        path: Its path of keys in the workflow.
        renamed: New ids of the nodes inside, by their id in the file.
    """
    properties = node.get("properties")
    listed = properties.get("proxyWidgets") if isinstance(properties, dict) else None
    entries = [_renamed(entry, renamed) for entry in _list_of(listed)]
    if not all(_is_proxy(entry) for entry in entries):
        return []
    saved = node.get("widgets_values")
    values = saved if isinstance(saved, list) else []
    fill = [*values, *[None] * (len(entries) - len(values))]
    return [
        Proxy(
            entry[0],
            entry[1],
            entry[2] if len(entry) > 2 else "",
            None if fill[place] is None else Held(fill[place], Home(path, place, entry[1], fill)),
        )
        for place, entry in enumerate(entries)
    ]


def refused_values(node: Mapping[str, Any]) -> dict[str, Any]:
    """Values of the subgraph's own inputs that the frontend has put aside when it last loaded proxies."""
    properties = node.get("properties")
    listed = properties.get("proxyWidgetErrorQuarantine") if isinstance(properties, dict) else None
    values: dict[str, Any] = {}
    for entry in _list_of(listed):
        if not isinstance(entry, dict):
            continue
        original = entry.get("originalEntry")
        if _is_proxy(original) and original[0] == "-1" and entry.get("hostValue") is not None:
            values.setdefault(original[1], entry["hostValue"])
    return values


def _list_of(listed: Any) -> list[Any]:
    if isinstance(listed, str):
        try:
            listed = json.loads(listed)
        except (ValueError, RecursionError):
            return []
    return listed if isinstance(listed, list) else []


def _renamed(entry: Any, renamed: Mapping[str, str]) -> Any:
    if isinstance(entry, list) and entry and id_text(entry[0]) in renamed:
        return [renamed[id_text(entry[0])], *entry[1:]]
    return entry


def _is_proxy(entry: Any) -> TypeGuard[list[str]]:
    return isinstance(entry, list) and len(entry) in (2, 3) and all(isinstance(part, str) for part in entry)
