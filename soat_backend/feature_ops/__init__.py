"""The manipulations of feature maps, one a file."""

from .bend import BENDS, bend
from .crop import crop
from .interpolate import interpolate
from .pad_expand import pad_expand
from .shift_blend import shift_blend
from .stitch import stitch
from .take_out import get_features, grid, panorama
from .transform import Placement, transform

__all__ = [
    "BENDS",
    "Placement",
    "bend",
    "crop",
    "get_features",
    "grid",
    "interpolate",
    "pad_expand",
    "panorama",
    "shift_blend",
    "stitch",
    "transform",
]
