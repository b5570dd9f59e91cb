"""Results kept between runs, found again by what made them."""

from __future__ import annotations

import hashlib
import itertools
import json
import logging
from collections.abc import Iterable
from typing import Any

from .graph import Link, Node
from .node_types import NodeType

_log = logging.getLogger(__name__)
_never_again = itertools.count()


class Cache:
    """Results of nodes by content key. Give the same one to every run that may share work."""

    def __init__(self) -> None:
        self._results: dict[str, Any] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._results

    def __len__(self) -> int:
        return len(self._results)

    def get(self, key: str) -> Any:
        """The result that was kept under a key."""
        return self._results[key]

    def put(self, key: str, result: Any) -> None:
        """Keep a result under a key."""
        self._results[key] = result

    def keep_only(self, keys: Iterable[str]) -> None:
        """Let go of every other result."""
        wanted = set(keys)
        self._results = {key: result for key, result in self._results.items() if key in wanted}


def content_key(node: Node, node_type: NodeType, upstream: dict[str, str]) -> str:
    """What a node's result depends on: its class, its values, its upstream nodes' keys and its IS_CHANGED value.

    Args:
        node: The node, values converted.
        node_type: Its declarations.
        upstream: Keys of the nodes it is linked to.

    Returns:
        A digest; one never seen before if IS_CHANGED is NaN or fails.
    """
    changed = _is_changed(node, node_type)
    if changed != changed:
        return f"never again {next(_never_again)}"
    parts: list[Any] = [node.class_type, repr(changed)]
    if "UNIQUE_ID" in node_type.hidden.values() or getattr(node_type.cls, "NOT_IDEMPOTENT", False):
        parts.append(node.id)
    for name, value in sorted(node.inputs.items()):
        made_of = ["link", upstream[value.node_id], value.slot] if isinstance(value, Link) else ["is", value]
        parts.append([name, made_of])
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=repr).encode()).hexdigest()


def _is_changed(node: Node, node_type: NodeType) -> Any:
    function = getattr(node_type.cls, "IS_CHANGED", None)
    if function is None:
        return False
    constants = {name: None if isinstance(value, Link) else value for name, value in node.inputs.items()}
    try:
        return function(**constants)
    except Exception as error:
        # As in ComfyUI: a check that fails costs the cache, not the run; the node itself will say what is wrong.
        _log.warning("%s can't tell whether it has changed, so it runs again: %s", node.describe(), error)
        return float("nan")
