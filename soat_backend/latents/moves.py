"""Codes moved along a direction, and towards the mean."""

from __future__ import annotations

import torch

from ..generators import Generator
from ..support.errors import require_between
from ..support.runtime import ON_CPU
from .directions import Direction
from .latent import Latent, adopted, as_w_plus, check_fit, rows_per_layer, to_style_space
from .mixing import shared_rows

MAX_STRENGTH = 100.0
MAX_PSI = 2.0


def edit(
    generator: Generator,
    latent: Latent,
    direction: Direction,
    strength: float,
    first_layer: str = "b4.conv1",
    last_layer: str = "b1024.torgb",
) -> Latent:
    """Move codes along a direction, in a range of layers.

    Args:
        generator: Whose codes they are.
        latent: In any space; a z becomes w_plus, and a direction in style space makes all codes style codes.
        direction: Where to.
        strength: How far, in the direction's lengths; negative: the other way.
        first_layer: First style layer that moves.
        last_layer: Last, inclusive.

    Raises:
        SoatError: The range is empty, or the latent is another model's.
    """
    require_between("strength", strength, -MAX_STRENGTH, MAX_STRENGTH)
    first, last = generator.layers.range(first_layer, last_layer)
    latent = adopted(generator, latent)
    moved = range(first, last + 1)
    if direction.space == "style_space" or latent.space == "style_space":
        return _edit_styles(generator, latent, direction, strength, moved)
    rows = _per_layer(generator, latent)
    steps = torch.stack(_rows_per_layer(generator, direction))
    steps = torch.stack([step if index in moved else torch.zeros_like(step) for index, step in enumerate(steps)])
    return _w_plus(generator, rows + strength * steps, latent)


def truncate(
    generator: Generator,
    latent: Latent,
    psi: float,
    first_layer: str = "b4.conv1",
    last_layer: str = "b1024.torgb",
) -> Latent:
    """Move codes towards the mean, or away from it (Source: StyleGAN, appendix B; for styles, of all layers' means).

    Args:
        generator: Whose codes they are.
        latent: In any space; a z becomes w_plus.
        psi: 1 leaves codes as they are, 0 gives the mean.
        first_layer: First style layer that moves.
        last_layer: Last, inclusive.

    Raises:
        SoatError: The range is empty, or the latent is another model's.
    """
    require_between("psi", psi, -MAX_PSI, MAX_PSI)
    first, last = generator.layers.range(first_layer, last_layer)
    latent = adopted(generator, latent)
    w_avg = generator.mapping.w_avg.float()
    psis = [psi if first <= index <= last else 1.0 for index in range(len(generator.layers))]
    if latent.space == "style_space":
        with torch.no_grad():
            means = generator.styles(w_avg.expand(1, generator.layers.num_ws, -1))
        check_fit(generator, latent)
        codes = tuple(mean.cpu().lerp(code, each) for mean, code, each in zip(means, latent.codes, psis, strict=True))
        return Latent("style_space", codes, latent.fingerprint, latent.img_resolution)
    rows = _per_layer(generator, latent)
    return _w_plus(generator, w_avg.cpu().lerp(rows, torch.tensor(psis, **ON_CPU)[:, None]), latent)


def _edit_styles(generator: Generator, latent: Latent, direction: Direction, strength: float, moved: range) -> Latent:
    styles = to_style_space(generator, latent)
    if direction.space == "style_space":
        steps = list(direction.rows)
    else:
        # The affines are linear, so a step in w is a step in styles.
        affines = [generator.module(layer).affine for layer in generator.layers]
        rows = _rows_per_layer(generator, direction)
        with torch.no_grad():
            weights = [affine.weight.float().cpu() * affine.weight_gain for affine in affines]
        steps = [weight @ row for weight, row in zip(weights, rows, strict=True)]
    codes = tuple(
        code + strength * step if index in moved else code
        for index, (code, step) in enumerate(zip(styles.codes, steps, strict=True))
    )
    return Latent("style_space", codes, latent.fingerprint, latent.img_resolution)


def _rows_per_layer(generator: Generator, direction: Direction) -> list[torch.Tensor]:
    """A direction in w as a row for each style layer."""
    if len(direction.rows) == 1:
        return [direction.rows[0]] * len(generator.layers)
    return [direction.rows[layer.w_index] for layer in generator.layers]


def _per_layer(generator: Generator, latent: Latent) -> torch.Tensor:
    """Codes in z or w_plus as a row for each style layer, `[B, layers, w_dim]` on the CPU."""
    check_fit(generator, latent)
    with torch.no_grad():
        return rows_per_layer(as_w_plus(generator, latent), generator.layers).cpu()


def _w_plus(generator: Generator, per_layer: torch.Tensor, origin: Latent) -> Latent:
    codes = (shared_rows(per_layer, generator.layers),)
    return Latent("w_plus", codes, origin.fingerprint, generator.config.img_resolution)
