"""Edits of codes: moved along directions, towards the mean, and back to where usual codes are."""

from .apply import edit, truncate
from .direction_files import read_direction
from .directions import METHODS, Direction, find_direction
from .realism import Realism, bring_back

__all__ = ["METHODS", "Direction", "Realism", "bring_back", "edit", "find_direction", "read_direction", "truncate"]
