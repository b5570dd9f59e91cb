"""Seeds to codes: z, the mapping network, truncation."""

from __future__ import annotations

import logging

import numpy as np
import torch
import torch.nn.functional as F

from ..generators import Generator
from ..support.errors import LatentError, require_between, require_choice
from ..support.runtime import ON_CPU
from .latent import Latent, codes_of, concatenate

logger = logging.getLogger(__name__)

RNGS = ("numpy", "torch")
MAX_BATCH = 1024
MAX_SMOOTHNESS = 100.0
MAX_PSI = 2.0
MAX_ROWS = 64
MAX_SEED = 2**64 - 1  # As ComfyUI's samplers, whose seeds are often connected here too.
# What both generators of random numbers know of a seed; torch leaves the rest out itself, numpy refuses it.
_SEEDS = 2**32


def draw_z(seed: int, z_dim: int, rng: str = "numpy") -> torch.Tensor:
    """One z of a seed, `[1, z_dim]` float32.

    Args:
        seed: >= 0, taken modulo 2^32, which is what torch does.
        z_dim: Length.
        rng: `numpy`: RandomState(seed).randn, as NVIDIA's tools. `torch`: torch.randn of a CPU generator, as
            rosinality's.
    """
    require_choice("rng", rng, RNGS)
    if rng == "torch":
        return torch.randn(1, z_dim, generator=torch.Generator("cpu").manual_seed(seed % _SEEDS), **ON_CPU)
    return torch.from_numpy(np.random.RandomState(seed % _SEEDS).randn(1, z_dim)).float()


def class_labels(generator: Generator, class_idx: int, batch: int) -> torch.Tensor | None:
    """One-hot labels `[batch, c_dim]` of a class, or None for an unconditional generator.

    Raises:
        LatentError: The generator is conditional and has no such class.
    """
    c_dim = generator.config.c_dim
    if c_dim == 0:
        if class_idx >= 0:
            logger.warning("%s is unconditional: class_idx %d is ignored.", generator.name, class_idx)
        return None
    if not 0 <= class_idx < c_dim:
        raise LatentError(
            f"{generator.name} is conditional with {c_dim} classes, got class_idx {class_idx}. "
            f"Choose a class_idx from 0 to {c_dim - 1}.",
            class_idx=class_idx,
            c_dim=c_dim,
        )
    label = F.one_hot(torch.tensor([class_idx], device=generator.device), c_dim).float()
    return label.expand(batch, -1)


def map_z(
    generator: Generator, z: torch.Tensor, truncation_psi: float = 1.0, truncation_cutoff: int = -1, class_idx: int = -1
) -> Latent:
    """Map z to w_plus, truncated towards w_avg (Source: StyleGAN, appendix B; `mapping` of stylegan2-ada-pytorch).

    Args:
        generator: Whose mapping.
        z: `[B, z_dim]`.
        truncation_psi: 1 leaves w as it is, 0 gives w_avg.
        truncation_cutoff: Only the first so many rows of w_plus are truncated; -1: all.
        class_idx: For conditional generators.

    Returns:
        w_plus `[B, num_ws, w_dim]`.
    """
    require_between("truncation_psi", truncation_psi, -MAX_PSI, MAX_PSI)
    require_between("truncation_cutoff", truncation_cutoff, -1, MAX_ROWS)
    w = generator.mapping(z.to(generator.device), class_labels(generator, class_idx, z.shape[0]))
    w_plus = w[:, None].repeat(1, generator.layers.num_ws, 1)
    cutoff = generator.layers.num_ws if truncation_cutoff < 0 else truncation_cutoff
    w_avg = generator.mapping.w_avg.float()
    w_plus[:, :cutoff] = w_avg.lerp(w_plus[:, :cutoff], truncation_psi)
    return codes_of(generator, "w_plus", (w_plus.cpu(),))


def sample(
    generator: Generator,
    seed: int = 0,
    batch_size: int = 1,
    truncation_psi: float = 0.7,
    truncation_cutoff: int = -1,
    class_idx: int = -1,
    rng: str = "numpy",
) -> Latent:
    """Codes of consecutive seeds: item k is what seed + k gives alone.

    Each z is mapped alone, so that the batch size changes no bit of it. Arguments as of `draw_z` and `map_z`.
    """
    require_between("seed", seed, 0, MAX_SEED)
    require_between("batch_size", batch_size, 1, MAX_BATCH)
    items = [
        map_z(generator, draw_z(seed + k, generator.config.z_dim, rng), truncation_psi, truncation_cutoff, class_idx)
        for k in range(batch_size)
    ]
    return concatenate(items)


def sample_sequence(
    generator: Generator,
    seed: int = 0,
    count: int = 5,
    smoothness: float = 0.7,
    loop: bool = True,
    truncation_psi: float = 0.7,
    class_idx: int = -1,
) -> Latent:
    """Related neighbours for a panorama or a walk (Source: SOAT, section 3.6: latents smoothed along the row).

    z = RandomState(seed).randn(count, z_dim), filtered along the sequence by a Gaussian, divided by its root mean
    square.

    Args:
        generator: Whose mapping.
        seed: Of the whole sequence.
        count: Its length.
        smoothness: Sigma of the Gaussian in items (radius 4 sigma); 0: unrelated items.
        loop: Whether the last is the first's neighbour; else the sequence is mirrored beyond its ends.
        truncation_psi: As of `map_z`.
        class_idx: As of `map_z`.
    """
    require_between("seed", seed, 0, MAX_SEED)
    require_between("count", count, 1, MAX_BATCH)
    require_between("smoothness", smoothness, 0, MAX_SMOOTHNESS)
    z = np.random.RandomState(seed % _SEEDS).randn(count, generator.config.z_dim)
    return _map_smoothed(generator, smooth(z, smoothness, loop), truncation_psi, class_idx)


def sample_grid(
    generator: Generator,
    seed: int = 0,
    columns: int = 4,
    rows: int = 3,
    smoothness: float = 0.7,
    loop_x: bool = True,
    loop_y: bool = False,
    truncation_psi: float = 0.7,
    class_idx: int = -1,
) -> Latent:
    """Related neighbours in two directions, in reading order: `sample_sequence` along rows and columns.

    Args:
        generator: Whose mapping.
        seed: Of the whole grid.
        columns: Latents side by side.
        rows: Of latents.
        smoothness: As of `sample_sequence`, in both directions.
        loop_x: Whether the last of a row is its first's neighbour.
        loop_y: Whether the last row is the first's neighbour.
        truncation_psi: As of `map_z`.
        class_idx: As of `map_z`.

    Raises:
        SoatError: A number out of its range.
    """
    require_between("seed", seed, 0, MAX_SEED)
    for name, value in (("columns", columns), ("rows", rows), ("columns x rows", columns * rows)):
        require_between(name, value, 1, MAX_BATCH)
    require_between("smoothness", smoothness, 0, MAX_SMOOTHNESS)
    z = np.random.RandomState(seed % _SEEDS).randn(rows, columns, generator.config.z_dim)
    z = smooth(z, smoothness, loop_y)
    z = smooth(z.swapaxes(0, 1), smoothness, loop_x).swapaxes(0, 1)
    return _map_smoothed(generator, z.reshape(rows * columns, -1), truncation_psi, class_idx)


def _map_smoothed(generator: Generator, z: np.ndarray, truncation_psi: float, class_idx: int) -> Latent:
    """Rescale the smoothed z `[count, z_dim]` to a root mean square of 1, as random ones have, and map them."""
    z = z / np.sqrt(np.mean(np.square(z)))
    return map_z(generator, torch.from_numpy(z).float(), truncation_psi, class_idx=class_idx)


def smooth(values: np.ndarray, sigma: float, loop: bool) -> np.ndarray:
    """Gaussian filter along the first axis, truncated at 4 sigma, wrapping if `loop`, else mirrored at the ends."""
    radius = int(4.0 * sigma + 0.5)
    if radius == 0:
        return values
    offsets = np.arange(-radius, radius + 1)
    taps = np.exp(-0.5 * np.square(offsets / sigma))
    taps /= taps.sum()
    count = len(values)
    result = np.zeros_like(values)
    for offset, tap in zip(offsets, taps, strict=True):
        positions = np.arange(count) + offset
        if loop:
            positions = positions % count
        else:
            positions = positions % (2 * count)
            positions = np.where(positions < count, positions, 2 * count - 1 - positions)
        result += tap * values[positions]
    return result


@torch.no_grad()
def random_w(generator: Generator, count: int, seed: int) -> torch.Tensor:
    """Many random w at once, untruncated, `[count, w_dim]`; of a conditional generator each of a random class.

    Args:
        generator: Whose mapping.
        count: How many.
        seed: Of all of them together; they are not those of consecutive seeds.
    """
    random = torch.Generator("cpu").manual_seed(seed)
    z = torch.randn(count, generator.config.z_dim, generator=random, **ON_CPU).to(generator.device)
    labels = None
    if generator.config.c_dim:
        classes = torch.randint(generator.config.c_dim, (count,), generator=random, device="cpu")
        labels = F.one_hot(classes, generator.config.c_dim).float().to(generator.device)
    return generator.mapping(z, labels)
