"""Dragging: points of a picture moved to where they are wanted, by a search in w."""

from .drag import Dragged, drag
from .points import Drag, read_points, write_points
from .report import DragReport
from .settings import DragSettings

__all__ = ["Drag", "DragReport", "DragSettings", "Dragged", "drag", "read_points", "write_points"]
