"""The nodes of a UI workflow that run, with what feeds them."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from ...support.errors import WorkflowError
from ..graph import Graph, Holder, Home, Link, Node
from ..node_types import NodeCatalog
from ..problems import Problems
from .hosts import HostValues
from .scopes import Scope, title_of
from .sources import SourceFinder
from .virtual import PRIMITIVE
from .ways import Fixed, Lost


class NodeReader:
    """Collects nodes, the places where the file keeps their values, and what holds values for several of them."""

    def __init__(self, catalog: NodeCatalog, hosts: HostValues, finder: SourceFinder) -> None:
        self._catalog = catalog
        self._hosts = hosts
        self._finder = finder
        self._nodes: dict[str, Node] = {}
        self._homes: dict[tuple[str, str], Home] = {}
        self._holders: dict[tuple[str, str], Holder] = {}
        self._fed: dict[tuple[str, str], list[tuple[str, str]]] = {}
        # An input of each type that nothing is linked to; empty where there is none.
        self._open: dict[str, str] = {}

    def read(self, scope: Scope, node_id: str) -> None:
        """Read a node whose type is known.

        Raises:
            WorkflowError: There is one of its id already, or its links run in a circle.
        """
        node = scope.level.nodes[node_id]
        full_id, node_type = scope.full_id(node), self._catalog[node["type"]]
        inputs: dict[str, Any] = {}
        lost: dict[str, str] = {}
        for name, held in self._hosts.own_values(scope.level, node_id).items():
            inputs[name] = held.value
            if held.home:
                self._homes[full_id, name] = held.home
        for slot in self._finder.slots(scope, node_id):
            name = slot.name
            source = self._finder.source_of(scope, node_id, slot)
            if isinstance(source, Lost):
                # A widget keeps its own value when what it was linked to is gone.
                if source.reason and name not in inputs:
                    lost[name] = source.reason
                continue
            self._homes.pop((full_id, name), None)
            inputs[name] = source if isinstance(source, Link) else source.value
            if isinstance(source, Fixed):
                self._note_holder(source, (full_id, name))
        properties = node.get("properties")
        search_name = properties.get("Node name for S&R") if isinstance(properties, dict) else None
        title = title_of(node) if node.get("title") else self._catalog.display_names.get(node_type.class_type)
        self._require_new(full_id, self._nodes)
        self._nodes[full_id] = Node(
            full_id,
            node_type.class_type,
            title or node_type.class_type,
            inputs,
            search_name if isinstance(search_name, str) and search_name else node_type.class_type,
            lost,
            file_id=scope.file_id(node_id) if scope.file_id(node_id) != full_id else "",
        )

    def check_broadcast(self, scope: Scope, node_id: str, problems: Problems) -> None:
        """Note a node that feeds inputs without links, if any of the nodes read has an input that it may feed."""
        for slot in self._finder.slots(scope, node_id):
            source = self._finder.source_of(scope, node_id, slot)
            if not isinstance(source, Link) or source.node_id not in self._nodes:
                continue
            given = self._catalog[self._nodes[source.node_id].class_type].return_types
            kind = str(given[source.slot]) if 0 <= source.slot < len(given) else "*"
            if kind not in self._open:
                texts = (text for node in self._nodes.values() for text in self._open_inputs(node, kind))
                self._open[kind] = next(texts, "")
            fed = self._open[kind]
            if fed:
                problems.add(
                    f"{scope.describe(scope.level.nodes[node_id])} feeds inputs that have no link, and only its pack's "
                    f"code in the browser knows which; it may feed {fed}. Turn what it does into links in ComfyUI "
                    "(Convert all UEs to real links), and save again."
                )
                return

    def _open_inputs(self, node: Node, kind: str) -> list[str]:
        """The node's inputs of a type that take a link and have none."""
        specs = self._catalog[node.class_type].inputs.values()
        return [
            f"input {spec.name} of {node.describe()}"
            for spec in specs
            if not spec.is_widget and spec.name not in node.inputs and (spec.type in (kind, "*") or kind == "*")
        ]

    def graph(self, workflow: dict[str, Any]) -> Graph:
        """All that was read.

        Raises:
            WorkflowError: A primitive has the id of a node.
        """
        primitive_ids = {holder.id for holder in self._holders.values() if holder.class_type == PRIMITIVE}
        for holder_id in primitive_ids:
            self._require_new(holder_id, self._nodes)
        holders = tuple(replace(holder, targets=tuple(self._fed[key])) for key, holder in self._holders.items())
        return Graph(self._nodes, copy.deepcopy(workflow), self._homes, holders)

    def _note_holder(self, source: Fixed, target: tuple[str, str]) -> None:
        if source.home:
            self._homes[target] = source.home
        key = source.holder, source.name
        if key not in self._holders:
            self._holders[key] = Holder(source.holder, source.title, source.kind, source.name, source.label)
        self._fed.setdefault(key, []).append(target)

    @staticmethod
    def _require_new(node_id: str, taken: dict[str, Node]) -> None:
        if node_id in taken:
            raise WorkflowError(
                f"Two nodes of the workflow have the id {node_id} with its subgraphs expanded. Replace the one whose "
                "own id has a ':' by a copy in ComfyUI, and save again."
            )
