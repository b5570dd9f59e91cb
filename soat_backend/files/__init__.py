"""Files and their names: kept inside their folder, numbered, whole or absent; pictures opened."""

from .atomic import replacing
from .confine import confined_path, path_below, require_text
from .numbered import reserve_file, series_path
from .pictures import PICTURE_TROUBLE, open_picture
from .streams import write_rows

__all__ = [
    "PICTURE_TROUBLE",
    "confined_path",
    "open_picture",
    "path_below",
    "replacing",
    "require_text",
    "reserve_file",
    "series_path",
    "write_rows",
]
