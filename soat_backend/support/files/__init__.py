"""Files and their names: kept inside their folder, numbered, whole or absent; pictures opened."""

from .atomic import replacing
from .confine import confined_path, path_below, require_text
from .numbered import reserved_file, series_path
from .picture_writers import write_rows
from .pictures import PICTURE_EXTENSIONS, PICTURE_TROUBLE, frame_count, open_picture, read_frames

__all__ = [
    "PICTURE_EXTENSIONS",
    "PICTURE_TROUBLE",
    "confined_path",
    "frame_count",
    "open_picture",
    "path_below",
    "read_frames",
    "replacing",
    "require_text",
    "reserved_file",
    "series_path",
    "write_rows",
]
