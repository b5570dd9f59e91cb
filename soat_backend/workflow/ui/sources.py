"""Following a link of the UI format back to what really feeds it: a node, a value, or nothing.

Reroutes, Set and Get nodes, primitives, bypassed nodes and subgraph boundaries exist only in the frontend; a link
passes through them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ...support.errors import WorkflowError
from ..graph import Home, Link, cut
from ..node_types import NodeCatalog, shorten
from .hosts import Held, HostValues
from .levels import SUBGRAPH_INPUT, id_text
from .promotions import fed_links
from .scopes import MODE_BYPASSED, MODE_MUTED, Scope, title_of
from .slots import Slot, input_slots, output_type
from .virtual import PRIMITIVE, SEEN_FROM_SUBGRAPHS, SETTERS, VIRTUAL, constant_name
from .ways import Fixed, Lost, Source, Way, circle_text

# Steps back along links and slots looked at on the way, in the whole workflow.
MAX_LOOKS = 2_000_000
_GIVES_TO_WIDGETS = "a primitive gives its value only to the widgets it is linked to directly"

# An output of a node of a scope, as seen by an input of some type.
Place = tuple[int, str, int, str]


class SourceFinder:
    """Finds what feeds inputs; every output passed on the way is followed once, however many inputs hang on it.

    Args:
        hosts: What the nodes that stand for subgraphs hold.
        catalog: Known node types.
    """

    def __init__(self, hosts: HostValues, catalog: NodeCatalog) -> None:
        self._hosts = hosts
        self._catalog = catalog
        self._definitions = {name: subgraph.level for name, subgraph in hosts.subgraphs.items()}
        self._found: dict[Place, Source] = {}
        self._slots: dict[tuple[str | None, str], tuple[Slot, ...]] = {}
        self._setters: dict[str | None, Mapping[tuple[str, str], dict[str, Any]]] = {}
        self._fed: dict[tuple[str | None, str], dict[str, None]] = {}
        self._looks = 0

    def slots(self, scope: Scope, node_id: str) -> tuple[Slot, ...]:
        """The inputs of a node as the frontend has them."""
        key = scope.level.definition_id, node_id
        if key not in self._slots:
            self._slots[key] = input_slots(scope.level.nodes[node_id], self._catalog, self._definitions)
        return self._slots[key]

    def source_of(self, scope: Scope, node_id: str, slot: Slot) -> Source:
        """What feeds an input of a node.

        Raises:
            WorkflowError: The links run in a circle through reroutes or bypassed nodes, or the way is too long.
        """
        at = self._at_input(scope, node_id, slot, slot.type)
        primitive_id = self._primitive_at(scope, slot.link)
        if primitive_id and isinstance(at, Way) and at.scope is scope:
            value = self._primitive_value(scope, primitive_id, id_text(slot.link))
            return value if slot.is_widget else Lost(_GIVES_TO_WIDGETS)
        passed: dict[Place, str] = {}
        while isinstance(at, Way):
            current = at.scope
            link = None if at.link_id is None else current.level.links.get(str(at.link_id))
            if link is None:
                at = Lost() if at.link_id is None else Lost(f"its link {shorten(at.link_id)} isn't in the file")
                break
            place = (id(current), link.origin_id, link.origin_slot, at.wanted)
            if place in passed:
                circle = list(passed.values())[list(passed).index(place) :]
                described = scope.describe(scope.level.nodes[node_id])
                raise WorkflowError(f"{described}, input {slot.name}: {circle_text(circle)}")
            if place in self._found:
                at = self._found[place]
                break
            self._look_at(1)
            passed[place] = f"{current.prefix}{link.origin_id}"
            at = self._follow(current, link.origin_id, link.origin_slot, at.wanted)
        for place in passed:
            self._found[place] = at
        return at

    def _at_input(self, scope: Scope, node_id: str, slot: Slot, wanted: str) -> Way | Source:
        """Where to look for what feeds an input: its link, unless a promoted widget has taken its place."""
        index = self._hosts.levels[scope.level.definition_id].taken.get((node_id, slot.name))
        return Way(scope, slot.link, wanted) if index is None else self._leave_subgraph(scope, index)

    def _follow(self, scope: Scope, origin_id: str, slot: int, wanted: str) -> Way | Source:
        """One step back from an output: either the next link to follow, or the end."""
        if origin_id == SUBGRAPH_INPUT and scope.host is not None:
            return self._leave_subgraph(scope, slot)
        origin = scope.level.nodes.get(origin_id)
        if origin is None:
            return Lost(f"it is linked to node {scope.prefix}{origin_id}, which isn't in the workflow")
        if origin["type"] == PRIMITIVE:
            return Lost(_GIVES_TO_WIDGETS)
        if origin.get("mode") == MODE_MUTED:
            return Lost(f"it needs {scope.describe(origin)}, which is muted; unmute that one, or mute this one as well")
        if origin.get("mode") == MODE_BYPASSED:
            return self._bypass(scope, origin_id, slot, wanted)
        if origin_id in scope.children:
            return _enter_subgraph(scope.children[origin_id], slot, wanted)
        if origin["type"] in SETTERS:
            return self._get(scope, origin, slot, wanted)
        if origin["type"] in VIRTUAL:
            return self._pass(scope, origin_id, slot, wanted)
        return Link(scope.full_id(origin), slot)

    def _pass(self, scope: Scope, node_id: str, slot: int, wanted: str) -> Way | Source:
        """Through a node of which each output is the input at its place."""
        slots = self._looked_at_slots(scope, node_id)
        return self._at_input(scope, node_id, slots[slot], wanted) if 0 <= slot < len(slots) else Lost()

    def _get(self, scope: Scope, getter: dict[str, Any], slot: int, wanted: str) -> Way | Source:
        """From a Get node to what the Set node of its name takes."""
        kind, name = str(getter["type"]), constant_name(getter)
        around: Scope | None = scope
        while around is not None:
            setter = self._setters_of(around).get((SETTERS[kind], name))
            if setter:
                return self._pass(around, str(setter["id"]), slot, wanted)
            around = around.parent if kind in SEEN_FROM_SUBGRAPHS else None
        return Lost(
            f"{scope.describe(getter)} takes what is called {shorten(name)}, but no {SETTERS[kind]} here has that name"
        )

    def _setters_of(self, scope: Scope) -> Mapping[tuple[str, str], dict[str, Any]]:
        key = scope.level.definition_id
        if key not in self._setters:
            found: dict[tuple[str, str], dict[str, Any]] = {}
            for node in scope.level.nodes.values():
                if node["type"] in SETTERS.values() and constant_name(node):
                    found.setdefault((str(node["type"]), constant_name(node)), node)
            self._setters[key] = found
        return self._setters[key]

    def _bypass(self, scope: Scope, node_id: str, slot: int, wanted: str) -> Way | Source:
        """The frontend's rule: the input at the output's own place if its type fits, else the first of that type."""
        inputs, node = self._looked_at_slots(scope, node_id), scope.level.nodes[node_id]
        given = output_type(node, slot, self._catalog) or wanted

        def fits(entry: Slot) -> bool:
            return _compatible(entry.type, given) and _compatible(entry.type, wanted)

        if wanted in ("*", ""):
            chosen = [*inputs[slot : slot + 1], *inputs[:1]]
        else:
            same_place = [entry for entry in inputs[slot : slot + 1] if fits(entry)]
            exact = [entry for entry in inputs if entry.type == wanted]
            chosen = [*same_place, *exact, *filter(fits, inputs)]
        if not chosen:
            described = scope.describe(node)
            return Lost(f"it needs {described}, which is bypassed and has no input of type {wanted} to pass on")
        return self._at_input(scope, node_id, chosen[0], chosen[0].type)

    def _leave_subgraph(self, scope: Scope, index: int) -> Way | Source:
        """From a subgraph's input to what its host has there: a link, or the value of its widget."""
        subgraph = self._hosts.levels[scope.level.definition_id]
        if scope.host is None or scope.parent is None:
            return Lost("it is linked to a subgraph's input outside any subgraph")
        if not 0 <= index < len(subgraph.names):
            return Lost()
        host_id, name = str(scope.host["id"]), subgraph.names[index]
        slot = Slot(name, subgraph.types[index], scope.host_links.get(name))
        at = self._at_input(scope.parent, host_id, slot, slot.type)
        if not isinstance(at, Way) or at.link_id is not None:
            return at
        held = self._hosts.value(scope.parent.level, host_id, index)
        if held is None or held.value is None:
            return Lost()
        kind = subgraph.level.name or str(scope.host["type"])
        title = title_of(scope.host) if scope.host.get("title") else kind
        holder = scope.parent.full_id(scope.host)
        return Fixed(held.value, held.home, holder, title, name, cut(subgraph.labels[index]), kind)

    def _primitive_at(self, scope: Scope, link_id: Any) -> str:
        """The id of the primitive a link comes from; empty if it comes from another node."""
        link = scope.level.links.get(id_text(link_id))
        origin = scope.level.nodes.get(link.origin_id) if link else None
        return link.origin_id if link and origin and origin["type"] == PRIMITIVE else ""

    def _primitive_value(self, scope: Scope, node_id: str, link_id: str) -> Source:
        """What a primitive writes into the widgets its links lead to; muted or not, as in the frontend."""
        key, node = (scope.level.definition_id, node_id), scope.level.nodes[node_id]
        if key not in self._fed:
            self._fed[key] = dict.fromkeys(fed_links(node))
        if link_id not in self._fed[key]:
            return Lost()
        values = node.get("widgets_values")
        held = Held(values[0], Home(scope.path_of(node), 0, "value")) if isinstance(values, list) and values else None
        if held is None or held.value is None:
            held = self._first_fed(scope, self._fed[key])
        return Fixed(held.value, held.home, scope.full_id(node), title_of(node), "value") if held else Lost()

    def _first_fed(self, scope: Scope, link_ids: Collection[str]) -> Held | None:
        """The value of the first widget a primitive feeds, which one without a value of its own takes over."""
        first = next((scope.level.links[link_id] for link_id in link_ids if link_id in scope.level.links), None)
        if first is None or first.target_id not in scope.level.nodes:
            return None
        slots = self._looked_at_slots(scope, first.target_id)
        own = self._hosts.own_values(scope.level, first.target_id)
        return next((own[slot.name] for slot in slots if slot.name in own and id_text(slot.link) in link_ids), None)

    def _looked_at_slots(self, scope: Scope, node_id: str) -> tuple[Slot, ...]:
        slots = self.slots(scope, node_id)
        self._look_at(len(slots))
        return slots

    def _look_at(self, count: int) -> None:
        self._looks += count
        if self._looks > MAX_LOOKS:
            raise WorkflowError(
                "The workflow's links pass so many reroutes and bypassed nodes that they can't be followed in bearable "
                "time. Link the nodes directly."
            )


def _compatible(first: str, second: str) -> bool:
    if first in ("*", "") or second in ("*", ""):
        return True
    return bool(set(first.lower().split(",")) & set(second.lower().split(",")))


def _enter_subgraph(scope: Scope, slot: int, wanted: str) -> Way | Source:
    if slot in scope.level.output_links:
        return Way(scope, scope.level.output_links[slot], wanted)
    return Lost(f"nothing inside the subgraph feeds output {slot} of node {scope.prefix.rstrip(':')}")
