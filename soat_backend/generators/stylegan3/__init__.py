"""StyleGAN3 (configurations T and R): its configuration, its layers, its weights."""

from .config import InputShape, LayerShape, StyleGAN3Config
from .networks import StyleGAN3

__all__ = ["InputShape", "LayerShape", "StyleGAN3", "StyleGAN3Config"]
