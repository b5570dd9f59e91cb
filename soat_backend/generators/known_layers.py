"""Layers of a generator that isn't there: by what a file of codes keeps of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .layers import LayerTable
from .stylegan2.layer_table import MAX_RESOLUTION, StyleGAN2Layers, stylegan2_layers
from .stylegan3.numbered_layers import StyleGAN3Layers

_TABLES: tuple[type[LayerTable], ...] = (StyleGAN3Layers, StyleGAN2Layers)


def usual_layers(img_resolution: int) -> LayerTable:
    """The layers of which nothing but the resolution needs to be known, a power of two: StyleGAN2's with an RGB skip.

    Raises:
        SoatError: There is no such generator.
    """
    return stylegan2_layers(img_resolution)


def usual_resolutions() -> dict[int, int]:
    """The resolution that the rows of a w_plus belong to, as a rule. None has the 2 of 4 px, but people have two w."""
    resolutions = (1 << level for level in range(3, MAX_RESOLUTION.bit_length()))
    return {usual_layers(resolution).num_ws: resolution for resolution in resolutions}


def described_layers(description: Mapping[str, Any], img_resolution: int) -> LayerTable | None:
    """The layers that `LayerTable.description` describes; None if they are the usual ones.

    Args:
        description: Of a file by anybody; may have other entries too.
        img_resolution: Of the generator.

    Raises:
        ValueError: It contradicts itself.
        SoatError: There is no generator of that resolution.
    """
    tables = (kind.described_by(description, img_resolution) for kind in _TABLES)
    return next((table for table in tables if table is not None), None)
