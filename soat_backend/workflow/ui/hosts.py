"""What the nodes that stand for subgraphs hold: the values of the widgets they show for nodes inside.

A subgraph's input shows the first widget it feeds. Its value is the host's own if the file has one, else that widget's.
Hosts hold their values in the order of those inputs. Frontends of 2025 also listed widgets that no input feeds
(`proxyWidgets`); today's makes inputs of them as it loads a file, see ui_promotions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..graph import Home
from ..node_types import NodeCatalog
from .levels import Level, Target, name_of, type_of
from .widgets import widget_values


@dataclass(frozen=True)
class Held:
    """A value, and where the file keeps it."""

    value: Any
    home: Home | None


@dataclass
class Subgraph:
    """A definition as the frontend has it once all nodes that stand for it are loaded.

    Attributes:
        names: Of its inputs.
        labels: What the inputs are called on the screen.
        types: What may be linked to them.
        targets: For each the inputs it feeds.
        taken: Inputs of nodes inside that a promotion has linked to one of its own inputs, by place.
    """

    level: Level
    names: list[str]
    labels: list[str]
    types: list[str]
    targets: list[list[Target]]
    taken: dict[Target, int] = field(default_factory=dict)

    @classmethod
    def of(cls, level: Level) -> Subgraph:
        """As the file has it."""
        labels = [entry.get("label") for entry in level.inputs]
        return cls(
            level,
            [name_of(entry) for entry in level.inputs],
            [label if isinstance(label, str) else "" for label in labels],
            [type_of(entry) for entry in level.inputs],
            [list(targets) for targets in level.targets],
        )

    def add_input(self, name: str, targets: list[Target]) -> int:
        """Give it an input more, linked to inputs that were linked otherwise; returns its place."""
        lost = set(targets)
        for others in self.targets:
            if not lost.isdisjoint(others):
                others[:] = [target for target in others if target not in lost]
        self.taken |= dict.fromkeys(targets, len(self.names))
        self.names.append(name)
        self.labels.append("")
        self.types.append("*")
        self.targets.append(targets)
        return len(self.names) - 1


class HostValues:
    """Finds which value a node that stands for a subgraph holds for each of that one's inputs.

    Args:
        graph: The uppermost level.
        definitions: Subgraphs by id, as far as they are used, in the order they are loaded.
        catalog: Known node types.
    """

    def __init__(self, graph: Level, definitions: Mapping[str, Level], catalog: NodeCatalog) -> None:
        self.graph = graph
        self.subgraphs = {name: Subgraph.of(level) for name, level in definitions.items()}
        self.levels: dict[str | None, Subgraph] = {None: Subgraph.of(graph)}
        self.levels.update(self.subgraphs)
        self._catalog = catalog
        self._held: dict[tuple[str | None, str], dict[int, Held]] = {}
        self._own: dict[tuple[str | None, str], dict[str, Held]] = {}
        self._shown: dict[str | None, tuple[dict[int, Target], dict[str, int]]] = {}
        self._loaded: set[str | None] = set()
        self._is_provisional = False

    def subgraph_of(self, node: Mapping[str, Any]) -> Subgraph | None:
        """What a node stands for, if it does."""
        return self.subgraphs.get(str(node["type"]))

    def own_values(self, level: Level, node_id: str) -> Mapping[str, Held]:
        """The values of an ordinary node's own widgets, by input."""
        key = level.definition_id, node_id
        if key not in self._own:
            node = level.nodes[node_id]
            class_type = str(node["type"])
            found = {}
            if class_type in self._catalog:
                found = widget_values(node, level.node_paths[node_id], self._catalog[class_type])
            self._own[key] = {name: Held(value, home) for name, (value, home) in found.items()}
        return self._own[key]

    def value(self, level: Level, node_id: str, index: int) -> Held | None:
        """What the host `node_id` of a level holds for an input of its subgraph; None if that shows no widget."""
        subgraph = self.subgraph_of(level.nodes[node_id])
        if subgraph is None:
            return None
        held = self._held.get((level.definition_id, node_id), {})
        if index in held:
            return held[index]
        target = self.shown(subgraph).get(index)
        return self._value_at(subgraph, target) if target else None

    def shown(self, subgraph: Subgraph) -> Mapping[int, Target]:
        """The subgraph's inputs that show a widget, in order, and which."""
        return self._showing(subgraph)[0]

    def shown_index(self, subgraph: Subgraph, name: str) -> int | None:
        """The place of the input of that name that shows a widget."""
        return self._showing(subgraph)[1].get(name)

    def relink(self, subgraph: Subgraph) -> None:
        """Note that the subgraph's inputs have changed."""
        self._shown.pop(subgraph.level.definition_id, None)

    def is_loaded(self, subgraph: Subgraph) -> bool:
        """Whether the nodes inside are there; before, its inputs show no widgets."""
        return subgraph.level.definition_id in self._loaded

    def mark_loaded(self, level: Level) -> int:
        """Note that a level's nodes are there, which may give widgets to nodes for it that were there before.

        Returns:
            How many inputs have to be looked at again for that.
        """
        self._loaded.add(level.definition_id)
        if not self._is_provisional:
            return 0
        again = sum(1 + len(targets) for name in self._shown for targets in self.levels[name].targets)
        self._shown.clear()
        self._is_provisional = False
        return again

    def is_widget(self, subgraph: Subgraph, target: Target) -> bool:
        """Whether an input inside a subgraph has a value of its own, on a node or on the host of a further subgraph."""
        return self._widget_index(subgraph, target) is not None or target[1] in self.own_values(
            subgraph.level, target[0]
        )

    def load(self, level: Level, node_id: str, values: Mapping[int, Held]) -> None:
        """Let a host hold values, by input; others it holds stay."""
        self._held.setdefault((level.definition_id, node_id), {}).update(values)

    def inner_values(self, subgraph: Subgraph) -> dict[int, Held]:
        """What a host shows that the file gives no value of its own, by input."""
        return {index: self._value_at(subgraph, target) for index, target in self.shown(subgraph).items()}

    def _showing(self, subgraph: Subgraph) -> tuple[dict[int, Target], dict[str, int]]:
        definition_id = subgraph.level.definition_id
        if definition_id not in self._loaded:
            self._is_provisional = True
            return {}, {}
        if definition_id not in self._shown:
            places = ((index, self._first_widget(subgraph, index)) for index in range(len(subgraph.names)))
            shown = {index: target for index, target in places if target}
            names = {subgraph.names[index]: index for index in reversed(shown)}
            self._shown[definition_id] = shown, names
        return self._shown[definition_id]

    def _first_widget(self, subgraph: Subgraph, index: int) -> Target | None:
        return next((target for target in subgraph.targets[index] if self.is_widget(subgraph, target)), None)

    def _widget_index(self, subgraph: Subgraph, target: Target) -> int | None:
        """Of a target that is an input of a further subgraph which shows a widget: that input's place."""
        inner = self.subgraph_of(subgraph.level.nodes[target[0]])
        return None if inner is None else self.shown_index(inner, target[1])

    def _value_at(self, subgraph: Subgraph, target: Target) -> Held:
        node_id, name = target
        index = self._widget_index(subgraph, target)
        if index is None:
            return self.own_values(subgraph.level, node_id)[name]
        return self.value(subgraph.level, node_id, index) or Held(None, None)
