"""Names of files that come from a workflow: kept inside their folder, numbered, never written over."""

from .confine import confined_path
from .numbered import reserve_file

__all__ = ["confined_path", "reserve_file"]
