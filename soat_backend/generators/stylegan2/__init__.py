"""StyleGAN2: its configuration, its layers, its weights."""

from .config import GeneratorConfig
from .networks import StyleGAN2

__all__ = ["GeneratorConfig", "StyleGAN2"]
