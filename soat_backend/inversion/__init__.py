"""Inversion: from a picture to the code that a generator makes it of."""

from typing import TYPE_CHECKING

from ..support.when_needed import import_when_needed

if TYPE_CHECKING:
    from .first_guess import guess_codes
    from .inverting import Inversion, invert
    from .memory import check_room, inversion_bytes
    from .report import Report
    from .settings import InversionSettings

__all__ = ["Inversion", "InversionSettings", "Report", "check_room", "guess_codes", "inversion_bytes", "invert"]

__getattr__ = import_when_needed(
    __name__,
    {
        "Inversion": "inverting",
        "InversionSettings": "settings",
        "Report": "report",
        "check_room": "memory",
        "guess_codes": "first_guess",
        "inversion_bytes": "memory",
        "invert": "inverting",
    },
)
