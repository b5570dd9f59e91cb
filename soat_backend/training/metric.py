"""How far generated pictures are from real ones, without a network: sliced Wasserstein and pixel-Frechet distances."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from ..perceptual import frechet_distance

_PATCH = 7
_PATCHES_PER_IMAGE = 64
_DIRECTIONS = 256
_LOWEST = 16


def laplacian_pyramid(images: torch.Tensor) -> list[torch.Tensor]:
    """Split pictures `[N, 3, R, R]` into bands from fine to coarse, down to 16 px."""
    bands = []
    while images.shape[2] > _LOWEST:
        lower = F.avg_pool2d(images, 2)
        bands.append(images - F.interpolate(lower, scale_factor=2, mode="bilinear"))
        images = lower
    return [*bands, images]


def sliced_wasserstein(first: torch.Tensor, second: torch.Tensor, seed: int = 0) -> float:
    """Distance between the 7x7 patches of two equally large sets of pictures (Source: ProGAN, section 5).

    Args:
        first: `[N, 3, H, W]`, one band of a pyramid. Its mean and deviation per channel normalise both.
        second: The same of the other set.
        seed: Of the patches' positions and the directions.

    Returns:
        Mean distance over 256 directions, times 1000.
    """
    random = torch.Generator().manual_seed(seed)
    corners = torch.randint(0, first.shape[2] - _PATCH + 1, (_PATCHES_PER_IMAGE, 2), generator=random).tolist()
    directions = torch.randn(3 * _PATCH * _PATCH, _DIRECTIONS, generator=random)
    directions /= directions.norm(dim=0)
    mean = first.mean(dim=(0, 2, 3), keepdim=True)
    deviation = first.std(dim=(0, 2, 3), keepdim=True)

    def project(images: torch.Tensor) -> torch.Tensor:
        images = (images - mean) / deviation
        patches = [images[:, :, y : y + _PATCH, x : x + _PATCH].flatten(1) for y, x in corners]
        return (torch.cat(patches) @ directions).sort(dim=0).values

    return float((project(first) - project(second)).abs().mean()) * 1e3


def pixel_frechet(first: torch.Tensor, second: torch.Tensor) -> float:
    """Frechet distance between the pictures' pixels at 16x16.

    Args:
        first: `[N, 3, R, R]`.
        second: `[M, 3, R, R]`.
    """
    a, b = (F.adaptive_avg_pool2d(images, _LOWEST).flatten(1) for images in (first, second))
    return frechet_distance(a, b)


def compare(real: torch.Tensor, fake: torch.Tensor) -> dict[str, float]:
    """Both figures: `swd_R` for each band of R px, and `frechet`.

    Args:
        real: `[N, 3, R, R]` in -1..1.
        fake: The same of generated pictures.
    """
    bands = zip(laplacian_pyramid(real), laplacian_pyramid(fake), strict=True)
    figures = {f"swd_{one.shape[2]}": sliced_wasserstein(one, other) for one, other in bands}
    return {**figures, "frechet": pixel_frechet(real, fake)}
