"""A workflow ready to run: nodes with values and links, and where in the saved workflow each value lives."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..support.errors import WorkflowError

# Longer names say no more, and a message for each place where one is used would multiply it.
MAX_TEXT = 200


@dataclass(frozen=True)
class Link:
    """An input that takes output `slot` of node `node_id`."""

    node_id: str
    slot: int


@dataclass(frozen=True)
class Home:
    """Where a value is kept in the UI workflow: a node (path of keys) and its slot in widgets_values.

    `fill` are the values of all slots, for a list in the file that is too short.
    """

    node_path: tuple[str | int, ...]
    slot: int | str
    name: str
    fill: Sequence[Any] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True)
class Node:
    """One node: `inputs` holds a Link or a plain value per name; `lost` says why a linked input is gone.

    `file_id` is the id of one in a subgraph by the ids that stand in the file, where those are others.
    """

    id: str
    class_type: str
    title: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    search_name: str = ""
    lost: Mapping[str, str] = field(default_factory=dict)
    pack: str = ""
    file_id: str = ""

    def describe(self) -> str:
        """How error messages name the node: id, title and class."""
        return describe(self.id, self.title, self.class_type)

    def as_subject(self) -> str:
        """`describe()` as it begins a sentence: "Node 5 (Load Image)"."""
        return as_subject(self.describe())

    def links(self) -> dict[str, Link]:
        """The inputs that are linked, by name."""
        return {name: value for name, value in self.inputs.items() if isinstance(value, Link)}


@dataclass(frozen=True)
class Holder:
    """A value held for inputs of other nodes, by a primitive or by the node that stands for a subgraph.

    Attributes:
        id: Of the node.
        title: Of the node.
        class_type: Of the node; of a subgraph its name.
        name: What the node calls the value.
        label: What the node shows instead of the name; empty if that.
        targets: Node id and input of each that takes the value.
    """

    id: str
    title: str
    class_type: str
    name: str
    label: str
    targets: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Shown:
    """A node as the frontend shows it, whether it runs or not, and the values on it as they were read."""

    id: str
    search_name: str
    title: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Graph:
    """Nodes by id in the file's order; `workflow` is the UI JSON they came from, None for the API format."""

    nodes: Mapping[str, Node]
    workflow: dict[str, Any] | None = None
    homes: Mapping[tuple[str, str], Home] = field(default_factory=dict)
    holders: tuple[Holder, ...] = ()
    shown: tuple[Shown, ...] = ()

    def to_prompt(self) -> dict[str, Any]:
        """The graph in ComfyUI's API format."""
        return {
            node.id: {
                "inputs": {name: _api_value(value) for name, value in node.inputs.items()},
                "class_type": node.class_type,
                "_meta": {"title": node.title},
            }
            for node in self.nodes.values()
        }

    def with_values(self, values: Mapping[tuple[str, str], Any]) -> Graph:
        """A copy with new input values; inputs that share a primitive or subgraph widget change together.

        The UI workflow is changed at the slot each value came from, so that a saved picture opens with what made it.

        Args:
            values: New values by (node id, input).
        """
        nodes = dict(self.nodes)
        workflow = copy.deepcopy(self.workflow)
        sharing: dict[Any, list[tuple[str, str]]] = {}
        for key, other in self.homes.items():
            sharing.setdefault(other, []).append(key)
        for (node_id, name), value in values.items():
            home = self.homes.get((node_id, name))
            shared = sharing[home] if home else [(node_id, name)]
            for target_id, target in shared:
                node = nodes[target_id]
                nodes[target_id] = replace(node, inputs={**node.inputs, target: value})
            if home and workflow is not None:
                _write_home(workflow, home, value)
        return replace(self, nodes=nodes, workflow=workflow)

    def needed_by(self, targets: Iterable[str]) -> list[str]:
        """The ids of `targets` and all they depend on, each after what it needs.

        Raises:
            WorkflowError: The nodes depend on each other in a circle, or on one that isn't there.
        """
        order: list[str] = []
        done: set[str] = set()
        for target in targets:
            path: dict[str, Iterable[str]] = {}
            self._enter(path, target, done)
            # A stack of its own: a file may chain more nodes than Python can recurse.
            while path:
                current = next(reversed(path))
                following = next((up for up in path[current] if up not in done), None)
                if following is None:
                    path.pop(current)
                    done.add(current)
                    order.append(current)
                else:
                    self._enter(path, following, done, came_from=current)
        return order

    def _enter(self, path: dict[str, Any], node_id: str, done: set[str], came_from: str = "") -> None:
        if node_id in done:
            return
        if node_id in path:
            circle = [*list(path)[list(path).index(node_id) :], node_id]
            names = " -> ".join(self.nodes[each].describe() for each in circle[:8])
            raise WorkflowError(f"The nodes feed each other in a circle: {names}. Remove one of these links.")
        if node_id not in self.nodes:
            raise WorkflowError(
                f"{self.nodes[came_from].as_subject()} is linked to node {node_id}, which isn't in the workflow. "
                "Link the input again, or export the workflow anew."
            )
        path[node_id] = iter([link.node_id for link in self.nodes[node_id].links().values()])


def describe(node_id: str, title: str, class_type: str) -> str:
    """How error messages name a node: id, title and class; the title alone if it is the class in words."""
    if class_type in (title, title.replace(" ", "")):
        return f"node {cut(node_id)} ({cut(title)})"
    named = f' "{cut(title)}"' if title else ""
    return f"node {cut(node_id)}{named} ({cut(class_type)})"


def as_subject(text: str) -> str:
    """What begins with a small letter, as it begins a sentence."""
    return text[0].upper() + text[1:]


def cut(text: str) -> str:
    """A text short enough to be kept or shown once for every place where it is used."""
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 3]}..."


def map_values(graph: Graph, change: Callable[[Node, str, Any], Any]) -> Graph:
    """A copy of the graph with `change(node, input, value)` in place of every value; links and the UI JSON stay."""
    nodes = {
        node.id: replace(
            node,
            inputs={
                name: value if isinstance(value, Link) else change(node, name, value)
                for name, value in node.inputs.items()
            },
        )
        for node in graph.nodes.values()
    }
    return replace(graph, nodes=nodes)


def _api_value(value: Any) -> Any:
    if isinstance(value, Link):
        return [value.node_id, value.slot]
    # A bare list would be read as a link.
    return {"__value__": value} if isinstance(value, list) else value


def _write_home(workflow: dict[str, Any], home: Home, value: Any) -> None:
    node: Any = workflow
    for key in home.node_path:
        node = node[key]
    values = node.get("widgets_values")
    if isinstance(home.slot, int):
        if not isinstance(values, list):
            values = node["widgets_values"] = []
        values += home.fill[len(values) : home.slot + 1]
    values[home.slot] = value
    named = node.get("widgets_values_named")
    if isinstance(named, dict) and home.name in named:
        named[home.name] = value
