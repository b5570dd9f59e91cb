"""`--set NODE.INPUT=VALUE`: changing values of a workflow by name."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import WorkflowError
from .graph import Graph, Link, Node
from .node_types import InputSpec, NodeCatalog, choices_text, parse_text


def apply_overrides(graph: Graph, assignments: Iterable[str], catalog: NodeCatalog) -> Graph:
    """Set inputs of a graph.

    Args:
        graph: The workflow.
        assignments: `NODE.INPUT=VALUE`; NODE is an id, a title or a class type if only one node has it. The input of
            a primitive is `value`.
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
    for primitive in graph.primitives:
        if node_name in (primitive.id, primitive.title) and input_name == "value":
            return _set(graph, *primitive.targets[0], text, catalog, assignment)
    return _set(graph, _find(graph, node_name, assignment).id, input_name, text, catalog, assignment)


def _set(graph: Graph, node_id: str, name: str, text: str, catalog: NodeCatalog, assignment: str) -> Graph:
    node = graph.nodes[node_id]
    spec = _spec(node, name, catalog, assignment)
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


def _spec(node: Node, name: str, catalog: NodeCatalog, assignment: str) -> InputSpec:
    if node.class_type not in catalog:
        raise WorkflowError(f"--set {assignment}: {node.describe()} is of a type that isn't here.")
    widgets = [each.name for each in catalog[node.class_type].inputs.values() if each.is_widget]
    spec = catalog[node.class_type].inputs.get(name)
    if spec is None:
        known = choices_text(widgets, name)
        raise WorkflowError(f"--set {assignment}: {node.describe()} has no input {name!r}: {known}.")
    if not spec.is_widget:
        raise WorkflowError(
            f"--set {assignment}: input {name} of {node.describe()} takes a link of type {spec.type}, not a value; "
            f"of values {choices_text(widgets)}."
        )
    return spec


def _find(graph: Graph, name: str, assignment: str) -> Node:
    if name in graph.nodes:
        return graph.nodes[name]
    by_title = [node for node in graph.nodes.values() if node.title == name != node.class_type]
    found = by_title or [node for node in graph.nodes.values() if node.class_type == name]
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(node.describe() for node in found[:8])
        raise WorkflowError(f"--set {assignment}: {name!r} means several nodes: {listed}. Use the id.")
    names = [part for node in graph.nodes.values() for part in (node.id, node.title, node.class_type)]
    names += [part for primitive in graph.primitives for part in (primitive.id, primitive.title)]
    known = choices_text(dict.fromkeys(names), name, limit=30)
    raise WorkflowError(f"--set {assignment}: the workflow has no active node {name!r}: {known}.")
