"""The manipulations of feature maps, one a file."""

from .crop import crop
from .interpolate import interpolate
from .pad_expand import pad_expand
from .shift_blend import Region, shift_blend
from .stitch import stitch
from .take_out import get_features, panorama

__all__ = ["Region", "crop", "get_features", "interpolate", "pad_expand", "panorama", "shift_blend", "stitch"]
