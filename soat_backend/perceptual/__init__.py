"""What pictures look like to a network: LPIPS and its features, and distances on what it sees."""

from typing import TYPE_CHECKING

from ..support.when_needed import import_when_needed

if TYPE_CHECKING:
    from .features import FeatureNetwork, load_alexnet, load_features
    from .frechet import frechet_distance
    from .lpips import PerceptualTarget, perceive

__all__ = ["FeatureNetwork", "PerceptualTarget", "frechet_distance", "load_alexnet", "load_features", "perceive"]

__getattr__ = import_when_needed(
    __name__,
    {
        "FeatureNetwork": "features",
        "PerceptualTarget": "lpips",
        "frechet_distance": "frechet",
        "load_alexnet": "features",
        "load_features": "features",
        "perceive": "lpips",
    },
)
