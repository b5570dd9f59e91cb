"""Ids of nodes inside subgraphs, made unique the way the frontend does when it loads a file.

Files of 2025 number the nodes of each subgraph on their own. Today's frontend gives a node whose id another level has
already the next free number, and shows and exports it under that one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

# The frontend's own; a file may claim more, and longer ids would multiply in subgraphs.
MAX_NUMBER = 100_000_000

Renames = Mapping[str, Mapping[str, str]]


def renamed_ids(workflow: dict[str, Any], subgraphs: list[dict[str, Any]]) -> Renames:
    """Which nodes inside subgraphs get another id: `{definition id: {id in the file: id}}`.

    Args:
        workflow: The decoded JSON.
        subgraphs: Its definitions of subgraphs, used or not, in the file's order; their nodes may be malformed.
    """
    used = {str(node_id) for node_id in _ids(workflow) if type(node_id) is int}
    last = _last_number(workflow)
    renames: dict[str, dict[str, str]] = {}
    for definition in subgraphs:
        renamed = renames.setdefault(str(definition.get("id")), {})
        for node_id in _ids(definition):
            name = str(node_id)
            if name not in used:
                last = max(last, _number(name))
            else:
                last += 1
                while str(last) in used:
                    last += 1
                renamed[name] = str(last)
            used.add(renamed.get(name, name))
    return renames


def _ids(level: dict[str, Any]) -> Iterator[int | str]:
    nodes = level.get("nodes")
    for node in nodes if isinstance(nodes, list) else ():
        node_id = node.get("id") if isinstance(node, dict) else None
        if isinstance(node_id, (int, str)):
            yield node_id


def _last_number(workflow: dict[str, Any]) -> int:
    state = workflow.get("state")
    claimed = [workflow.get("last_node_id"), state.get("lastNodeId") if isinstance(state, dict) else None]
    return max((number for number in claimed if type(number) is int and 0 <= number <= MAX_NUMBER), default=0)


def _number(name: str) -> int:
    """The number an id is, 0 if it is none that the frontend counts on from."""
    if not name.isascii() or not name.isdigit() or len(name) > len(str(MAX_NUMBER)) or str(int(name)) != name:
        return 0
    return min(int(name), MAX_NUMBER)
