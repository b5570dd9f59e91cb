"""`--seeds A:B`: one run a seed, the distances between a workflow's seeds kept."""

from __future__ import annotations

from ..support.errors import WorkflowError
from .graph import Graph, Link
from .node_types import NodeCatalog, convert
from .validate import output_nodes

MAX_SEED = 2**64
_INT_NODE = "PrimitiveInt"


def parse_seeds(text: str) -> range:
    """Seeds as written on the command line: `A:B` is A to B - 1, `:B` starts at 0, `N` is one seed.

    Raises:
        WorkflowError: It isn't written so, is negative, or is empty.
    """
    first, colon, last = text.partition(":")
    try:
        start = int(first) if first or not colon else 0
        stop = int(last) if colon else start + 1
    except ValueError:
        raise WorkflowError(f"--seeds {text}: expected A:B or one number, for instance 0:10 for 0 to 9.") from None
    if start < 0 or stop <= start or stop > MAX_SEED:
        raise WorkflowError(f"--seeds {text}: there is no seed from {start} to before {stop}. 0:10 means 0 to 9.")
    return range(start, stop)


def with_seed(graph: Graph, seed: int, catalog: NodeCatalog) -> Graph:
    """A copy whose lowest seed is `seed`; the other seeds keep their distance to it.

    Seeds are the inputs named `seed` that hold a value (their own or a primitive's), of nodes an output needs.
    ComfyUI's Int node counts as a primitive.

    Raises:
        WorkflowError: The workflow has no such input, or one isn't a whole number.
    """
    found: dict[tuple[str, str], int] = {}
    for node_id in graph.needed_by(output_nodes(graph, catalog)):
        node = graph.nodes[node_id]
        name, value = "seed", node.inputs.get("seed")
        if isinstance(value, Link) and graph.nodes[value.node_id].class_type == _INT_NODE:
            node, name = graph.nodes[value.node_id], "value"
            value = node.inputs.get(name)
        if value is None or isinstance(value, Link) or node.class_type not in catalog:
            continue
        spec = catalog[node.class_type].inputs.get(name)
        if spec is None or spec.type != "INT":
            continue
        try:
            found[node.id, name] = convert(spec, value)
        except ValueError as error:
            raise WorkflowError(f"{node.describe()}, input {name}: {error}.") from None
    if not found:
        raise WorkflowError("--seeds: no node of the workflow has a seed to vary. Add one, or leave --seeds out.")
    lowest = min(found.values())
    return graph.with_values({key: seed + value - lowest for key, value in found.items()})
