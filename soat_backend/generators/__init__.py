"""StyleGAN2: its configuration, its parts, and the one loop that runs them."""

from .config import GeneratorConfig
from .networks import Generator

__all__ = ["Generator", "GeneratorConfig"]
