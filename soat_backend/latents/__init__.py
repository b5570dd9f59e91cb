"""Latent codes: sampled, mixed, saved, and turned into the styles a generator runs with."""

from .files import load_latent, save_latent
from .foreign import CODE_EXTENSIONS
from .latent import SPACES, Latent, concatenate, select, to_style_space, to_styles, to_w_plus
from .mixing import interpolate, mix_styles
from .sampling import RNGS, draw_z, map_z, sample, sample_grid, sample_sequence
from .walk import walk

__all__ = [
    "CODE_EXTENSIONS",
    "RNGS",
    "SPACES",
    "Latent",
    "concatenate",
    "draw_z",
    "interpolate",
    "load_latent",
    "map_z",
    "mix_styles",
    "sample",
    "sample_grid",
    "sample_sequence",
    "save_latent",
    "select",
    "to_style_space",
    "to_styles",
    "to_w_plus",
    "walk",
]
