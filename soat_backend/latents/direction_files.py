"""Directions that others found and keep in files: which tensor it is, and what its rows or columns mean."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import torch

from ..generators import Generator
from ..support.errors import LatentError
from .arrays import read_arrays
from .directions import Direction, scaled_to_samples
from .own_directions import is_own, pick, read_own, require_component

_FILE_BYTES = 1 << 28
# Of several tensors in a file the directions are those called so, the first kind that is there.
_COMPONENTS_IN_W = "lat_comp"  # GANSpace's: beside `act_comp`, which are a layer's outputs
_EIGENVECTORS = "eigvec"  # rosinality's closed_form_factorization, SeFa
_LIKELY = ("comp", "direction")
# How far random codes reach along each component: `lat_stdev` of `lat_comp` in GANSpace, `std` of `comp` in e4e.
_DEVIATIONS = ("stdev", "std")


def read_direction(path: Path, generator: Generator, component: int) -> Direction:
    """A direction of a file: InterFaceGAN's boundaries, GANSpace's components, e4e's collections, or one's own.

    Args:
        path: What `save_directions` wrote; or `.npy`, `.npz`, `.pt` or `.safetensors`, read without executing anything
            in it. It holds a tensor
            `[w_dim]`, `[K, w_dim]`, `[num_ws, w_dim]` or `[K, num_ws, w_dim]`, with sides of length 1 anywhere; or
            several, of which GANSpace's `lat_comp` or the one that is called like components (`comp`, `components`,
            `X_comp`, `directions`) is taken. What is called components, or is `[K, 1, w_dim]`, is never one direction
            of num_ws rows. Of rosinality's `eigvec` `[w_dim, K]` the directions are the columns.
        generator: Whose w it is for.
        component: Which of K; of a single direction there is only 0.

    Returns:
        Scaled by the standard deviations that the file has beside its components (`lat_stdev` `[K]`), as GANSpace
        does: a step of 1 is `lat_comp[k] * lat_stdev[k]`. Without them by those of random w along it.

    Raises:
        LatentError: There is no direction for this generator in it.
        CheckpointError: It can't be read.
    """
    if is_own(path):
        return pick(read_own(path), component, generator, path.name)
    tensors = read_arrays(path, _FILE_BYTES, lambda shapes: _chosen(path, shapes))
    name, tensor = next(iter(tensors.items()))
    directions = _as_rows(path, name, tensor, generator)
    require_component(path.name, len(directions), component)
    rows = directions[component]
    scaled = scaled_to_samples(generator, rows)
    for deviations in list(tensors.values())[1:]:
        if deviations.numel() == len(directions):
            deviation = float(deviations.flatten()[component])
            if math.isfinite(deviation) and deviation > 0:
                return Direction("w", tuple(rows * deviation), deviation)
    return scaled


def _as_rows(path: Path, name: str, tensor: torch.Tensor, generator: Generator) -> torch.Tensor:
    """Directions `[K, 1 or num_ws, w_dim]` float32."""
    config, own_name = generator.config, _own(name)
    columns = own_name == _EIGENVECTORS and tensor.dim() == 2
    sides = [side for side in (tensor.t() if columns else tensor).shape if side != 1]
    if not sides or sides[-1] != config.w_dim or len(sides) > 3 or not tensor.is_floating_point():
        raise LatentError(
            f"{path.name} holds {name or 'a tensor'} {list(tensor.shape)}, and directions "
            f"for {generator.name} are [{config.w_dim}], [components, {config.w_dim}] or [{generator.layers.num_ws}, "
            f"{config.w_dim}]. It was made for another model."
        )
    rows = (tensor.t() if columns else tensor).float().reshape(*sides)
    if not bool(rows.isfinite().all()):
        raise LatentError(f"{path.name} has numbers that are not finite. Make or download it again.")
    several = columns or "comp" in own_name or (tensor.dim() == 3 and tensor.shape[1] == 1)
    if len(sides) == 1:
        rows = rows[None, None]
    elif len(sides) == 2:
        # Of num_ws rows it is one direction with a row for each layer, unless it says otherwise.
        rows = rows[None] if sides[0] == generator.layers.num_ws and not several else rows[:, None]
    if rows.shape[1] not in (1, generator.layers.num_ws):
        raise LatentError(
            f"{path.name} has directions of {rows.shape[1]} rows, and {generator.name} has "
            f"{generator.layers.num_ws}. It was made for a model of another size."
        )
    return rows


def _chosen(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> list[str]:
    """The tensor that holds directions, and those that may hold their deviations."""
    large = [name for name, shape in shapes.items() if math.prod(shape) > 1]
    found = large
    if len(large) > 1:
        exact = ([name for name in large if _own(name) == wanted] for wanted in (_COMPONENTS_IN_W, _EIGENVECTORS))
        likely = [name for name in large if any(word in _own(name) for word in _LIKELY)]
        found = next((names for names in exact if names), likely)
    if len(found) != 1:
        listed = ", ".join(sorted(large)[:8]) or "none"
        raise LatentError(
            f"{path.name} should hold one tensor, or one of several called like components; it has "
            f"{listed}. Save the direction alone."
        )
    beside = {found[0].replace("comp", word) for word in _DEVIATIONS} - {found[0]}
    return [found[0], *(name for name in shapes if name in beside)]


def _own(name: str) -> str:
    """A tensor's own name, without where it is in the file."""
    return name.rpartition(".")[2].lower()
