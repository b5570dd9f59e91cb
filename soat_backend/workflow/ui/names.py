"""What `%Node.input%` in a file name may mean: the nodes of a UI workflow in the order the frontend searches them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..graph import Shown
from ..node_types import NodeCatalog
from .hosts import HostValues
from .promotions import fed_links
from .scopes import Scope, title_of
from .virtual import PRIMITIVE

_PRIMITIVE_TITLE = "Primitive"
# The frontend gives all others their class as a name to be found by.
_FOUND_BY_TITLE_ONLY = ("SaveImage", "SaveLatent")


def shown_nodes(top: Scope, hosts: HostValues, catalog: NodeCatalog) -> tuple[Shown, ...]:
    """All nodes that show values, those that don't run too; what is inside a subgraph goes before its host.

    Args:
        top: The uppermost scope.
        hosts: What the nodes that stand for subgraphs hold.
        catalog: Known node types.
    """
    # The nodes of a subgraph are the same in each place where it is used, so the first is found.
    seen: set[str | None] = set()

    def visit(scope: Scope) -> Iterator[Shown]:
        seen.add(scope.level.definition_id)
        for node_id, node in scope.level.nodes.items():
            child = scope.children.get(node_id)
            if child and child.level.definition_id not in seen:
                yield from visit(child)
            yield _shown(scope, node_id, node, hosts, catalog)

    return tuple(visit(top))


def _shown(scope: Scope, node_id: str, node: dict[str, Any], hosts: HostValues, catalog: NodeCatalog) -> Shown:
    class_type = str(node["type"])
    properties = node.get("properties")
    search_name = properties.get("Node name for S&R") if isinstance(properties, dict) else None
    title = title_of(node) if node.get("title") else ""
    values: dict[str, Any] = {}
    subgraph = hosts.subgraph_of(node)
    if subgraph:
        title = title or subgraph.level.name
        held = ((index, hosts.value(scope.level, node_id, index)) for index in hosts.shown(subgraph))
        values = {subgraph.names[index]: each.value for index, each in held if each}
    elif class_type == PRIMITIVE:
        title = title or _PRIMITIVE_TITLE
        saved = node.get("widgets_values")
        # One that feeds nothing shows nothing.
        values = {"value": saved[0]} if isinstance(saved, list) and saved and fed_links(node) else {}
    elif class_type in catalog:
        title = title or catalog.display_names.get(class_type, class_type)
        values = {name: each.value for name, each in hosts.own_values(scope.level, node_id).items()}
        if class_type not in _FOUND_BY_TITLE_ONLY:
            search_name = search_name or class_type
    return Shown(
        scope.full_id(node),
        search_name if isinstance(search_name, str) else "",
        title,
        values,
    )
