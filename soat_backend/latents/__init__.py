"""Latent codes: sampled, mixed, edited, saved, and turned into the styles a generator runs with."""

from .direction_files import read_direction
from .directions import METHODS, Direction, find_direction
from .files import load_latent, save_latent
from .foreign import CODE_EXTENSIONS
from .latent import SPACES, Latent, concatenate, select, to_style_space, to_styles, to_w_plus
from .mixing import interpolate, mix_styles
from .moves import edit, truncate
from .own_directions import NamedDirections, named, one_direction, save_directions
from .realism import Realism, bring_back
from .sampling import RNGS, draw_z, map_z, sample, sample_grid, sample_sequence
from .walk import walk

__all__ = [
    "CODE_EXTENSIONS",
    "METHODS",
    "RNGS",
    "SPACES",
    "Direction",
    "Latent",
    "NamedDirections",
    "Realism",
    "bring_back",
    "concatenate",
    "draw_z",
    "edit",
    "find_direction",
    "interpolate",
    "load_latent",
    "map_z",
    "mix_styles",
    "named",
    "one_direction",
    "read_direction",
    "sample",
    "sample_grid",
    "sample_sequence",
    "save_directions",
    "save_latent",
    "select",
    "to_style_space",
    "to_styles",
    "to_w_plus",
    "truncate",
    "walk",
]
