"""Where following a link of the UI format may lead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..graph import Home, Link
from .scopes import Scope
from .virtual import PRIMITIVE

_NAMED_IN_A_CIRCLE = 6


@dataclass(frozen=True)
class Fixed:
    """A value held by a primitive, or by the node that stands for a subgraph; `holder` is its id, see `Holder`."""

    value: Any
    home: Home | None
    holder: str
    title: str
    name: str
    label: str = ""
    kind: str = PRIMITIVE


@dataclass(frozen=True)
class Lost:
    """Nothing arrives; `reason` says why, empty if the input simply isn't connected."""

    reason: str = ""


@dataclass(frozen=True)
class Way:
    """A link to follow next, in a scope, for an input that takes `wanted`."""

    scope: Scope
    link_id: Any
    wanted: str


Source = Link | Fixed | Lost


def circle_text(node_ids: list[str]) -> str:
    """The sentence about a link that comes back to where it was."""
    more = " -> ..." if len(node_ids) > _NAMED_IN_A_CIRCLE else ""
    way = " -> ".join(node_ids[:_NAMED_IN_A_CIRCLE])
    return (
        f"its link runs in a circle through reroutes or bypassed nodes (node {way}{more}, back to {node_ids[0]}). "
        "Remove one of the links between them."
    )
