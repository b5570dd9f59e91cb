"""StyleGAN2: its configuration, its layers, its weights."""

from .architecture import StyleGAN2
from .config import GeneratorConfig

__all__ = ["GeneratorConfig", "StyleGAN2"]
