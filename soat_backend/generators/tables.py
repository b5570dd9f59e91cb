"""From an architecture's name to its layers, for codes whose generator isn't at hand."""

from __future__ import annotations

from ..support.errors import SoatError
from .layers import LayerTable
from .stylegan2.config import BLOCK_ARCHITECTURES
from .stylegan2.layers import architecture_of, stylegan2_layers

_STYLEGAN2 = {architecture_of(blocks): blocks for blocks in BLOCK_ARCHITECTURES}
USUAL_ARCHITECTURE = next(iter(_STYLEGAN2))


def layer_table(architecture: str, img_resolution: int) -> LayerTable:
    """The layers of a generator.

    Args:
        architecture: As of `Generator.architecture`.
        img_resolution: As of its configuration.

    Raises:
        SoatError: There is no such generator.
    """
    if architecture not in _STYLEGAN2:
        raise SoatError(f"There is no architecture {architecture[:40]!r}. Known are: {', '.join(_STYLEGAN2)}.")
    return stylegan2_layers(img_resolution, _STYLEGAN2[architecture])
