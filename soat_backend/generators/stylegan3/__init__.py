"""StyleGAN3 (configurations T and R): its configuration, its layers, its weights."""

from .alias_free import StyleGAN3
from .config import InputShape, LayerShape, StyleGAN3Config

__all__ = ["InputShape", "LayerShape", "StyleGAN3", "StyleGAN3Config"]
