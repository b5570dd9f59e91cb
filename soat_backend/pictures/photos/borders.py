"""A part of a picture that may reach beyond its borders: there it is mirrored, and blurred the further out the more."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F

# Source: FFHQ's alignment (StyleGAN, appendix A, and its published recipe), as parts of the square's side.
_LEAST_PAD = 0.3
_BLUR = 0.02


@dataclass(frozen=True, eq=False)
class Patch:
    """A part of a picture, averaged down.

    Attributes:
        pixels: `[1, C, h, w]` float32.
        left: Where its left edge lies in the picture, in the picture's pixels; may be below 0.
        top: The same of its upper edge.
        factor: Pixels of the picture along a side of one of its own.
    """

    pixels: torch.Tensor
    left: int
    top: int
    factor: int


def read_patch(
    picture: torch.Tensor, bounds: tuple[float, float, float, float], margin: float, factor: int, side: float
) -> Patch:
    """The box of a picture and a margin around it.

    Args:
        picture: `[1, C, H, W]`.
        bounds: Left, top, right, bottom of the box in pixels.
        margin: Around it, in pixels.
        factor: How many pixels are averaged along each side.
        side: Of the square that this is for, in pixels: what pads and blurs are measured in.
    """
    # Whole averages away from the box, so that those of a box on whole pixels are the box's own.
    around = math.ceil(margin / factor) * factor
    left, top = (math.floor(bounds[axis]) - around for axis in (0, 1))
    columns, rows = (math.ceil((bounds[axis + 2] + margin - start) / factor) for axis, start in ((0, left), (1, top)))
    x = torch.arange(left, left + columns * factor, device="cpu")
    y = torch.arange(top, top + rows * factor, device="cpu")
    height, width = picture.shape[2:]
    pixels = picture[:, :, _mirrored(y, height).to(picture.device)][..., _mirrored(x, width).to(picture.device)].float()
    if factor > 1:
        pixels = F.avg_pool2d(pixels, factor)
    outside = _outside(bounds, x, y, width, height, side)
    if outside is not None:
        depth = F.avg_pool2d(outside[None, None], factor)[0, 0] if factor > 1 else outside
        depth = depth.to(pixels)
        pixels = pixels + (_blurred(pixels, _BLUR * side / factor) - pixels) * (depth * 3.0 + 1.0).clamp(0.0, 1.0)
        median = pixels.flatten(2).median(dim=2).values[..., None, None]
        pixels = pixels + (median - pixels) * depth.clamp(0.0, 1.0)
    return Patch(pixels, left, top, factor)


def _mirrored(positions: torch.Tensor, length: int) -> torch.Tensor:
    """Positions beyond a border as those as far inside it, as often as needed."""
    if length == 1:
        return torch.zeros_like(positions)
    folded = positions % (2 * length - 2)
    return torch.where(folded < length, folded, 2 * length - 2 - folded)


def _outside(
    bounds: tuple[float, float, float, float], x: torch.Tensor, y: torch.Tensor, width: int, height: int, side: float
) -> torch.Tensor | None:
    """How far outside the picture each place is: 0 at its border, 1 at the box's, below 0 inside; None if all is in."""
    # Left, right, top, bottom.
    needed = (-bounds[0], bounds[2] - width, -bounds[1], bounds[3] - height)
    if max(needed) <= 0:
        return None
    pads = [max(need, _LEAST_PAD * side) for need in needed]
    x, y = x.float(), y.float()
    across = torch.maximum(-(x + 0.5) / pads[0], (x + 0.5 - width) / pads[1])
    along = torch.maximum(-(y + 0.5) / pads[2], (y + 0.5 - height) / pads[3])
    return torch.maximum(across[None, :], along[:, None])


def _blurred(pixels: torch.Tensor, sigma: float) -> torch.Tensor:
    """Gaussian blur, the edge repeated."""
    radius = math.ceil(3.0 * sigma)
    offsets = torch.arange(-radius, radius + 1, dtype=torch.float32, device=pixels.device)
    taps = torch.exp(-0.5 * (offsets / max(sigma, 1e-6)).square())
    taps = taps / taps.sum()
    planes = pixels.flatten(0, 1)[:, None]
    planes = F.conv2d(F.pad(planes, (radius, radius, 0, 0), mode="replicate"), taps[None, None, None])
    planes = F.conv2d(F.pad(planes, (0, 0, radius, radius), mode="replicate"), taps[None, None, :, None])
    return planes[:, 0].unflatten(0, pixels.shape[:2])
