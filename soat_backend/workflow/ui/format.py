"""ComfyUI's UI format (what its Save writes) to a graph, the way the frontend makes a prompt of it."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import replace
from functools import lru_cache
from typing import Any

from ..graph import Graph, cut
from ..node_types import NodeCatalog
from ..problems import Problems
from .hosts import HostValues
from .names import shown_nodes
from .nodes import NodeReader
from .promotions import load_hosts
from .scopes import MODE_BYPASSED, MODE_MUTED, Scope, build_scopes
from .sources import SourceFinder
from .virtual import BROADCASTERS, VIRTUAL

_LISTED_TYPES = 3


def is_ui_format(data: Any) -> bool:
    """Whether a decoded JSON is a workflow in the UI format."""
    return isinstance(data, dict) and isinstance(data.get("nodes"), list)


def read_ui_format(workflow: dict[str, Any], catalog: NodeCatalog) -> Graph:
    """Convert a UI workflow.

    Muted and bypassed nodes, notes, reroutes, Set and Get nodes, primitives and subgraphs are resolved; what a node
    declares but the file lacks takes its default.

    Args:
        workflow: The decoded JSON; it is kept, unchanged, for the metadata of saved pictures.
        catalog: Known node types: they say which saved value belongs to which input.

    Raises:
        WorkflowError: Nodes of unknown type (all of them are named), two nodes of one id, or a malformed file.
    """
    scopes, problems = build_scopes(workflow), Problems()
    hosts = HostValues(scopes.top.level, scopes.definitions, catalog)
    load_hosts(hosts, scopes.renames)
    reader = NodeReader(catalog, hosts, SourceFinder(hosts, catalog))
    broadcasters: list[tuple[Scope, str]] = []
    for scope in scopes.top.walk():
        for node_id, node in scope.level.nodes.items():
            if node.get("mode") in (MODE_MUTED, MODE_BYPASSED) or node["type"] in VIRTUAL or node_id in scope.children:
                continue
            if node["type"] in BROADCASTERS:
                broadcasters.append((scope, node_id))
            elif node["type"] not in catalog:
                known = () if problems.are_many else tuple(catalog)
                problems.add(unknown_type(scope.describe(node), str(node["type"]), _pack(node), known))
            else:
                reader.read(scope, node_id)
    for scope, node_id in broadcasters:
        reader.check_broadcast(scope, node_id, problems)
    problems.raise_if_any()
    return replace(reader.graph(workflow), shown=shown_nodes(scopes.top, hosts, catalog))


def unknown_type(described: str, class_type: str, pack: str, known: Collection[str]) -> str:
    """The sentence about a node of a type the runner doesn't have; `known` are those it may be likened to."""
    if class_type.startswith(("workflow>", "workflow/")):
        return f"{described} is a group node, which ComfyUI has replaced by subgraphs. Ungroup it there and save again."
    if pack in ("", "comfy-core"):
        origin = "it is one of ComfyUI's own or of another pack"
    else:
        origin = f"it comes from the pack {pack!r}"
    nearest = f" The headless runner has {_nearest(class_type, tuple(known))}." if known else ""
    return (
        f"{described} is of a type that isn't here: {class_type!r}; {origin}.{nearest} Mute or bypass the node, or run "
        "the workflow in ComfyUI with that pack installed."
    )


@lru_cache
def _nearest(name: str, known: tuple[str, ...]) -> str:
    """The names most like one, and how many more there are."""
    nearest = sorted(difflib.get_close_matches(name, known, n=_LISTED_TYPES, cutoff=0.0))
    more = f" and {len(known) - len(nearest)} more (`soat nodes` lists them)" if len(known) > len(nearest) else ""
    return f"{', '.join(nearest)}{more}"


def _pack(node: dict[str, Any]) -> str:
    properties = node.get("properties")
    if not isinstance(properties, dict):
        return ""
    return cut(str(properties.get("cnr_id") or properties.get("aux_id") or ""))
