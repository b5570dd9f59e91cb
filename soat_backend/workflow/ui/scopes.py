"""The UI workflow as nested scopes: the graph itself, and one scope for every subgraph placed in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ...support.errors import WorkflowError
from ..graph import as_subject, cut, describe
from .ids import Renames, renamed_ids
from .levels import Level, Path, name_of, read_level, slots_of
from .order import load_order

MODE_MUTED, MODE_BYPASSED = 2, 4
MAX_NODES = 100_000
MAX_INPUTS = 1_000_000
MAX_DEPTH = 50


@dataclass
class Scope:
    """A level in its place; `host` is the node of the level above that stands for this subgraph."""

    level: Level
    prefix: str = ""
    file_prefix: str = ""
    parent: Scope | None = None
    host: dict[str, Any] | None = None
    children: dict[str, Scope] = field(default_factory=dict)

    def full_id(self, node: dict[str, Any]) -> str:
        """The node's id through all subgraphs, `1:2:3` as ComfyUI writes it."""
        return f"{self.prefix}{node['id']}"

    def file_id(self, node_id: str) -> str:
        """The same by the ids that stand in the file, which may be others inside subgraphs."""
        return f"{self.file_prefix}{self.level.file_ids.get(node_id, node_id)}"

    def path_of(self, node: dict[str, Any]) -> Path:
        """The path of keys to the node in the workflow."""
        return self.level.node_paths[str(node["id"])]

    def describe(self, node: dict[str, Any]) -> str:
        """How error messages name a node of this scope: id, title and class."""
        return describe(self.full_id(node), title_of(node), str(node.get("type")))

    def walk(self) -> Iterator[Scope]:
        """This scope and all below it."""
        yield self
        for child in self.children.values():
            yield from child.walk()

    @cached_property
    def host_links(self) -> Mapping[Any, Any]:
        """The link into each input of `host`, by the input's name; None where there is none."""
        links: dict[str, Any] = {}
        for slot in slots_of(self.host or {}, "inputs"):
            links.setdefault(name_of(slot), slot.get("link"))
        return links


def is_entered(node: Mapping[str, Any], level: Level) -> bool:
    """Whether the frontend looks into a subgraph: into a muted or bypassed one only if it lies in another."""
    return level.definition_id is not None or node.get("mode") not in (MODE_MUTED, MODE_BYPASSED)


@dataclass(frozen=True)
class Scopes:
    """All scopes of a workflow.

    Attributes:
        top: The uppermost scope.
        definitions: Those that are used, by id, in the order the frontend loads them.
        renames: New ids of nodes inside each.
    """

    top: Scope
    definitions: Mapping[str, Level]
    renames: Renames


def title_of(node: dict[str, Any]) -> str:
    """The title shown on the node, or the beginning of a very long one."""
    title = node.get("title")
    return cut(title) if isinstance(title, str) and title else str(node.get("type"))


def build_scopes(workflow: dict[str, Any]) -> Scopes:
    """Read nodes and links of the workflow and of every subgraph instance in it.

    Raises:
        WorkflowError: A node or link isn't one, a subgraph contains itself, or the whole is too large.
    """
    builder = _Builder(workflow)
    top = builder.build(Scope(read_level(workflow, (), {})), ())
    used = {name: builder.levels[name] for name in builder.order if name in builder.levels}
    return Scopes(top, used, builder.renames)


class _Builder:
    """Places subgraphs; each definition is read once, and only if it is used."""

    def __init__(self, workflow: dict[str, Any]) -> None:
        listed = workflow.get("definitions")
        subgraphs = listed.get("subgraphs") if isinstance(listed, dict) else None
        entries = list(enumerate(subgraphs if isinstance(subgraphs, list) else []))
        entries = [(index, data) for index, data in entries if isinstance(data, dict)]
        self._unread = {str(data.get("id")): (data, ("definitions", "subgraphs", index)) for index, data in entries}
        self.renames = renamed_ids(workflow, [data for _, data in entries])
        self.order = load_order([data for _, data in entries])
        self.levels: dict[str, Level] = {}
        self._nodes_left, self._inputs_left = MAX_NODES, MAX_INPUTS

    def build(self, scope: Scope, open_ids: tuple[str, ...]) -> Scope:
        """Place all subgraphs of a scope in it.

        Args:
            scope: To be filled.
            open_ids: Ids of the definitions it lies in.
        """
        self._count(scope.level)
        for node_id, node in scope.level.nodes.items():
            definition_id = str(node["type"])
            # What isn't entered may be broken without harm.
            if definition_id not in self._unread or not is_entered(node, scope.level):
                continue
            if definition_id in open_ids:
                raise WorkflowError(
                    f"{as_subject(scope.describe(node))} is a subgraph that contains itself. Remove it from there."
                )
            if len(open_ids) >= MAX_DEPTH:
                raise WorkflowError(
                    f"{as_subject(scope.describe(node))} is nested more than {MAX_DEPTH} subgraphs deep; it is refused."
                )
            prefixes = f"{scope.full_id(node)}:", f"{scope.file_id(node_id)}:"
            child = Scope(self._level(definition_id), *prefixes, scope, node)
            scope.children[node_id] = self.build(child, (*open_ids, definition_id))
        return scope

    def _level(self, definition_id: str) -> Level:
        if definition_id not in self.levels:
            data, path = self._unread[definition_id]
            self.levels[definition_id] = read_level(data, path, self.renames[definition_id], definition_id)
        return self.levels[definition_id]

    def _count(self, level: Level) -> None:
        self._nodes_left -= len(level.nodes)
        self._inputs_left -= level.input_count
        for left, most, what in ((self._nodes_left, MAX_NODES, "nodes"), (self._inputs_left, MAX_INPUTS, "inputs")):
            if left < 0:
                raise WorkflowError(
                    f"The workflow has more than {most} {what} with its subgraphs expanded; it is refused."
                )
