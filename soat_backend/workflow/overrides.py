"""`--set NODE.INPUT=VALUE`: changing values of a workflow by name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..support.errors import WorkflowError, choices_text
from .graph import Graph, Link, Node, describe
from .node_types import InputSpec, NodeCatalog, parse_text

_LISTED_NODES, _LISTED_INPUTS = 8, 12
_LISTED_HAVING = 3
_LONGEST_NAME = 80
_NEAR = 0.6  # difflib's own idea of a close match.


def apply_overrides(graph: Graph, assignments: Iterable[str], catalog: NodeCatalog) -> Graph:
    """Set inputs of a graph.

    Args:
        graph: The workflow.
        assignments: `NODE.INPUT=VALUE`; NODE is an id, or a title or class type that only one node has. The input of
            a primitive is `value`; those of a subgraph's node are the widgets it shows, by name or by what the node
            calls them.
        catalog: Known node types; they say how the value is written.

    Returns:
        A changed copy.

    Raises:
        WorkflowError: No such node or input, an ambiguous name, a linked input, or a value of the wrong type.
    """
    for assignment in assignments:
        graph = _apply(graph, assignment, catalog)
    return graph


def _apply(graph: Graph, assignment: str, catalog: NodeCatalog) -> Graph:
    target, equals, text = assignment.partition("=")
    node_name, dot, input_name = target.rpartition(".")
    if not equals or not dot or not node_name or not input_name:
        raise WorkflowError(f"--set {assignment}: expected NODE.INPUT=VALUE, for instance 5.truncation_psi=0.7.")
    return _set(graph, *_find(graph, node_name, input_name, catalog, assignment), text, catalog, assignment)


def _set(graph: Graph, node_id: str, name: str, text: str, catalog: NodeCatalog, assignment: str) -> Graph:
    node = graph.nodes[node_id]
    spec = _spec(graph, node, name, catalog, assignment)
    current = node.inputs.get(name)
    if isinstance(current, Link):
        raise WorkflowError(
            f"--set {assignment}: input {name} of {node.describe()} is linked to "
            f"{graph.nodes[current.node_id].describe() if current.node_id in graph.nodes else current.node_id}. "
            "Set the value there, or remove the link in the workflow."
        )
    try:
        value = parse_text(spec, text)
    except ValueError as error:
        raise WorkflowError(f"--set {assignment}: {node.describe()}, input {name}: {error}.") from None
    return graph.with_values({(node_id, name): value})


def _spec(graph: Graph, node: Node, name: str, catalog: NodeCatalog, assignment: str) -> InputSpec:
    if node.class_type not in catalog:
        raise WorkflowError(f"--set {assignment}: {node.describe()} is of a type that isn't here.")
    widgets = [each.name for each in catalog[node.class_type].inputs.values() if each.is_widget]
    spec = catalog[node.class_type].inputs.get(name)
    if spec is None:
        known = choices_text(widgets, name)
        elsewhere = _elsewhere(graph, name, catalog)
        raise WorkflowError(f"--set {assignment}: {node.describe()} has no input {name!r}: {known}.{elsewhere}")
    if not spec.is_widget:
        raise WorkflowError(
            f"--set {assignment}: input {name} of {node.describe()} takes a link of type {spec.type}, not a value; "
            f"of values {choices_text(widgets)}."
        )
    return spec


def _find(graph: Graph, name: str, input_name: str, catalog: NodeCatalog, assignment: str) -> tuple[str, str]:
    """Where a value is to be set: node id and input. An id goes before a title, a title before a class type."""
    named = list(_named(graph, input_name))
    by_id = [each for each in named if each.id == name] or [each for each in named if each.file_id == name]
    by_title = [each for each in named if each.title == name != each.class_type]
    found = by_id or by_title or [each for each in named if each.class_type == name]
    if any(each.is_held for each in found):
        # A node of the holder's title that has no such input can't be meant.
        found = [each for each in found if each.is_held or _has_input(each, graph, catalog)]
    if len(found) == 1:
        return found[0].place
    if found:
        more = ", ..." if len(found) > _LISTED_NODES else ""
        listed = ", ".join(describe(each.id, each.title, each.class_type) for each in found[:_LISTED_NODES])
        raise WorkflowError(f"--set {assignment}: {name!r} means several nodes: {listed}{more}. Use the id.")
    for described, names, inputs in _holders(graph):
        if name in names:
            raise WorkflowError(
                f"--set {assignment}: {described} has no input {input_name!r}: {choices_text(inputs, input_name)}."
            )
    raise WorkflowError(f"--set {assignment}: the workflow has no active node {name!r}{_offers(graph, name, catalog)}")


class _Named(NamedTuple):
    """What a name may mean, and the node and input that are set if it does."""

    id: str
    title: str
    class_type: str
    place: tuple[str, str]
    file_id: str = ""
    is_held: bool = False


def _named(graph: Graph, input_name: str) -> Iterator[_Named]:
    for node in graph.nodes.values():
        yield _Named(node.id, node.title, node.class_type, (node.id, input_name), node.file_id)
    by_name = [holder for holder in graph.holders if holder.name == input_name]
    ids = {holder.id for holder in by_name}
    by_label = [holder for holder in graph.holders if holder.label == input_name and holder.id not in ids]
    for holder in (*by_name, *by_label):
        yield _Named(holder.id, holder.title, holder.class_type, holder.targets[0], is_held=True)


def _holders(graph: Graph) -> list[tuple[str, tuple[str, ...], list[str]]]:
    """For each node that holds values for others: how messages name it, its names, and those of the values."""
    inputs: dict[str, list[str]] = {}
    for holder in graph.holders:
        inputs.setdefault(holder.id, []).append(holder.name)
    nodes = {holder.id: holder for holder in graph.holders}.values()
    return [
        (describe(node.id, node.title, node.class_type), (node.id, node.title, node.class_type), inputs[node.id])
        for node in nodes
    ]


def _has_input(named: _Named, graph: Graph, catalog: NodeCatalog) -> bool:
    node_id, name = named.place
    class_type = graph.nodes[node_id].class_type
    return class_type not in catalog or name in catalog[class_type].inputs


def _settable(node: Node, catalog: NodeCatalog) -> list[str]:
    """Names of the inputs that hold a value rather than a link."""
    if node.class_type not in catalog:
        return []
    specs = catalog[node.class_type].inputs.values()
    return [spec.name for spec in specs if spec.is_widget and not isinstance(node.inputs.get(spec.name), Link)]


def _elsewhere(graph: Graph, name: str, catalog: NodeCatalog) -> str:
    having = [node.describe() for node in graph.nodes.values() if name in _settable(node, catalog)]
    more = ", ..." if len(having) > _LISTED_HAVING else ""
    return f" {name} is an input of {', '.join(having[:_LISTED_HAVING])}{more}." if having else ""


def _offers(graph: Graph, name: str, catalog: NodeCatalog) -> str:
    """The end of a sentence: the nodes and what can be set in them, those with a name like `name` first."""
    offers: list[tuple[tuple[str, ...], str, list[str]]] = [
        ((node.id, node.title, node.class_type), node.describe(), _settable(node, catalog))
        for node in graph.nodes.values()
    ]
    offers += [(names[:2], described, inputs) for described, names, inputs in _holders(graph)]
    ranked = sorted(
        ((_likeness(name, names), described, inputs) for names, described, inputs in offers if inputs),
        key=lambda offer: -offer[0],
    )
    if not ranked:
        return ", and none with a value to set."
    likeness, nearest, _ = ranked[0]
    suggestion = f"; did you mean {nearest}?" if likeness >= _NEAR else "."
    lines = [f"{described}: {_listed(inputs)}" for _, described, inputs in ranked[:_LISTED_NODES]]
    if len(ranked) > _LISTED_NODES:
        lines.append(f"and {len(ranked) - _LISTED_NODES} more")
    return f"{suggestion} Values can be set in" + "".join(f"\n  - {line}" for line in lines)


def _likeness(name: str, names: Iterable[str]) -> float:
    matcher = difflib.SequenceMatcher(b=name[:_LONGEST_NAME].lower())
    ratios = []
    for other in names:
        matcher.set_seq1(other[:_LONGEST_NAME].lower())
        ratios.append(matcher.ratio())
    return max(ratios)


def _listed(inputs: list[str]) -> str:
    more = f" and {len(inputs) - _LISTED_INPUTS} more" if len(inputs) > _LISTED_INPUTS else ""
    return ", ".join(inputs[:_LISTED_INPUTS]) + more
