"""Inversion: from a picture to the code that a generator makes it of, and how probable codes are."""

from .invert import Inversion, Report, StopInversion, invert
from .prior import COVARIANCES, statistics
from .reconstruction import reconstruct
from .settings import InversionSettings
from .spaces import SPACES, open_space

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
