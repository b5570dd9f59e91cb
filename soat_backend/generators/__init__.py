"""Generators: what each is to the loop that runs it (`generator`, `layers`), and one folder an architecture."""

from typing import TYPE_CHECKING

from ..support.when_needed import import_when_needed
from .generator import Generator
from .layers import Layer, LayerTable
from .stylegan2 import GeneratorConfig, StyleGAN2

if TYPE_CHECKING:
    from .stylegan3 import StyleGAN3, StyleGAN3Config

__all__ = ["Generator", "GeneratorConfig", "Layer", "LayerTable", "StyleGAN2", "StyleGAN3", "StyleGAN3Config"]

__getattr__ = import_when_needed(__name__, {"StyleGAN3": "stylegan3", "StyleGAN3Config": "stylegan3"})
