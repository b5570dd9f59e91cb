"""What pictures look like to a network: LPIPS and its features, and distances on what it sees."""

from .features import FeatureNetwork, load_alexnet, load_features
from .frechet import frechet_distance
from .lpips import PerceptualTarget

__all__ = ["FeatureNetwork", "PerceptualTarget", "frechet_distance", "load_alexnet", "load_features"]
