"""Following a link of the UI format back to what really feeds it: a node, a value, or nothing.

Reroutes, primitives, bypassed nodes and subgraph boundaries exist only in the frontend; a link passes through them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import WorkflowError
from .graph import Home, Link
from .ui_scopes import MODE_BYPASSED, MODE_MUTED, SUBGRAPH_INPUT, SUBGRAPH_OUTPUT, Scope, slot_at, slots_of


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


def input_source(scope: Scope, node: dict[str, Any], slot: dict[str, Any]) -> Source:
    """What feeds an input slot of a node.

    Raises:
        WorkflowError: The links run in a circle through reroutes or bypassed nodes.
    """
    wanted = slot.get("type")
    seen = set()
    at: tuple[Scope, Any] | Source = (scope, slot.get("link"))
    while isinstance(at, tuple):
        current, link_id = at
        key = (id(current), str(link_id))
        if key in seen:
            raise WorkflowError(f"{scope.describe(node)}, input {slot.get('name')}: its link runs in a circle.")
        seen.add(key)
        at = _follow(current, link_id, wanted)
    return at


def _follow(scope: Scope, link_id: Any, wanted: Any) -> tuple[Scope, Any] | Source:
    """One step back along a link: either the next link to follow, or the end."""
    if link_id is None:
        return Lost()
    link = scope.links.get(str(link_id))
    if link is None:
        return Lost(f"its link {link_id} isn't in the file")
    if link.origin_id == SUBGRAPH_INPUT and scope.host is not None:
        return _leave_subgraph(scope, link.origin_slot)
    origin = scope.nodes.get(link.origin_id)
    if origin is None:
        return Lost(f"it is linked to node {scope.prefix}{link.origin_id}, which isn't in the workflow")
    if origin.get("mode") == MODE_MUTED and origin["type"] != "PrimitiveNode":
        return Lost(f"it needs {scope.describe(origin)}, which is muted; unmute that one, or mute this one as well")
    if origin["type"] == "PrimitiveNode":
        return _primitive(scope, origin)
    if origin.get("mode") == MODE_BYPASSED:
        return _bypass(scope, origin, link.origin_slot, wanted)
    if link.origin_id in scope.children:
        return _enter_subgraph(scope.children[link.origin_id], link.origin_slot)
    if origin["type"] == "Reroute":
        inputs = slots_of(origin, "inputs")
        return (scope, inputs[0].get("link")) if inputs else Lost()
    return Link(scope.full_id(origin), link.origin_slot)


def _primitive(scope: Scope, node: dict[str, Any]) -> Source:
    values = node.get("widgets_values")
    if not isinstance(values, list) or not values:
        return Lost(f"{scope.describe(node)} has no value")
    home = Home(scope.node_paths[str(node["id"])], 0, "value")
    return Fixed(values[0], home, (scope.full_id(node), str(node.get("title") or node["type"])))


def _bypass(scope: Scope, node: dict[str, Any], slot: int, wanted: Any) -> tuple[Scope, Any] | Source:
    """The frontend's rule: the input at the output's own place if its type fits, else the first of that type."""
    inputs, outputs = slots_of(node, "inputs"), slots_of(node, "outputs")
    given = slot_at(outputs, slot).get("type", wanted)

    def fits(entry: dict[str, Any]) -> bool:
        return _compatible(entry.get("type"), given) and _compatible(entry.get("type"), wanted)

    same_place = [entry for entry in inputs[slot : slot + 1] if wanted in ("*", "") or fits(entry)]
    exact = [entry for entry in inputs if entry.get("type") == wanted]
    chosen = [*same_place, *exact, *[entry for entry in inputs if fits(entry)]]
    if chosen:
        return (scope, chosen[0].get("link"))
    return Lost(f"it needs {scope.describe(node)}, which is bypassed and has no input of type {wanted} to pass on")


def _compatible(first: Any, second: Any) -> bool:
    if first in ("*", "", 0, None) or second in ("*", "", 0, None):
        return True
    return bool(set(str(first).lower().split(",")) & set(str(second).lower().split(",")))


def _enter_subgraph(scope: Scope, slot: int) -> tuple[Scope, Any] | Source:
    for link_id, link in scope.links.items():
        if link.target_id == SUBGRAPH_OUTPUT and link.target_slot == slot:
            return (scope, link_id)
    return Lost(f"nothing inside the subgraph feeds output {slot} of node {scope.prefix.rstrip(':')}")


def _leave_subgraph(scope: Scope, slot: int) -> tuple[Scope, Any] | Source:
    """From a subgraph's input to what the node standing for it has there: a link, or the value of its widget."""
    if scope.host is None or scope.parent is None:
        return Lost("it is linked to a subgraph's input outside any subgraph")
    declared = slots_of(scope.graph, "inputs")
    name = slot_at(declared, slot).get("name")
    outer = next((entry for entry in slots_of(scope.host, "inputs") if entry.get("name") == name), None)
    if outer is not None and outer.get("link") is not None:
        return (scope.parent, outer["link"])
    promoted = [str(entry.get("name")) for index, entry in enumerate(declared) if _feeds_widget(scope, index)]
    return _host_value(scope, promoted, str(name))


def _feeds_widget(scope: Scope, slot: int) -> bool:
    for link in scope.links.values():
        if link.origin_id == SUBGRAPH_INPUT and link.origin_slot == slot:
            inputs = slots_of(scope.nodes.get(link.target_id, {}), "inputs")
            if slot_at(inputs, link.target_slot).get("widget"):
                return True
    return False


def _host_value(scope: Scope, promoted: list[str], name: str) -> Source:
    host, parent = scope.host, scope.parent
    if host is None or parent is None:
        return Lost()
    properties = host.get("properties")
    proxies = properties.get("proxyWidgets") if isinstance(properties, dict) else None
    if isinstance(proxies, list):
        # Frontends of 2025 list the promoted widgets; "-1" stands for the subgraph's own inputs.
        pairs = [entry for entry in proxies if isinstance(entry, list) and len(entry) >= 2]
        promoted = [str(entry[1]) if str(entry[0]) == "-1" else "" for entry in pairs]
    values = host.get("widgets_values")
    if name not in promoted or not isinstance(values, list) or promoted.index(name) >= len(values):
        return Lost()
    slot = promoted.index(name)
    if values[slot] is None:
        return Lost()
    return Fixed(values[slot], Home(parent.node_paths[str(host["id"])], slot, name))
