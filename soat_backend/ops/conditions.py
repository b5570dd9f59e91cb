"""What decides which implementation a call takes: what native operators can, what autograd follows, what is faster."""

from __future__ import annotations

import math

import torch

from ..geometry.canvas import Window
from . import native

# Winograd's filtering makes tiles of so many results in each direction, and needs so many of them to make up for
# weights that are 4 times as much to read (5.4 times where it doubles).
_TILE, _FEWEST_TILES = 4, 16
_DOUBLING_TILE, _FEWEST_DOUBLING_TILES = 3, 64


def runs_natively(x: torch.Tensor) -> bool:
    """Whether native operators can take such a map, and are there; built at the first question that needs them."""
    return native_supports(x) and native.library() is not None


def native_supports(x: torch.Tensor) -> bool:
    """Whether native operators can take such a map: on the CPU, of float32 or bfloat16."""
    return x.device.type == "cpu" and x.dtype in native.DTYPES


def wants_gradient(*tensors: torch.Tensor | None) -> bool:
    """Whether autograd follows what is made of these."""
    return torch.is_grad_enabled() and any(each is not None and each.requires_grad for each in tensors)


def winograd_is_faster(window: Window, dtype: torch.dtype, *, doubled: bool = False) -> bool:
    """Whether Winograd's filtering, where it is there, is faster than PyTorch's convolution.

    Args:
        window: What is made of x, without halo.
        dtype: Of the maps.
        doubled: Whether the result has twice the size.
    """
    library = native.library()
    if doubled and dtype == torch.bfloat16 and library is not None and library.multiplies_bfloat16:
        # Three fifths of the multiplications in float32 are slower than all of them in half the time.
        return False
    return enough_tiles(window, doubled)


def enough_tiles(window: Window, doubled: bool = False) -> bool:
    """Whether a map makes up for weights that are more to read, and isn't mostly beside what its tiles make."""
    tile, fewest = (_DOUBLING_TILE, _FEWEST_DOUBLING_TILES) if doubled else (_TILE, _FEWEST_TILES)
    tiles = math.ceil(window.height / tile) * math.ceil(window.width / tile)
    wasteful = tiles * tile**2 > 1.5 * window.height * window.width
    return tiles >= fewest and not wasteful


def learns_natively(dtype: torch.dtype, weight: torch.Tensor) -> bool:
    """Whether a weight is frozen, or learns in float32: in bfloat16 the processor may have instructions of its own."""
    return not weight.requires_grad or dtype == torch.float32
