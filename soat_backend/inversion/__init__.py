"""Inversion: from a picture to the code that a generator makes it of."""

from typing import TYPE_CHECKING

from ..support.when_needed import import_when_needed

if TYPE_CHECKING:
    from .inverting import Inversion, invert
    from .memory import inversion_bytes
    from .report import Report
    from .settings import InversionSettings

__all__ = ["Inversion", "InversionSettings", "Report", "inversion_bytes", "invert"]

__getattr__ = import_when_needed(
    __name__,
    {
        "Inversion": "inverting",
        "InversionSettings": "settings",
        "Report": "report",
        "inversion_bytes": "memory",
        "invert": "inverting",
    },
)
