"""How good a generator is, as one number: the Frechet distance of its pictures' AlexNet features to real pictures'."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import torch
import torch.nn.functional as F

from ..generators import Generator
from ..perceptual import frechet_distance, load_alexnet
from .sheet import sample_images

FEATURE_SIDE = 128
SAMPLES = 5_000
_BATCH = 50


def alexnet_distance(real: Iterable[np.ndarray], generator: Generator, count: int, psi: float, seed: int = 0) -> float:
    """The AlexNet-Frechet distance. It is no FID: another network, and numbers of another size.

    Features are the averages over the picture of all five convolutions' activations, 1,152 numbers, of pictures resized
    bilinearly to 128 px.

    Args:
        real: At least `count` pictures `[R, R, 3]` uint8.
        generator: With its w_avg set; pictures are of the seeds `seed`, `seed + 1`, ... with constant noise.
        count: Pictures of each kind. The distance shrinks with it: compare only figures of the same count.
        psi: Truncation.
        seed: Of the first sample.
    """
    network = load_alexnet()
    real_features = torch.cat([_features(network, batch) for batch in _batches(real, count)])
    fake_features = torch.cat([_features(network, batch) for batch in _samples(generator, count, psi, seed)])
    return frechet_distance(real_features, fake_features)


@torch.no_grad()
def _features(network: torch.nn.Module, images: torch.Tensor) -> torch.Tensor:
    """`[B, 3, R, R]` in -1..1 to `[B, 1152]`."""
    images = F.interpolate(images, size=(FEATURE_SIDE, FEATURE_SIDE), mode="bilinear", antialias=True)
    return torch.cat([activation.mean(dim=(2, 3)) for activation in network(images)], dim=1)


def _batches(pictures: Iterable[np.ndarray], count: int) -> Iterator[torch.Tensor]:
    source = iter(pictures)
    for start in range(0, count, _BATCH):
        batch = np.stack([next(source) for _ in range(min(_BATCH, count - start))])
        yield torch.from_numpy(batch).permute(0, 3, 1, 2).float() / 127.5 - 1.0


def _samples(generator: Generator, count: int, psi: float, seed: int) -> Iterator[torch.Tensor]:
    for start in range(0, count, _BATCH):
        seeds = range(seed + start, seed + min(start + _BATCH, count))
        z = np.stack([np.random.RandomState(each).randn(generator.config.z_dim) for each in seeds])
        with torch.no_grad():
            w = generator.mapping(torch.from_numpy(z).float().to(generator.device))
            images = sample_images(generator, generator.mapping.w_avg.float().lerp(w, psi))
        # As pictures are stored: what lies between two of 256 levels isn't seen.
        yield ((images.cpu() * 127.5 + 127.5).round() / 127.5) - 1.0
