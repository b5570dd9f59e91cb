"""Which value of a UI node's `widgets_values` belongs to which input."""

from __future__ import annotations

from typing import Any

from .graph import Home
from .node_types import CONTROL_VALUES, NodeType


def widget_values(
    node: dict[str, Any], path: tuple[str | int, ...], node_type: NodeType
) -> dict[str, tuple[Any, Home | None]]:
    """Values of a node's widgets by input name; what the file doesn't have takes the declared default.

    Args:
        node: The node in the UI workflow.
        path: Its path of keys in the workflow.
        node_type: What the class declares.

    Returns:
        `{name: (value, Home or None)}`; the home is None where the default was taken.
    """
    widgets = [spec for spec in node_type.inputs.values() if spec.is_widget]
    slots = _slots(node.get("widgets_values"), node_type)
    values: dict[str, tuple[Any, Home | None]] = {}
    for spec in widgets:
        values[spec.name] = (spec.default, None)
        if spec.name in slots:
            slot = slots[spec.name]
            value = node["widgets_values"][slot]
            # Unsaved widgets leave holes (null) in the list.
            if value is not None:
                values[spec.name] = (value, Home(path, slot, spec.name))
    return values


def _slots(saved: Any, node_type: NodeType) -> dict[str, int | str]:
    if isinstance(saved, dict):
        return {name: name for name in node_type.inputs if name in saved}
    if not isinstance(saved, list):
        return {}
    slots: dict[str, int | str] = {}
    position = 0
    for spec in node_type.inputs.values():
        if not spec.is_widget:
            continue
        if position >= len(saved):
            break
        slots[spec.name] = position
        position += 1
        # Files written by hand or by old frontends may lack the control value, so look before skipping it.
        if spec.control_slots and position < len(saved) and saved[position] in CONTROL_VALUES:
            position += spec.control_slots
    return slots
