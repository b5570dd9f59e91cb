"""Inversion: from a picture to the code that a generator makes it of."""

from .invert import Inversion, invert
from .report import Report
from .settings import InversionSettings

__all__ = ["Inversion", "InversionSettings", "Report", "invert"]
