"""Latent codes: sampled, mixed, edited, saved, and turned into the styles a generator runs with."""

from typing import TYPE_CHECKING

from ..support.when_needed import import_when_needed
from .directions import METHODS, Direction, find_direction
from .latent import SPACES, Latent, concatenate, select, to_style_space, to_styles, to_w_plus
from .learnt_directions import Learnt, learn_direction
from .mixing import interpolate, mix_styles
from .moves import edit, truncate
from .realism import Realism, bring_back
from .sampling import RNGS, draw_z, map_z, sample, sample_grid, sample_sequence
from .walk import walk

if TYPE_CHECKING:
    from .direction_files import read_direction
    from .files import load_latent, save_latent
    from .foreign import CODE_EXTENSIONS
    from .own_directions import NamedDirections, named, one_direction, pick, save_directions

__all__ = [
    "CODE_EXTENSIONS",
    "METHODS",
    "RNGS",
    "SPACES",
    "Direction",
    "Latent",
    "Learnt",
    "NamedDirections",
    "Realism",
    "bring_back",
    "concatenate",
    "draw_z",
    "edit",
    "find_direction",
    "interpolate",
    "learn_direction",
    "load_latent",
    "map_z",
    "mix_styles",
    "named",
    "one_direction",
    "pick",
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

# What reads and writes files.
__getattr__ = import_when_needed(
    __name__,
    {
        "CODE_EXTENSIONS": "foreign",
        "read_direction": "direction_files",
        **dict.fromkeys(("load_latent", "save_latent"), "files"),
        **dict.fromkeys(("NamedDirections", "named", "one_direction", "pick", "save_directions"), "own_directions"),
    },
)
