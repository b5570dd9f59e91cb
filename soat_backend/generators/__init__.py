"""Generators: what each is to the loop that runs it (`generator`, `layers`), and one folder an architecture."""

from .generator import Generator
from .layers import Layer, LayerTable
from .stylegan2 import GeneratorConfig, StyleGAN2
from .stylegan3 import StyleGAN3, StyleGAN3Config

__all__ = ["Generator", "GeneratorConfig", "Layer", "LayerTable", "StyleGAN2", "StyleGAN3", "StyleGAN3Config"]
