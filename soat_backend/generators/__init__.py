"""Generators: what each is to the loop that runs it (`generator`, `layers`), and one folder an architecture."""

from .generator import Generator
from .layers import Layer, LayerTable
from .stylegan2 import GeneratorConfig, StyleGAN2
from .tables import USUAL_ARCHITECTURE, layer_table

__all__ = ["USUAL_ARCHITECTURE", "Generator", "GeneratorConfig", "Layer", "LayerTable", "StyleGAN2", "layer_table"]
