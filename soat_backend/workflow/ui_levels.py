"""One level of a UI workflow as it stands in the file: the graph itself, or the definition of a subgraph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import WorkflowError
from .node_types import shorten

SUBGRAPH_INPUT = "-10"
SUBGRAPH_OUTPUT = "-20"

# ComfyUI's are numbers or UUIDs; in subgraphs they are joined, and long ones would multiply.
MAX_ID = 40

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class UiLink:
    """A link of the UI format, node ids as strings."""

    origin_id: str
    origin_slot: int
    target_id: str
    target_slot: int


@dataclass(frozen=True)
class Level:
    """Nodes and links of one level, shared by all places where a subgraph is used.

    Attributes:
        nodes: By id.
        node_paths: The path of keys to each node in the workflow.
        links: By id.
        output_links: For each output of a subgraph the id of the link that feeds it.
        inputs: What a subgraph declares as its inputs.
        promoted: Names of those inputs that feed a widget, in order: as its node keeps values for them.
        input_count: Input slots of all nodes.
    """

    nodes: Mapping[str, dict[str, Any]]
    node_paths: Mapping[str, Path]
    links: Mapping[str, UiLink]
    output_links: Mapping[int, str]
    inputs: tuple[dict[str, Any], ...]
    promoted: tuple[str, ...]
    input_count: int


def slots_of(node: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The node's `inputs` or `outputs`, without anything malformed."""
    slots = node.get(key)
    return [slot for slot in slots if isinstance(slot, dict)] if isinstance(slots, list) else []


def slot_at(slots: list[dict[str, Any]] | tuple[dict[str, Any], ...], index: int) -> dict[str, Any]:
    """The slot at a place, an empty one if there is none; files may have any index."""
    return slots[index] if 0 <= index < len(slots) else {}


def read_level(data: dict[str, Any], path: Path) -> Level:
    """Read nodes and links.

    Args:
        data: The workflow, or a subgraph's definition.
        path: Its path of keys in the workflow.

    Raises:
        WorkflowError: A node or link isn't one, or two nodes have one id.
    """
    nodes = _read_nodes(data.get("nodes"))
    slots = {node_id: slots_of(node, "inputs") for node_id, node in nodes.items()}
    links = _read_links(data.get("links"))
    output_links: dict[int, str] = {}
    feeding_widgets = set()
    for link_id, link in links.items():
        if link.target_id == SUBGRAPH_OUTPUT:
            output_links.setdefault(link.target_slot, link_id)
        if link.origin_id == SUBGRAPH_INPUT and slot_at(slots.get(link.target_id, []), link.target_slot).get("widget"):
            feeding_widgets.add(link.origin_slot)
    inputs = tuple(slots_of(data, "inputs"))
    return Level(
        nodes,
        {node_id: (*path, "nodes", index) for index, node_id in enumerate(nodes)},
        links,
        output_links,
        inputs,
        tuple(str(entry.get("name")) for index, entry in enumerate(inputs) if index in feeding_widgets),
        sum(map(len, slots.values())),
    )


def _read_nodes(data: Any) -> dict[str, dict[str, Any]]:
    if not isinstance(data, list):
        raise WorkflowError(f"The workflow's nodes must be a list, got {shorten(data)}. Save it again in ComfyUI.")
    nodes = {}
    for index, node in enumerate(data):
        if not _is_node(node):
            raise WorkflowError(f"Entry {index} of the workflow's nodes isn't a node: {shorten(node)}.")
        if str(node["id"]) in nodes:
            raise WorkflowError(f"Two nodes of the workflow have the id {node['id']}. Save it again in ComfyUI.")
        nodes[str(node["id"])] = node
    return nodes


def _is_node(data: Any) -> bool:
    if not isinstance(data, dict) or not isinstance(data.get("type"), str):
        return False
    return isinstance(data.get("id"), (int, str)) and len(str(data["id"])) <= MAX_ID


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
