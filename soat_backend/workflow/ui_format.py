"""ComfyUI's UI format (what its Save writes) to a graph, the way the frontend makes a prompt of it."""

from __future__ import annotations

import copy
from collections.abc import Container
from typing import Any

from ..errors import WorkflowError
from .graph import Graph, Home, Link, Node, Primitive, cut
from .node_types import NodeCatalog
from .problems import Problems
from .ui_levels import name_of, slots_of
from .ui_scopes import MODE_BYPASSED, MODE_MUTED, Scope, build_scopes, title_of
from .ui_sources import Fixed, Lost, SourceFinder
from .ui_widgets import widget_values

FRONTEND_ONLY = ("Note", "MarkdownNote", "Reroute", "PrimitiveNode")


def is_ui_format(data: Any) -> bool:
    """Whether a decoded JSON is a workflow in the UI format."""
    return isinstance(data, dict) and isinstance(data.get("nodes"), list)


def read_ui_format(workflow: dict[str, Any], catalog: NodeCatalog) -> Graph:
    """Convert a UI workflow.

    Muted and bypassed nodes, notes, reroutes, primitives and subgraphs are resolved; what a node declares but the file
    lacks takes its default.

    Args:
        workflow: The decoded JSON; it is kept, unchanged, for the metadata of saved pictures.
        catalog: Known node types: they say which saved value belongs to which input.

    Raises:
        WorkflowError: Nodes of unknown type (all of them are named), two nodes of one id, or a malformed file.
    """
    nodes: dict[str, Node] = {}
    homes: dict[tuple[str, str], Home] = {}
    primitives: dict[tuple[str, str], list[tuple[str, str]]] = {}
    problems, finder = Problems(), SourceFinder()
    for scope in build_scopes(workflow).walk():
        for node_id, node in scope.level.nodes.items():
            if node.get("mode") in (MODE_MUTED, MODE_BYPASSED) or node["type"] in FRONTEND_ONLY:
                continue
            if node_id in scope.children:
                continue
            if node["type"] not in catalog:
                problems.add(unknown_type(scope.describe(node), str(node["type"]), _pack(node), catalog))
                continue
            read = _read_node(scope, node, catalog, finder, homes, primitives)
            _require_new(read.id, nodes)
            nodes[read.id] = read
    problems.raise_if_any()
    primitive_ids: set[str] = set()
    for primitive_id, _ in primitives:
        _require_new(primitive_id, nodes, primitive_ids)
        primitive_ids.add(primitive_id)
    held = tuple(Primitive(*name, tuple(targets)) for name, targets in primitives.items())
    return Graph(nodes, copy.deepcopy(workflow), homes, held)


def _require_new(node_id: str, *taken: Container[str]) -> None:
    if any(node_id in ids for ids in taken):
        raise WorkflowError(
            f"Two nodes of the workflow have the id {node_id} with its subgraphs expanded. Replace the one whose own "
            "id has a ':' by a copy in ComfyUI, and save again."
        )


def unknown_type(described: str, class_type: str, pack: str, catalog: NodeCatalog) -> str:
    """The sentence about a node of a type the runner doesn't have."""
    if class_type.startswith(("workflow>", "workflow/")):
        return f"{described} is a group node, which ComfyUI has replaced by subgraphs. Ungroup it there and save again."
    if pack in ("", "comfy-core"):
        origin = "it is one of ComfyUI's own or of another pack"
    else:
        origin = f"it comes from the pack {pack!r}"
    known = ", ".join(sorted(catalog))
    return (
        f"{described} is of a type that isn't here: {class_type!r}; {origin}. The headless runner has {known}. "
        "Mute or bypass the node, or run the workflow in ComfyUI with that pack installed."
    )


def _read_node(
    scope: Scope,
    node: dict[str, Any],
    catalog: NodeCatalog,
    finder: SourceFinder,
    homes: dict[tuple[str, str], Home],
    primitives: dict[tuple[str, str], list[tuple[str, str]]],
) -> Node:
    full_id, node_type = scope.full_id(node), catalog[node["type"]]
    inputs: dict[str, Any] = {}
    lost: dict[str, str] = {}
    for name, (value, home) in widget_values(node, scope.path_of(node), node_type).items():
        inputs[name] = value
        if home:
            homes[full_id, name] = home
    for slot in slots_of(node, "inputs"):
        name = name_of(slot)
        source = finder.source_of(scope, node, slot)
        if isinstance(source, Lost):
            # A widget keeps its own value when what it was linked to is gone.
            if source.reason and name not in inputs:
                lost[name] = source.reason
            continue
        homes.pop((full_id, name), None)
        inputs[name] = source if isinstance(source, Link) else source.value
        if isinstance(source, Fixed):
            if source.home:
                homes[full_id, name] = source.home
            if source.primitive:
                primitives.setdefault(source.primitive, []).append((full_id, name))
    properties = node.get("properties")
    search_name = properties.get("Node name for S&R") if isinstance(properties, dict) else None
    title = title_of(node) if node.get("title") else catalog.display_names.get(node_type.class_type)
    return Node(
        full_id,
        node_type.class_type,
        title or node_type.class_type,
        inputs,
        search_name if isinstance(search_name, str) and search_name else node_type.class_type,
        lost,
    )


def _pack(node: dict[str, Any]) -> str:
    properties = node.get("properties")
    if not isinstance(properties, dict):
        return ""
    return cut(str(properties.get("cnr_id") or properties.get("aux_id") or ""))
