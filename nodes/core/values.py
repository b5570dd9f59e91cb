"""ComfyUI's nodes that hold one value (Int, Float, Boolean, Text), for headless runs."""

from __future__ import annotations

import sys
from typing import Any

_LARGEST = sys.maxsize


def _value_node(class_type: str, kind: str, options: dict[str, Any]) -> type:
    class ValueNode:
        """Gives the value typed into it."""

        CATEGORY = "utilities/primitive"
        DESCRIPTION = "Gives the value typed into it."
        RETURN_TYPES = (kind,)
        FUNCTION = "give"

        @classmethod
        def INPUT_TYPES(cls) -> dict[str, Any]:
            """The value, as a widget of its type."""
            return {"required": {"value": (kind, options)}}

        def give(self, value: Any) -> tuple[Any]:
            """The value, unchanged."""
            return (value,)

    ValueNode.__name__ = ValueNode.__qualname__ = class_type
    return ValueNode


VALUE_NODE_CLASSES: dict[str, type] = {
    class_type: _value_node(class_type, kind, options)
    for class_type, kind, options in (
        ("PrimitiveInt", "INT", {"min": -_LARGEST, "max": _LARGEST, "control_after_generate": True}),
        ("PrimitiveFloat", "FLOAT", {"min": -_LARGEST, "max": _LARGEST, "step": 0.1}),
        ("PrimitiveBoolean", "BOOLEAN", {}),
        ("PrimitiveString", "STRING", {}),
        ("PrimitiveStringMultiline", "STRING", {"multiline": True}),
    )
}
VALUE_DISPLAY_NAMES = {
    "PrimitiveInt": "Int",
    "PrimitiveFloat": "Float",
    "PrimitiveBoolean": "Boolean",
    "PrimitiveString": "Text",
    "PrimitiveStringMultiline": "Text (Multiline)",
}
