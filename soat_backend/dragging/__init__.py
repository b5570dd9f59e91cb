"""Dragging: points of a picture moved to where they are wanted, by a search in w."""

from typing import TYPE_CHECKING

from ..support.when_needed import import_when_needed

if TYPE_CHECKING:
    from .drag_codes import Dragged, drag
    from .memory import drag_bytes
    from .report import DragReport
    from .settings import DragSettings

__all__ = ["DragReport", "DragSettings", "Dragged", "drag", "drag_bytes"]

__getattr__ = import_when_needed(
    __name__,
    {
        "DragReport": "report",
        "DragSettings": "settings",
        "Dragged": "drag_codes",
        "drag": "drag_codes",
        "drag_bytes": "memory",
    },
)
