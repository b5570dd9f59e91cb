"""Following a link of the UI format back to what really feeds it: a node, a value, or nothing.

Reroutes, primitives, bypassed nodes and subgraph boundaries exist only in the frontend; a link passes through them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import WorkflowError
from .graph import Home, Link
from .node_types import shorten
from .ui_levels import SUBGRAPH_INPUT, name_of, slot_at, slots_of, type_of
from .ui_scopes import MODE_BYPASSED, MODE_MUTED, Scope, title_of

# Steps back along links and slots looked at on the way, in the whole workflow.
MAX_LOOKS = 2_000_000
_NAMED_IN_A_CIRCLE = 6


@dataclass(frozen=True)
class Fixed:
    """A value held by a primitive or by a widget on a subgraph node."""

    value: Any
    home: Home | None
    primitive: tuple[str, str] | None = None


@dataclass(frozen=True)
class Lost:
    """Nothing arrives; `reason` says why, empty if the input simply isn't connected."""

    reason: str = ""


Source = Link | Fixed | Lost
# An output of a node of a scope, as seen by an input of some type.
Place = tuple[int, str, int, str]


class SourceFinder:
    """Finds what feeds inputs; every output passed on the way is followed once, however many inputs hang on it."""

    def __init__(self) -> None:
        self._found: dict[Place, Source] = {}
        self._looks = 0

    def source_of(self, scope: Scope, node: dict[str, Any], slot: dict[str, Any]) -> Source:
        """What feeds an input slot of a node.

        Raises:
            WorkflowError: The links run in a circle through reroutes or bypassed nodes, or the way is too long.
        """
        wanted = type_of(slot)
        passed: dict[Place, str] = {}
        at: tuple[Scope, Any] | Source = (scope, slot.get("link"))
        while isinstance(at, tuple):
            current, link_id = at
            link = None if link_id is None else current.level.links.get(str(link_id))
            if link is None:
                at = Lost() if link_id is None else Lost(f"its link {shorten(link_id)} isn't in the file")
                break
            place = (id(current), link.origin_id, link.origin_slot, wanted)
            if place in passed:
                circle = list(passed.values())[list(passed).index(place) :]
                raise WorkflowError(f"{scope.describe(node)}, input {name_of(slot)}: {_circle(circle)}")
            if place in self._found:
                at = self._found[place]
                break
            self._look_at(1)
            passed[place] = f"{current.prefix}{link.origin_id}"
            at = self._follow(current, link.origin_id, link.origin_slot, wanted)
        for place in passed:
            self._found[place] = at
        return at

    def _follow(self, scope: Scope, origin_id: str, slot: int, wanted: str) -> tuple[Scope, Any] | Source:
        """One step back from an output: either the next link to follow, or the end."""
        if origin_id == SUBGRAPH_INPUT and scope.host is not None:
            return _leave_subgraph(scope, slot)
        origin = scope.level.nodes.get(origin_id)
        if origin is None:
            return Lost(f"it is linked to node {scope.prefix}{origin_id}, which isn't in the workflow")
        if origin["type"] == "PrimitiveNode":
            return _primitive(scope, origin)
        if origin.get("mode") == MODE_MUTED:
            return Lost(f"it needs {scope.describe(origin)}, which is muted; unmute that one, or mute this one as well")
        if origin.get("mode") == MODE_BYPASSED:
            return self._bypass(scope, origin, slot, wanted)
        if origin_id in scope.children:
            return _enter_subgraph(scope.children[origin_id], slot)
        if origin["type"] == "Reroute":
            inputs = self._slots(origin, "inputs")
            return (scope, inputs[0].get("link")) if inputs else Lost()
        return Link(scope.full_id(origin), slot)

    def _bypass(self, scope: Scope, node: dict[str, Any], slot: int, wanted: str) -> tuple[Scope, Any] | Source:
        """The frontend's rule: the input at the output's own place if its type fits, else the first of that type."""
        inputs, outputs = self._slots(node, "inputs"), self._slots(node, "outputs")
        given = type_of(outputs[slot]) if 0 <= slot < len(outputs) else wanted

        def fits(entry: dict[str, Any]) -> bool:
            return _compatible(type_of(entry), given) and _compatible(type_of(entry), wanted)

        same_place = [entry for entry in inputs[slot : slot + 1] if wanted in ("*", "") or fits(entry)]
        exact = [entry for entry in inputs if type_of(entry) == wanted]
        chosen = [*same_place, *exact, *[entry for entry in inputs if fits(entry)]]
        if chosen:
            return (scope, chosen[0].get("link"))
        return Lost(f"it needs {scope.describe(node)}, which is bypassed and has no input of type {wanted} to pass on")

    def _slots(self, node: dict[str, Any], key: str) -> list[dict[str, Any]]:
        slots = slots_of(node, key)
        self._look_at(len(slots))
        return slots

    def _look_at(self, count: int) -> None:
        self._looks += count
        if self._looks > MAX_LOOKS:
            raise WorkflowError(
                "The workflow's links pass so many reroutes and bypassed nodes that they can't be followed in bearable "
                "time. Link the nodes directly."
            )


def _circle(node_ids: list[str]) -> str:
    more = " -> ..." if len(node_ids) > _NAMED_IN_A_CIRCLE else ""
    way = " -> ".join(node_ids[:_NAMED_IN_A_CIRCLE])
    return (
        f"its link runs in a circle through reroutes or bypassed nodes (node {way}{more}, back to {node_ids[0]}). "
        "Remove one of the links between them."
    )


def _primitive(scope: Scope, node: dict[str, Any]) -> Source:
    values = node.get("widgets_values")
    if not isinstance(values, list) or not values:
        return Lost(f"{scope.describe(node)} has no value")
    home = Home(scope.path_of(node), 0, "value")
    return Fixed(values[0], home, (scope.full_id(node), title_of(node)))


def _compatible(first: str, second: str) -> bool:
    if first in ("*", "") or second in ("*", ""):
        return True
    return bool(set(first.lower().split(",")) & set(second.lower().split(",")))


def _enter_subgraph(scope: Scope, slot: int) -> tuple[Scope, Any] | Source:
    if slot in scope.level.output_links:
        return (scope, scope.level.output_links[slot])
    return Lost(f"nothing inside the subgraph feeds output {slot} of node {scope.prefix.rstrip(':')}")


def _leave_subgraph(scope: Scope, slot: int) -> tuple[Scope, Any] | Source:
    """From a subgraph's input to what the node standing for it has there: a link, or the value of its widget."""
    name = name_of(slot_at(scope.level.inputs, slot))
    if scope.host is None or scope.parent is None:
        return Lost("it is linked to a subgraph's input outside any subgraph")
    if scope.host_links.get(name) is not None:
        return (scope.parent, scope.host_links[name])
    values = scope.host.get("widgets_values")
    place = scope.host_slots.get(name)
    if place is None or not isinstance(values, list) or place >= len(values) or values[place] is None:
        return Lost()
    return Fixed(values[place], Home(scope.parent.path_of(scope.host), place, name))
