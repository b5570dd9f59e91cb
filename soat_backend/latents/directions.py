"""Directions in which codes can be moved: found in a generator's weights, in random codes, or read from a file."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..generators import Generator
from ..support.errors import LatentError, require_between
from .sampling import random_w
from .statistics import Gaussian, statistics

# `file` is read by `direction_files`, `region` found by the room `parts`, `direction` comes over a wire.
METHODS = ("sefa", "pca_w", "pca_style_space", "file", "region", "direction")
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
        axes = _sefa(generator, *generator.layers.range(first_layer, last_layer))
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
        raise LatentError("The direction is zero, so there is nowhere to go. Choose another component or file.")
    used = rows[lengths > 0] / lengths[lengths > 0, None]
    deviation = float(_variance(gaussian, used.to(gaussian.mean.device)).mean().sqrt() / lengths.max())
    return Direction("w", tuple((rows * deviation).cpu()), deviation)


def _variance(gaussian: Gaussian, axes: torch.Tensor) -> torch.Tensor:
    """Variance of random codes along axes `[N, D]` of unit length: `a^T Sigma a`."""
    standardised = axes * gaussian.deviation
    return ((standardised @ gaussian.directions.t()).square() * gaussian.strengths).sum(1)


def _sefa(generator: Generator, first: int, last: int) -> torch.Tensor:
    chosen = generator.layers.layers[first : last + 1]
    # What moves and turns the picture is no axis of what is in it; alone, it is all that is asked for.
    chosen = tuple(layer for layer in chosen if not layer.of_places) or chosen
    weights = [generator.module(layer).affine.weight.float() for layer in chosen]
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
    widths = generator.style_widths
    length = float(step.norm())
    return Direction("style_space", tuple(step.cpu().split(widths)), length)


def _oriented(axes: torch.Tensor) -> torch.Tensor:
    """Axes that point where their largest part is positive: an eigenvector's sign is anybody's choice."""
    largest = axes.gather(1, axes.abs().argmax(dim=1, keepdim=True))
    return axes * largest.sign()


def _check_component(component: int, count: int) -> None:
    require_between("component", component, 0, count - 1)
