"""Which value of a UI node's `widgets_values` belongs to which input."""

from __future__ import annotations

from typing import Any

from ..graph import Home
from ..node_types import CONTROL_VALUES, NodeType

_CONTROLS = [[value] for value in CONTROL_VALUES]


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
    widgets = [spec for spec in node_type.inputs.values() if spec.is_widget]
    # With a value for each, those after a seed are its control's, whatever they are.
    is_complete = len(saved) == sum(1 + spec.control_slots for spec in widgets)
    position = 0
    for spec in widgets:
        if position >= len(saved):
            break
        slots[spec.name] = position
        position += 1
        # Files written by hand or by old frontends may lack the control value, so look before skipping it.
        if spec.control_slots and (is_complete or saved[position : position + 1] in _CONTROLS):
            position += spec.control_slots
    return slots
