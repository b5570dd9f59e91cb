"""The UI workflow as nested scopes: the graph itself, and one scope for every subgraph placed in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..errors import WorkflowError
from .graph import describe
from .node_types import shorten

SUBGRAPH_INPUT = "-10"
SUBGRAPH_OUTPUT = "-20"
MODE_MUTED, MODE_BYPASSED = 2, 4
MAX_NODES = 100_000
MAX_DEPTH = 50


@dataclass(frozen=True)
class UiLink:
    """A link of the UI format, node ids as strings."""

    origin_id: str
    origin_slot: int
    target_id: str
    target_slot: int


@dataclass
class Scope:
    """One level of the workflow; `host` is the node of the level above that stands for this subgraph."""

    graph: dict[str, Any]
    path: tuple[str | int, ...]
    prefix: str = ""
    parent: Scope | None = None
    host: dict[str, Any] | None = None
    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    node_paths: dict[str, tuple[str | int, ...]] = field(default_factory=dict)
    links: dict[str, UiLink] = field(default_factory=dict)
    children: dict[str, Scope] = field(default_factory=dict)

    def full_id(self, node: dict[str, Any]) -> str:
        """The node's id through all subgraphs, `1:2:3` as ComfyUI writes it."""
        return f"{self.prefix}{node['id']}"

    def describe(self, node: dict[str, Any]) -> str:
        """How messages name the node."""
        return describe(self.full_id(node), title_of(node), str(node.get("type")))

    def walk(self) -> Iterator[Scope]:
        """This scope and all below it."""
        yield self
        for child in self.children.values():
            yield from child.walk()


def title_of(node: dict[str, Any]) -> str:
    """The title shown on the node."""
    title = node.get("title")
    return title if isinstance(title, str) and title else str(node.get("type"))


def slots_of(node: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The node's `inputs` or `outputs`, without anything malformed."""
    slots = node.get(key)
    return [slot for slot in slots if isinstance(slot, dict)] if isinstance(slots, list) else []


def slot_at(slots: list[dict[str, Any]], index: int) -> dict[str, Any]:
    """The slot at a place, an empty one if there is none; files may have any index."""
    return slots[index] if 0 <= index < len(slots) else {}


def build_scopes(workflow: dict[str, Any]) -> Scope:
    """Read nodes and links of the workflow and of every subgraph instance in it.

    Raises:
        WorkflowError: A node or link isn't one, or a subgraph contains itself.
    """
    definitions: dict[str, tuple[dict[str, Any], tuple[str | int, ...]]] = {}
    listed = workflow.get("definitions")
    subgraphs = listed.get("subgraphs") if isinstance(listed, dict) else None
    for index, definition in enumerate(subgraphs if isinstance(subgraphs, list) else []):
        if isinstance(definition, dict):
            definitions[str(definition.get("id"))] = (definition, ("definitions", "subgraphs", index))
    budget = [MAX_NODES]
    return _build(Scope(workflow, ()), definitions, (), budget)


def _build(scope: Scope, definitions: dict[str, Any], open_ids: tuple[str, ...], budget: list[int]) -> Scope:
    nodes = scope.graph.get("nodes")
    if not isinstance(nodes, list):
        raise WorkflowError(f"The workflow's nodes must be a list, got {shorten(nodes)}. Save it again in ComfyUI.")
    budget[0] -= len(nodes)
    if budget[0] < 0:
        raise WorkflowError(f"The workflow has more than {MAX_NODES} nodes with its subgraphs expanded; it is refused.")
    for index, node in enumerate(nodes):
        if not _is_node(node):
            raise WorkflowError(f"Entry {index} of the workflow's nodes isn't a node: {shorten(node)}.")
        if str(node["id"]) in scope.nodes:
            raise WorkflowError(f"Two nodes of the workflow have the id {node['id']}. Save it again in ComfyUI.")
        scope.nodes[str(node["id"])] = node
        scope.node_paths[str(node["id"])] = (*scope.path, "nodes", index)
    scope.links = _read_links(scope.graph.get("links"))
    for node_id, node in scope.nodes.items():
        definition_id = str(node["type"])
        # What is muted or bypassed is never entered, so it may be broken without harm.
        if definition_id not in definitions or node.get("mode") in (MODE_MUTED, MODE_BYPASSED):
            continue
        if definition_id in open_ids:
            raise WorkflowError(f"{scope.describe(node)} is a subgraph that contains itself. Remove it from there.")
        if len(open_ids) >= MAX_DEPTH:
            raise WorkflowError(
                f"{scope.describe(node)} is nested more than {MAX_DEPTH} subgraphs deep; it is refused."
            )
        definition, path = definitions[definition_id]
        child = Scope(definition, path, f"{scope.full_id(node)}:", scope, node)
        scope.children[node_id] = _build(child, definitions, (*open_ids, definition_id), budget)
    return scope


def _is_node(data: Any) -> bool:
    return isinstance(data, dict) and isinstance(data.get("id"), (int, str)) and isinstance(data.get("type"), str)


def _read_links(data: Any) -> dict[str, UiLink]:
    links = {}
    for entry in data if isinstance(data, list) else data.values() if isinstance(data, dict) else ():
        if isinstance(entry, dict):
            names = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
            fields = [entry.get(name) for name in names]
        else:
            fields = list(entry[:5]) if isinstance(entry, list) else []
        if len(fields) < 5 or type(fields[2]) is not int or type(fields[4]) is not int:
            raise WorkflowError(
                f"The workflow has a malformed link: expected [id, from node, output, to node, input, type], "
                f"got {shorten(entry)}. Save the workflow again in ComfyUI."
            )
        links[str(fields[0])] = UiLink(str(fields[1]), fields[2], str(fields[3]), fields[4])
    return links
