"""One level of a UI workflow as it stands in the file: the graph itself, or the definition of a subgraph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from ...support.errors import WorkflowError
from ..graph import MAX_TEXT, cut
from ..node_types import shorten

SUBGRAPH_INPUT = "-10"
SUBGRAPH_OUTPUT = "-20"

# ComfyUI's are numbers or UUIDs; in subgraphs they are joined, and long ones would multiply.
MAX_ID = 40

Path = tuple[str | int, ...]
# An input: the id of its node and its name.
Target = tuple[str, str]


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
        file_ids: The ids in the file of nodes that have got another.
        links: By id.
        output_links: For each output of a subgraph the id of the link that feeds it.
        inputs: What a subgraph declares as its inputs.
        targets: For each of those the slots it feeds, (node id, input), in the order they are asked for a value.
        input_count: Input slots of all nodes.
        definition_id: Of the subgraph; None for the graph itself.
        name: Of the subgraph.
    """

    nodes: Mapping[str, dict[str, Any]]
    node_paths: Mapping[str, Path]
    file_ids: Mapping[str, str]
    links: Mapping[str, UiLink]
    output_links: Mapping[int, str]
    inputs: tuple[dict[str, Any], ...]
    targets: tuple[tuple[Target, ...], ...]
    input_count: int
    definition_id: str | None
    name: str


def slots_of(node: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The node's `inputs` or `outputs`, without anything malformed."""
    slots = node.get(key)
    return [slot for slot in slots if isinstance(slot, dict)] if isinstance(slots, list) else []


def name_of(slot: Mapping[str, Any]) -> str:
    """The name of a slot; empty if it has none."""
    name = slot.get("name")
    return name if isinstance(name, str) else ""


def type_of(slot: Mapping[str, Any]) -> str:
    """What may be linked to the slot; "*" for anything.

    Frontends of 2023 wrote all choices of a COMBO in its place, as a list or joined by commas, however many.
    """
    kind = slot.get("type")
    if isinstance(kind, str) and len(kind) <= MAX_TEXT:
        return kind
    return "COMBO" if isinstance(kind, (str, list)) else "*"


def read_level(data: dict[str, Any], path: Path, renamed: Mapping[str, str], definition_id: str | None = None) -> Level:
    """Read the nodes and links of one level: the workflow's, or those inside a subgraph.

    Args:
        data: The workflow, or a subgraph's definition.
        path: Its path of keys in the workflow.
        renamed: New ids of nodes by their id in the file.
        definition_id: Of the subgraph; None for the graph itself.

    Raises:
        WorkflowError: A node or link isn't one, two nodes have one id, or a name is too long.
    """
    nodes, node_paths = {}, {}
    for index, (file_id, node) in enumerate(_read_nodes(data.get("nodes")).items()):
        node_id = renamed.get(file_id, file_id)
        nodes[node_id] = node if node_id == file_id else {**node, "id": node_id}
        node_paths[node_id] = (*path, "nodes", index)
    slots = {node_id: slots_of(node, "inputs") for node_id, node in nodes.items()}
    inputs = tuple(slots_of(data, "inputs"))
    for entry in chain(inputs, *slots.values()):
        _require_short(name_of(entry), "an input's name")
    links = _read_links(data.get("links"), renamed)
    output_links: dict[int, str] = {}
    for link_id, link in links.items():
        if link.target_id == SUBGRAPH_OUTPUT:
            output_links.setdefault(link.target_slot, link_id)
    return Level(
        nodes,
        node_paths,
        {node_id: file_id for file_id, node_id in renamed.items()},
        links,
        output_links,
        inputs,
        _read_targets(inputs, links, slots),
        sum(map(len, slots.values())),
        definition_id,
        cut(name_of(data)),
    )


def _read_targets(
    inputs: tuple[dict[str, Any], ...], links: Mapping[str, UiLink], slots: Mapping[str, list[dict[str, Any]]]
) -> tuple[tuple[Target, ...], ...]:
    leaving: dict[int, list[str]] = {}
    for link_id, link in links.items():
        if link.origin_id == SUBGRAPH_INPUT:
            leaving.setdefault(link.origin_slot, []).append(link_id)
    fed = {
        (node_id, str(slot.get("link"))): (node_id, name_of(slot))
        for node_id, entries in slots.items()
        for slot in entries
        if slot.get("link") is not None
    }
    targets = []
    for index, entry in enumerate(inputs):
        listed = entry.get("linkIds")
        ids = dict.fromkeys(map(id_text, listed)) if isinstance(listed, list) else leaving.get(index, ())
        places = ((links[link_id].target_id, link_id) for link_id in ids if link_id in links)
        targets.append(tuple(fed[place] for place in places if place in fed))
    return tuple(targets)


def id_text(value: Any) -> str:
    """An id of a file as text; what can't be one is empty."""
    return str(value) if isinstance(value, (int, str)) else ""


def _read_nodes(data: Any) -> dict[str, dict[str, Any]]:
    if not isinstance(data, list):
        raise WorkflowError(f"The workflow's nodes must be a list, got {shorten(data)}. Save it again in ComfyUI.")
    nodes = {}
    for index, node in enumerate(data):
        if not _is_node(node):
            raise WorkflowError(f"Entry {index} of the workflow's nodes isn't a node: {shorten(node)}.")
        if str(node["id"]) in nodes:
            raise WorkflowError(f"Two nodes of the workflow have the id {node['id']}. Save it again in ComfyUI.")
        _require_short(node["type"], f"the type of node {node['id']}")
        nodes[str(node["id"])] = node
    return nodes


def _require_short(text: str, what: str) -> None:
    if len(text) > MAX_TEXT:
        raise WorkflowError(
            f"The workflow is refused: {what}, {shorten(text)}, has {len(text)} characters, expected at most "
            f"{MAX_TEXT}. The file may be damaged; save it again in ComfyUI."
        )


def _is_node(data: Any) -> bool:
    if not isinstance(data, dict) or not isinstance(data.get("type"), str):
        return False
    return isinstance(data.get("id"), (int, str)) and len(str(data["id"])) <= MAX_ID


def _read_links(data: Any, renamed: Mapping[str, str]) -> dict[str, UiLink]:
    links = {}
    for entry in data if isinstance(data, list) else data.values() if isinstance(data, dict) else ():
        if isinstance(entry, dict):
            names = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
            fields = [entry.get(name) for name in names]
        else:
            fields = list(entry[:5]) if isinstance(entry, list) else []
        if len(fields) < 5 or type(fields[2]) is not int or type(fields[4]) is not int or not _are_ids(fields[1::2]):
            raise WorkflowError(
                f"The workflow has a malformed link: expected [id, from node, output, to node, input, type], "
                f"got {shorten(entry)}. Save the workflow again in ComfyUI."
            )
        origin_id, target_id = (renamed.get(str(node_id), str(node_id)) for node_id in fields[1::2])
        links[str(fields[0])] = UiLink(origin_id, fields[2], target_id, fields[4])
    return links


def _are_ids(values: Iterable[Any]) -> bool:
    return all(len(str(value)) <= MAX_ID for value in values)
