"""ComfyUI's API format: `{id: {class_type, inputs, _meta}}`, a link being `[node id, output]`."""

from __future__ import annotations

from typing import Any

from ..support.errors import WorkflowError
from .graph import Graph, Link, Node
from .node_types import shorten


def is_api_format(data: Any) -> bool:
    """Whether a decoded JSON is a prompt in the API format."""
    return isinstance(data, dict) and any(isinstance(node, dict) and "class_type" in node for node in data.values())


def read_api_format(data: dict[str, Any], workflow: dict[str, Any] | None = None) -> Graph:
    """Read a prompt.

    Args:
        data: The decoded JSON.
        workflow: The UI workflow it was made from, if known; it is only passed on into saved pictures.

    Raises:
        WorkflowError: A node isn't one, or has no class_type.
    """
    return Graph({str(node_id): _read_node(str(node_id), node) for node_id, node in data.items()}, workflow)


def _read_node(node_id: str, data: Any) -> Node:
    if not isinstance(data, dict) or not isinstance(data.get("class_type"), str):
        raise WorkflowError(
            f"Node {node_id} has no class_type: expected an object like "
            f'{{"class_type": "Render", "inputs": {{...}}}}, got {shorten(data)}. The file may be cut off or edited; '
            "export it again with ComfyUI's Export (API)."
        )
    inputs = data.get("inputs", {})
    if not isinstance(inputs, dict):
        raise WorkflowError(f"Node {node_id} ({data['class_type']}): inputs must be an object, got {shorten(inputs)}.")
    meta = data.get("_meta")
    title = meta.get("title") if isinstance(meta, dict) else None
    class_type = data["class_type"]
    return Node(
        node_id,
        class_type,
        title if isinstance(title, str) else class_type,
        {name: _read_value(value) for name, value in inputs.items()},
        search_name=class_type,
    )


def _read_value(value: Any) -> Any:
    if isinstance(value, dict) and "__value__" in value:
        return value["__value__"]
    if isinstance(value, list) and len(value) == 2:
        origin, slot = value
        if isinstance(origin, (str, int)) and type(slot) is int:
            return Link(str(origin), slot)
    return value
