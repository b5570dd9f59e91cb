"""Inversion: from a picture to the code that a generator makes it of, and how probable codes are."""

from ..latents.spaces import SPACES, open_space
from ..latents.statistics import COVARIANCES, statistics
from ..optimise.reconstruction import reconstruct
from .invert import Inversion, Report, StopInversion, invert
from .settings import InversionSettings

__all__ = [
    "COVARIANCES",
    "SPACES",
    "Inversion",
    "InversionSettings",
    "Report",
    "StopInversion",
    "invert",
    "open_space",
    "reconstruct",
    "statistics",
]
