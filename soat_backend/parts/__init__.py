"""Sliders for a part: directions in style space that change what is under a mask, and little else."""

from typing import TYPE_CHECKING

from ..support.when_needed import import_when_needed

if TYPE_CHECKING:
    from .part_directions import find_part_direction, part_bytes
    from .preview import strip

__all__ = ["find_part_direction", "part_bytes", "strip"]

__getattr__ = import_when_needed(
    __name__,
    {"find_part_direction": "part_directions", "part_bytes": "part_directions", "strip": "preview"},
)
