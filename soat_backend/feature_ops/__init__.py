"""The manipulations of feature maps, one a file."""

from .bend import BENDS, bend
from .from_latents import get_features, grid, panorama
from .interpolate import interpolate
from .pad_expand import pad_expand
from .set_styles import set_styles
from .shift_blend import shift_blend
from .stitch import stitch
from .transform import Placement, transform
from .warp import warp, warped_layer

__all__ = [
    "BENDS",
    "Placement",
    "bend",
    "get_features",
    "grid",
    "interpolate",
    "pad_expand",
    "panorama",
    "set_styles",
    "shift_blend",
    "stitch",
    "transform",
    "warp",
    "warped_layer",
]
