"""ComfyUI's nodes that hold one value (Int, Float, Boolean, Text) or show one, for headless runs."""

from __future__ import annotations

import json
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


class PreviewAny:
    """Shows any value as text: a headless run prints it."""

    CATEGORY = "utilities"
    DESCRIPTION = "Shows any value as text; a headless run prints it, such as the report of a search."
    FUNCTION = "show"
    OUTPUT_NODE = True
    RETURN_TYPES = ("STRING",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The value, of any type."""
        return {"required": {"source": ("*", {"tooltip": "What to show."})}}

    def show(self, source: Any = None) -> dict[str, Any]:
        """Texts as they are, else JSON, else what Python says of it; just what ComfyUI gives."""
        if isinstance(source, str):
            text = source
        elif isinstance(source, int | float):
            text = str(source)
        else:
            try:
                text = "None" if source is None else json.dumps(source, indent=4, ensure_ascii=False)
            except (TypeError, ValueError):
                text = str(source)
        return {"ui": {"text": (text,)}, "result": (text,)}


VALUE_NODE_CLASSES: dict[str, type] = {
    class_type: _value_node(class_type, kind, options)
    for class_type, kind, options in (
        ("PrimitiveInt", "INT", {"min": -_LARGEST, "max": _LARGEST, "control_after_generate": True}),
        ("PrimitiveFloat", "FLOAT", {"min": -_LARGEST, "max": _LARGEST, "step": 0.1}),
        ("PrimitiveBoolean", "BOOLEAN", {}),
        ("PrimitiveString", "STRING", {}),
        ("PrimitiveStringMultiline", "STRING", {"multiline": True}),
    )
} | {"PreviewAny": PreviewAny}
VALUE_DISPLAY_NAMES = {
    "PrimitiveInt": "Int",
    "PrimitiveFloat": "Float",
    "PrimitiveBoolean": "Boolean",
    "PrimitiveString": "Text",
    "PrimitiveStringMultiline": "Text (Multiline)",
    "PreviewAny": "Preview as Text",
}
