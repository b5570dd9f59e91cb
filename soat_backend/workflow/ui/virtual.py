"""Nodes that exist only in the browser: notes, reroutes, other packs' nodes that stand for links or switch nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PRIMITIVE = "PrimitiveNode"
# Get takes what the Set of its name has. KJNodes' sees those of the graphs around its own too.
SETTERS: Mapping[str, str] = {"GetNode": "SetNode", "easy getNode": "easy setNode"}
SEEN_FROM_SUBGRAPHS = ("GetNode",)
# These pass an input on to the output at its place, or have none.
_PASSING = (
    "Note",
    "MarkdownNote",
    "Reroute",
    "SetNode",
    "easy setNode",
    "Reroute (rgthree)",
    "Label (rgthree)",
    "Bookmark (rgthree)",
    "Fast Muter (rgthree)",
    "Fast Bypasser (rgthree)",
    "Fast Groups Muter (rgthree)",
    "Fast Groups Bypasser (rgthree)",
    "Fast Actions Button (rgthree)",
    "Mute / Bypass Relay (rgthree)",
    "Mute / Bypass Repeater (rgthree)",
    "Node Collector (rgthree)",
    "Random Unmuter (rgthree)",
    "Power Conductor (rgthree)",
    "Note Plus (mtb)",
)
VIRTUAL = frozenset((*_PASSING, *SETTERS, PRIMITIVE))
# cg-use-everywhere's: what they are linked to goes, without links, to inputs that only their code in the browser knows.
BROADCASTERS = frozenset(("Anything Everywhere", "Anything Everywhere?", "Anything Everywhere3", "Prompts Everywhere"))


def constant_name(node: Mapping[str, Any]) -> str:
    """The name by which Get nodes find a Set node; empty if it has none."""
    values = node.get("widgets_values")
    if isinstance(values, dict):
        name = values.get("Constant")
    else:
        name = values[0] if isinstance(values, list) and values else None
    return name if isinstance(name, str) else ""
