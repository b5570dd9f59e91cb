"""Everything about a workflow that can be known before it runs, checked at once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..support.errors import SoatError, WorkflowError, choices_text
from .graph import Graph, Link, Node
from .node_types import InputSpec, NodeCatalog, NodeType, convert, shorten
from .problems import Problems
from .ui.format import unknown_type

_log = logging.getLogger(__name__)


def output_nodes(graph: Graph, catalog: NodeCatalog) -> list[str]:
    """Ids of the nodes that save or show something, in the file's order."""
    known = [node for node in graph.nodes.values() if node.class_type in catalog]
    return [node.id for node in known if catalog[node.class_type].is_output]


def validate(graph: Graph, catalog: NodeCatalog) -> tuple[Graph, list[str]]:
    """Check a graph and convert its values to the declared types.

    Returns:
        The graph with converted values, and the ids of the nodes to run, each after what it needs.

    Raises:
        WorkflowError: All problems at once, each naming the node (id, title, class), the input and the fix.
    """
    problems = Problems()
    for node in graph.nodes.values():
        if node.class_type not in catalog:
            known = () if problems.are_many else tuple(catalog)
            problems.add(unknown_type(node.describe(), node.class_type, node.pack, known))
    problems.raise_if_any()
    outputs = output_nodes(graph, catalog)
    if not outputs:
        names = ", ".join(sorted(name for name in catalog if catalog[name].is_output))
        raise WorkflowError(f"The workflow has no node that saves or shows anything. Add one of {names}, or unmute it.")
    order = graph.needed_by(outputs)
    nodes = dict(graph.nodes)
    for node_id in order:
        nodes[node_id] = _check_node(graph, graph.nodes[node_id], catalog, problems)
    problems.raise_if_any()
    return replace(graph, nodes=nodes), order


def _check_node(graph: Graph, node: Node, catalog: NodeCatalog, problems: Problems) -> Node:
    node_type = catalog[node.class_type]
    named, takes_any = node_type.validated_by_class
    inputs: dict[str, Any] = {}
    received: dict[str, Any] = {}
    before = len(problems.texts)
    for name, value in node.inputs.items():
        spec = node_type.inputs.get(name)
        if spec is None:
            # ComfyUI's exports keep frontend leftovers such as LoadImage's "upload"; only a link would have mattered.
            if isinstance(value, Link):
                problems.add(f"{node.describe()} has no input {name!r}: {choices_text(node_type.inputs, name)}.")
            else:
                _log.info("%s: the value of the unknown input %r is ignored", node.describe(), name)
            continue
        inputs[name] = value
        where = f"{node.describe()}, input {name}"
        if isinstance(value, Link):
            received[name] = _check_link(graph, value, spec, where, catalog, "input_types" in named, problems)
        else:
            inputs[name] = _check_value(value, spec, where, name in named or takes_any, problems)
    for spec in node_type.inputs.values():
        if spec.required and spec.name not in inputs:
            problems.add(_missing(node, spec))
    if len(problems.texts) == before:
        _ask_class(node, node_type, inputs, received, problems)
    return replace(node, inputs=inputs)


def _missing(node: Node, spec: InputSpec) -> str:
    where = f"{node.describe()}, input {spec.name}"
    if spec.name in node.lost:
        return f"{where}: {node.lost[spec.name]}."
    if spec.is_widget:
        return f"{where} has no value; its usual one is {spec.default!r}."
    return f"{where} isn't connected; link an output of type {spec.type} to it."


def _check_link(
    graph: Graph, link: Link, spec: InputSpec, where: str, catalog: NodeCatalog, any_type: bool, problems: Problems
) -> Any:
    origin = graph.nodes[link.node_id]
    given = catalog[origin.class_type].return_types
    if not 0 <= link.slot < len(given):
        problems.add(f"{where} takes output {link.slot} of {origin.describe()}, which has {len(given)} outputs.")
        return None
    if not any_type and not types_match(given[link.slot], spec.type):
        fix = "Choose the value in the node." if spec.type == "COMBO" else f"Link an output of type {spec.type}."
        problems.add(
            f"{where} expects {spec.type} but is linked to output {link.slot} of {origin.describe()}, "
            f"which gives {given[link.slot]}. {fix}"
        )
    return given[link.slot]


def types_match(given: Any, wanted: str) -> bool:
    """Whether an output of type `given` may feed an input of type `wanted`; "*" and "A,B" match as in ComfyUI."""
    if isinstance(given, (list, tuple)):
        return wanted in ("COMBO", "*")
    if "*" in (given, wanted) or given == wanted:
        return True
    return bool({part.strip() for part in str(given).split(",")} & {part.strip() for part in wanted.split(",")})


def _check_value(value: Any, spec: InputSpec, where: str, checked_by_class: bool, problems: Problems) -> Any:
    if isinstance(value, list) and not (spec.options.get("multiselect") or checked_by_class):
        problems.add(f"{where} has a list, {shorten(value)}; a link is [node id, output number].")
        return value
    if not spec.is_widget and spec.type not in ("*",) and not spec.options.get("forceInput"):
        problems.add(f"{where} needs a link of type {spec.type}, but the file has the value {shorten(value)}.")
        return value
    try:
        value = convert(spec, value)
    except ValueError as error:
        problems.add(f"{where}: {error}.")
        return value
    if checked_by_class:
        return value
    if spec.type in ("INT", "FLOAT"):
        low, high = spec.options.get("min"), spec.options.get("max")
        if low is not None and value < low:
            problems.add(f"{where} is {value}, below its least value {low}. Choose one from {low} on.")
        if high is not None and value > high:
            problems.add(f"{where} is {value}, above its greatest value {high}. Choose one up to {high}.")
    chosen = value if isinstance(value, list) else [value]
    for choice in chosen if spec.choices is not None else ():
        if choice not in (spec.choices or ()):
            known = choices_text(spec.choices or (), choice)
            problems.add(f"{where} is {shorten(choice)}, which isn't a choice: {known}.")
    return value


def _ask_class(
    node: Node, node_type: NodeType, inputs: Mapping[str, Any], received: dict[str, Any], problems: Problems
) -> None:
    """Call the class's own VALIDATE_INPUTS with the inputs it names; linked ones are None as in ComfyUI."""
    function = getattr(node_type.cls, "VALIDATE_INPUTS", None)
    if function is None:
        return
    named, takes_any = node_type.validated_by_class
    constants = {name: None if isinstance(value, Link) else value for name, value in inputs.items()}
    arguments: dict[str, Any] = {name: value for name, value in constants.items() if name in named or takes_any}
    if "input_types" in named:
        arguments["input_types"] = received
    try:
        verdict = function(**arguments)
    except SoatError as error:
        problems.add(f"{node.describe()}: {error}")
        return
    except Exception as error:
        _log.info("VALIDATE_INPUTS of %s failed", node.describe(), exc_info=True)
        problems.add(f"{node.describe()} can't check its inputs: {type(error).__name__}: {error}.")
        return
    if verdict is not True:
        about = ", ".join(name for name in arguments if name != "input_types")
        reason = verdict if isinstance(verdict, str) else "the value isn't accepted"
        # Many classes begin their sentence with the input's name already.
        named_already = any(reason.startswith(f"{name}:") for name in arguments)
        problems.add(f"{node.describe()}, input {reason if named_already else f'{about}: {reason}'}")
