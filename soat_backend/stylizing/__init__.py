"""Stylizing: a generator that paints in the manner of one picture, or of a few."""

from typing import TYPE_CHECKING

from ..support.when_needed import import_when_needed

if TYPE_CHECKING:
    from .memory import stylizing_bytes
    from .settings import StylizeSettings
    from .style_pictures import fit_style_pictures
    from .style_search import Stylized, stylize

__all__ = ["StylizeSettings", "Stylized", "fit_style_pictures", "stylize", "stylizing_bytes"]

__getattr__ = import_when_needed(
    __name__,
    {
        "StylizeSettings": "settings",
        "Stylized": "style_search",
        "fit_style_pictures": "style_pictures",
        "stylize": "style_search",
        "stylizing_bytes": "memory",
    },
)
