"""Feature maps, and the one loop that runs them on."""

from typing import TYPE_CHECKING

from ..support.when_needed import import_when_needed

if TYPE_CHECKING:
    from .feature_files import load_features, save_features

__all__ = ["load_features", "save_features"]

__getattr__ = import_when_needed(__name__, {"load_features": "feature_files", "save_features": "feature_files"})
