"""StyleGAN3 (configurations T and R): its configuration, its layers, its weights."""

from typing import TYPE_CHECKING

from ...support.when_needed import import_when_needed

if TYPE_CHECKING:
    from .alias_free import StyleGAN3
    from .config import InputShape, LayerShape, StyleGAN3Config

__all__ = ["InputShape", "LayerShape", "StyleGAN3", "StyleGAN3Config"]

__getattr__ = import_when_needed(
    __name__,
    {"InputShape": "config", "LayerShape": "config", "StyleGAN3": "alias_free", "StyleGAN3Config": "config"},
)
