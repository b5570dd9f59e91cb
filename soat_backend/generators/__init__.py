"""Generators: what each is to the loop that runs it (`generator`, `layers`), and one folder an architecture."""

from ..support.errors import SoatError
from .generator import Generator
from .layers import Layer, LayerTable
from .stylegan2 import BLOCK_ARCHITECTURES, GeneratorConfig, StyleGAN2, architecture_of, stylegan2_layers

__all__ = ["USUAL_ARCHITECTURE", "Generator", "GeneratorConfig", "Layer", "LayerTable", "StyleGAN2", "layer_table"]

_STYLEGAN2 = {architecture_of(blocks): blocks for blocks in BLOCK_ARCHITECTURES}
USUAL_ARCHITECTURE = architecture_of(BLOCK_ARCHITECTURES[0])


def layer_table(architecture: str, img_resolution: int) -> LayerTable:
    """The layers of a generator that isn't at hand, such as the one that codes of a file were made for.

    Args:
        architecture: As of `Generator.architecture`.
        img_resolution: As of its configuration.

    Raises:
        SoatError: There is no such generator.
    """
    if architecture not in _STYLEGAN2:
        raise SoatError(f"There is no architecture {architecture[:40]!r}. Known are: {', '.join(_STYLEGAN2)}.")
    return stylegan2_layers(img_resolution, _STYLEGAN2[architecture])
