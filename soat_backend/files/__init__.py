"""Files that come from a workflow: names kept inside their folder, numbered, never written over; pictures opened."""

from .confine import confined_path
from .numbered import reserve_file
from .pictures import PICTURE_TROUBLE, open_picture

__all__ = ["PICTURE_TROUBLE", "confined_path", "open_picture", "reserve_file"]
