"""Generators: what each is to the loop that runs it (`generator`, `layers`), and one folder an architecture."""

from .generator import Generator
from .layers import Layer, LayerTable
from .stylegan2 import GeneratorConfig, StyleGAN2

__all__ = ["Generator", "GeneratorConfig", "Layer", "LayerTable", "StyleGAN2"]
