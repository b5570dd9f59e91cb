"""Directions in which codes can be moved: found in a generator's weights, in random codes, or read from a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ..checkpoints import read_tensors
from ..errors import CheckpointError, LatentError, require_between
from ..generator import Generator
from ..inversion import statistics
from ..inversion.prior import Gaussian
from ..latents.sampling import random_w
from ..layers import layer_range

METHODS = ("sefa", "pca_w", "pca_style_space", "file")
_FILE_BYTES = 1 << 28
_SAMPLES = 10_000
_SAMPLES_SEED = 0


@dataclass(frozen=True, eq=False)
class Direction:
    """A direction of length such that a step of 1 is one standard deviation of random codes along it.

    Attributes:
        space: `w`: the steps are added to rows of w_plus, or through the affines to styles. `style_space`: to styles.
        rows: `[1 or num_ws, w_dim]` in w; in style_space a row `[C_in]` for each layer in S order.
        deviation: The length of a standard deviation, in units of the direction as it was found.
    """

    space: str
    rows: tuple[torch.Tensor, ...]
    deviation: float

    def as_found(self) -> Direction:
        """The same with the length it was found with: unit length, or what a file has."""
        return Direction(self.space, tuple(row / self.deviation for row in self.rows), 1.0)


def find_direction(
    generator: Generator,
    method: str,
    component: int,
    first_layer: str = "b4.conv1",
    last_layer: str = "b1024.torgb",
) -> Direction:
    """The direction of one component of an analysis of a generator.

    Args:
        generator: Whose.
        method: `sefa`: eigenvectors of the affines' weights of the layers in the range (Source: Shen and Zhou 2021,
            SeFa, eq. 5). `pca_w`: principal axes of random w (Source: Härkönen et al. 2020, GANSpace, section 2.1).
            `pca_style_space`: principal axes of random styles, each in standard deviations.
        component: From 0, the strongest first.
        first_layer: First style layer of the range.
        last_layer: Last, inclusive.

    Raises:
        SoatError: There is no such component.
    """
    if method == "sefa":
        axes = _sefa(generator, *layer_range(first_layer, last_layer, generator.config.img_resolution, "EditLatent"))
    elif method == "pca_w":
        axes = _principal_axes(generator)
    else:
        return _style_axis(generator, component)
    _check_component(component, len(axes))
    axis = axes[component]
    return scaled_to_samples(generator, axis[None])


def scaled_to_samples(generator: Generator, rows: torch.Tensor) -> Direction:
    """Directions in w `[1 or num_ws, w_dim]`, scaled together by how much random w vary along them.

    Raises:
        LatentError: It has no length.
    """
    gaussian = statistics(generator).w
    lengths = rows.norm(dim=1)
    if not float(lengths.max()) > 0:
        raise LatentError(
            "EditLatent: the direction is zero, so there is nowhere to go. Choose another component or file."
        )
    used = rows[lengths > 0] / lengths[lengths > 0, None]
    deviation = float(_variance(gaussian, used.to(gaussian.mean.device)).mean().sqrt() / lengths.max())
    return Direction("w", tuple((rows * deviation).cpu()), deviation)


def _variance(gaussian: Gaussian, axes: torch.Tensor) -> torch.Tensor:
    """Variance of random codes along axes `[N, D]` of unit length: `a^T Sigma a`."""
    standardised = axes * gaussian.deviation
    return ((standardised @ gaussian.directions.t()).square() * gaussian.strengths).sum(1)


def _sefa(generator: Generator, first: int, last: int) -> torch.Tensor:
    weights = [generator.module(layer).affine.weight.float() for layer in generator.layers[first : last + 1]]
    stacked = torch.cat(weights).cpu().double()  # [sum of C_in, w_dim]
    stacked = stacked / stacked.norm(dim=1, keepdim=True).clamp_min(1e-12)
    _, vectors = torch.linalg.eigh(stacked.t() @ stacked)
    return _oriented(vectors.t().flip(0)).float()


def _principal_axes(generator: Generator) -> torch.Tensor:
    # On the CPU, since MPS has no float64.
    w = random_w(generator, _SAMPLES, _SAMPLES_SEED).cpu().double()
    _, vectors = torch.linalg.eigh(torch.cov(w.t()))
    return _oriented(vectors.t().flip(0)).float()


def _style_axis(generator: Generator, component: int) -> Direction:
    gaussian = statistics(generator).style_space
    order = gaussian.strengths.argsort(descending=True)
    _check_component(component, len(order))
    index = order[component]
    axis = _oriented(gaussian.directions[index][None])[0]
    step = axis * gaussian.deviation * gaussian.strengths[index].sqrt()
    widths = [generator.module(layer).affine.weight.shape[0] for layer in generator.layers]
    length = float(step.norm())
    return Direction("style_space", tuple(step.cpu().split(widths)), length)


def _oriented(axes: torch.Tensor) -> torch.Tensor:
    """Axes that point where their largest part is positive: an eigenvector's sign is anybody's choice."""
    largest = axes.gather(1, axes.abs().argmax(dim=1, keepdim=True))
    return axes * largest.sign()


def _check_component(component: int, count: int) -> None:
    require_between("EditLatent, component", component, 0, count - 1)


def read_direction(path: Path, generator: Generator, component: int) -> Direction:
    """A direction of a file: InterFaceGAN's boundaries, e4e's editing collections, or one's own.

    Args:
        path: `.npy`, `.pt` or `.safetensors`, read without executing anything in it. It holds a tensor `[w_dim]`,
            `[K, w_dim]` or `[num_ws, w_dim]`, with sides of length 1 anywhere; or several, of which the one that is
            called like components (`comp`, `components`, `X_comp`, `directions`) is taken.
        generator: Whose w it is for.
        component: Which of K; of a single direction there is only 0.

    Raises:
        LatentError: There is no direction for this generator in it.
        CheckpointError: It can't be read.
    """
    name, tensor = _the_tensor(path)
    config = generator.config
    sides = [side for side in tensor.shape if side != 1]
    if not sides or sides[-1] != config.w_dim or len(sides) > 3 or not tensor.is_floating_point():
        raise LatentError(
            f"EditLatent: {path.name} holds {name or 'a tensor'} {list(tensor.shape)}, and directions "
            f"for {generator.name} are [{config.w_dim}], [components, {config.w_dim}] or [{config.num_ws}, "
            f"{config.w_dim}]. It was made for another model."
        )
    if not bool(tensor.isfinite().all()):
        raise LatentError(f"EditLatent: {path.name} has numbers that are not finite. Make or download it again.")
    rows = tensor.float().reshape(*sides)
    if len(sides) == 1:
        rows = rows[None, None]
    elif len(sides) == 2:
        # Of num_ws rows it is one direction with a row for each layer.
        rows = rows[None] if sides[0] == config.num_ws else rows[:, None]
    if rows.shape[1] not in (1, config.num_ws):
        raise LatentError(
            f"EditLatent: {path.name} has directions of {rows.shape[1]} rows, and {generator.name} has "
            f"{config.num_ws}. It was made for a model of another size."
        )
    if not 0 <= component < len(rows):
        raise LatentError(
            f"EditLatent: {path.name} has {len(rows)} of them, so component is a number from 0 to {len(rows) - 1}, "
            f"got {component}."
        )
    return scaled_to_samples(generator, rows[component])


def _the_tensor(path: Path) -> tuple[str, torch.Tensor]:
    if path.suffix.lower() == ".npy":
        return "", _read_npy(path)
    tensors = {name: tensor for name, tensor in read_tensors(path, _FILE_BYTES).items() if tensor.numel() > 1}
    likely = [name for name in tensors if "comp" in name.lower() or "direction" in name.lower()]
    chosen = likely if len(tensors) > 1 else list(tensors)
    if len(chosen) != 1:
        listed = ", ".join(sorted(tensors)[:8]) or "none"
        raise LatentError(
            f"EditLatent: {path.name} should hold one tensor, or one of several called like components; it has "
            f"{listed}. Save the direction alone."
        )
    return chosen[0], tensors[chosen[0]]


def _read_npy(path: Path) -> torch.Tensor:
    try:
        # Memory-mapped, so that a header that claims too much is found out by the file's size.
        array = np.load(path, mmap_mode="r", allow_pickle=False)
        if array.nbytes > _FILE_BYTES:
            raise ValueError(f"it is larger than {_FILE_BYTES >> 20} MB")
        return torch.from_numpy(np.array(array, dtype=np.float32))
    except (ValueError, OSError, EOFError, TypeError, SyntaxError) as error:
        raise CheckpointError(
            f"{path.name} can't be read as a numpy array of numbers: {error}. Save it again."
        ) from error
