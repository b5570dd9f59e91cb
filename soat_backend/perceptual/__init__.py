"""What pictures look like to a network: AlexNet's features, and distances on them."""

from .features import AlexNet, load_alexnet
from .frechet import frechet_distance

__all__ = ["AlexNet", "frechet_distance", "load_alexnet"]
