"""StyleGAN2: its configuration, its layers, its weights."""

from .config import BLOCK_ARCHITECTURES, GeneratorConfig
from .layers import architecture_of, stylegan2_layers
from .networks import StyleGAN2

__all__ = ["BLOCK_ARCHITECTURES", "GeneratorConfig", "StyleGAN2", "architecture_of", "stylegan2_layers"]
