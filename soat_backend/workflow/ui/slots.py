"""A node's inputs as the frontend has them once a file is loaded: those of the class first, in its order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..node_types import NodeCatalog, NodeType
from .levels import Level, name_of, slots_of, type_of


@dataclass(frozen=True)
class Slot:
    """An input: what may be linked to it, the id of the link it has, and whether the user may type a value instead."""

    name: str
    type: str
    link: Any = None
    is_widget: bool = False


def input_slots(node: Mapping[str, Any], catalog: NodeCatalog, definitions: Mapping[str, Level]) -> tuple[Slot, ...]:
    """All inputs of a node: wires, then widgets, then what only the file has.

    Args:
        node: The node in the file, which may be of an older version of its class and list less, or in another order.
        catalog: Known node types.
        definitions: Subgraphs by id, for nodes that stand for one.
    """
    saved = {name_of(slot): slot for slot in slots_of(node, "inputs")}
    class_type = str(node["type"])
    if class_type in definitions:
        entries = definitions[class_type].inputs
        return tuple(Slot(name_of(entry), type_of(entry), _link(saved, name_of(entry))) for entry in entries)
    if class_type not in catalog:
        slots = slots_of(node, "inputs")
        return tuple(Slot(name_of(slot), type_of(slot), slot.get("link"), bool(slot.get("widget"))) for slot in slots)
    declared = sorted(catalog[class_type].inputs.values(), key=lambda spec: spec.is_widget)
    own = [Slot(spec.name, spec.type, _link(saved, spec.name), spec.is_widget) for spec in declared]
    names = {spec.name for spec in declared}
    more = [Slot(name, type_of(slot), slot.get("link")) for name, slot in saved.items() if name not in names]
    return (*own, *more)


def output_type(node: Mapping[str, Any], slot: int, catalog: NodeCatalog) -> str | None:
    """What an output gives, None if nobody says so."""
    class_type = str(node["type"])
    given = _return_types(catalog[class_type]) if class_type in catalog else ()
    if 0 <= slot < len(given):
        return given[slot]
    outputs = slots_of(node, "outputs")
    return type_of(outputs[slot]) if 0 <= slot < len(outputs) else None


def _return_types(node_type: NodeType) -> tuple[str, ...]:
    return tuple(kind if isinstance(kind, str) else "COMBO" for kind in node_type.return_types)


def _link(saved: Mapping[str, dict[str, Any]], name: str) -> Any:
    return saved[name].get("link") if name in saved else None
