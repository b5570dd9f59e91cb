"""Codes that others found: NVIDIA's and rosinality's projections, PTI's pivots, what e4e and pSp save."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import torch

from ..generators.known_layers import usual_resolutions
from ..support.errors import LatentError
from .arrays import read_arrays
from .latent import UNKNOWN, UNKNOWN_RESOLUTION, Latent

CODE_EXTENSIONS = (".npy", ".npz", ".pt", ".pth", ".pkl")
# What may be called so isn't a code, even alone in its file.
_DIRECTIONS = ("eigvec", "comp", "direction", "boundar")
_FILE_BYTES = 1 << 28
# What codes are called in a file of several tensors: the first that is there, and all that are called so.
_W_NAMES = (
    "latent",
    "latents",
    "w_plus",
    "wplus",
    "wp",
    "w",
    "ws",
    "dlatent",
    "dlatents",
    "projected_w",
    "codes",
    "code",
)
_Z_NAME = "z"
# Rows of a w_plus, and the resolution they belong to.
_RESOLUTIONS = usual_resolutions()
_SHAPES = "[w_dim], [1, w_dim], [num_ws, w_dim], [batch, 1, w_dim] or [batch, num_ws, w_dim]"


def read_codes(path: Path) -> Latent:
    """Codes of a file that doesn't say what generator they are for; they are told by their shape.

    - `[batch, num_ws, w_dim]`: w_plus. `[batch, 1, w_dim]`: one w for all layers.
    - `[num_ws, w_dim]`: one w_plus, if some model has so many rows (4, 6, 8, ... 26). `[k, w_dim]` of another k, and
      `[w_dim]`: k w, one for all layers each.
    - Several of such a shape, as in rosinality's projections `{picture: {"img", "latent", "noise"}}`: a batch in the
      order of the file. Of any other names only if all that the file has are w_plus of one shape.
    - An array that is called `z`: z. Whatever has no such name is taken to be w.

    Args:
        path: `.npy`, `.npz`, `.pt`, `.pth` or `.pkl`, read without executing anything in it.

    Returns:
        A batch of the generator UNKNOWN, its resolution told by its rows; UNKNOWN_RESOLUTION for w and z.

    Raises:
        LatentError: There are no codes in it.
        CheckpointError: It can't be read.
    """
    arrays = read_arrays(path, _FILE_BYTES, lambda shapes: _chosen(path, shapes))
    space = "z" if all(_own(name) == _Z_NAME for name in arrays) else "w_plus"
    codes = [_as_batch(path, name, array, space) for name, array in arrays.items()]
    if len({code.shape[1:] for code in codes}) > 1:
        listed = ", ".join(f"{name[-60:]} {list(array.shape)}" for name, array in list(arrays.items())[:6])
        raise LatentError(
            f"{path.name} holds codes of several shapes, which make no batch: {listed}. Save those of one shape in a "
            "file of their own."
        )
    batch = torch.cat(codes)
    if space == "z":
        return Latent("z", (batch[:, 0],), UNKNOWN, UNKNOWN_RESOLUTION)
    return Latent("w_plus", (batch,), UNKNOWN, _RESOLUTIONS.get(batch.shape[1], UNKNOWN_RESOLUTION))


def _as_batch(path: Path, name: str, array: torch.Tensor, space: str) -> torch.Tensor:
    """Codes `[B, rows, dim]` float32."""
    shape = list(array.shape)
    while len(shape) > 3 and shape[0] == 1:
        shape.pop(0)
    if len(shape) == 1:
        shape = [1, 1, *shape]
    elif len(shape) == 2:
        shape = [1, *shape] if shape[0] in _RESOLUTIONS and space != "z" else [shape[0], 1, shape[1]]
    fits = len(shape) == 3 and 0 not in shape and (shape[1] == 1 or (shape[1] in _RESOLUTIONS and space != "z"))
    if not fits or not array.is_floating_point():
        expected = "[z_dim] or [batch, z_dim]" if space == "z" else _SHAPES
        kind = "" if array.is_floating_point() else f" of {str(array.dtype).removeprefix('torch.')}"
        raise LatentError(
            f"{path.name} holds {name[-60:] or 'an array'} {list(array.shape)}{kind}, and codes are decimal numbers of "
            f"the shape {expected}. Save the codes alone, as one of these."
        )
    codes = array.float().reshape(shape)
    if not bool(codes.isfinite().all()):
        raise LatentError(f"{path.name} has numbers that are not finite. Make or download it again.")
    return codes


def _chosen(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> list[str]:
    large = [name for name, shape in shapes.items() if math.prod(shape) > 1]
    if len(large) == 1 and not any(word in _own(large[0]) for word in _DIRECTIONS):
        return large
    for wanted in (*_W_NAMES, _Z_NAME):
        found = [name for name in large if _own(name) == wanted]
        if found:
            return found
    listed = ", ".join(f"{name[-60:]} {list(shapes[name])}" for name in large[:6]) or "none"
    if any(word in _own(name) for name in large for word in _DIRECTIONS):
        raise LatentError(
            f"{path.name} holds directions, no codes ({listed}). Put it into models/stylegan_directions, and edit a "
            "latent along it with the method file."
        )
    if len({shapes[name] for name in large}) == 1 and any(side in _RESOLUTIONS for side in shapes[large[0]][:-1]):
        return large
    raise LatentError(
        f"{path.name} should hold one array of codes, or one that is called w or latent. It has {listed}. Save the "
        "codes alone."
    )


def _own(name: str) -> str:
    """An array's own name, without where it is in the file."""
    return name.rpartition(".")[2].lower()
