"""A square cut out of a picture, turned as one likes, that can be put back."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from ...support.errors import SoatError, require_between
from ...support.runtime import ON_CPU
from .borders import Patch, read_patch

MAX_SIDE = 8192
MIN_SQUARE = 0.01
MAX_FEATHER = 0.5
# Around the square, as a part of it: what antialiasing and the blur of borders reach for.
_MARGIN = 0.1


@dataclass(frozen=True)
class Crop:
    """Where a square lies in a picture. Positions in pixels, the picture's corner being (0, 0).

    Attributes:
        centre: x and y.
        right: From the centre to the middle of the square's right side, x and y; `down` is that turned by 90 degrees.
        width: Of the picture.
        height: Of the picture.
    """

    centre: tuple[float, float]
    right: tuple[float, float]
    width: int
    height: int

    @property
    def side(self) -> float:
        """The square's side, in pixels of the picture."""
        return 2.0 * math.hypot(*self.right)

    @property
    def down(self) -> tuple[float, float]:
        """The way from the centre to the middle of the lower side, (x, y) in pixels."""
        return -self.right[1], self.right[0]

    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the box around the square."""
        reach = abs(self.right[0]) + abs(self.right[1])
        return self.centre[0] - reach, self.centre[1] - reach, self.centre[0] + reach, self.centre[1] + reach


def square_crop(width: int, height: int, x: float = 0.5, y: float = 0.5, size: float = 1.0) -> Crop:
    """A square of a picture that isn't turned and lies wholly in it.

    Args:
        width: Of the picture in pixels.
        height: Of the picture.
        x: Where, of the room there is: 0 left, 1 right.
        y: The same downwards.
        size: Side as a part of the picture's smaller one, above 0, at most 1.

    Raises:
        SoatError: A number out of its range.
    """
    for name, value in (("x", x), ("y", y)):
        require_between(name, value, 0, 1)
    require_between("size", size, MIN_SQUARE, 1)
    side = max(1.0, round(min(width, height) * size))
    left, top = round((width - side) * x), round((height - side) * y)
    return Crop((left + side / 2, top + side / 2), (side / 2, 0.0), width, height)


def cut(picture: torch.Tensor, crop: Crop, size: int) -> torch.Tensor:
    """Cut a square out of a picture; beyond the borders it is mirrored, increasingly blurred towards the edge.

    Source of the treatment of borders and resolutions: FFHQ's alignment (StyleGAN, appendix A).

    Args:
        picture: `[1, C, H, W]`.
        crop: Of that picture.
        size: Side of the result in pixels.

    Returns:
        `[1, C, size, size]` float32 on the CPU.
    """
    require_between("size", size, 1, MAX_SIDE)
    # On the CPU: MPS can't sample a picture so.
    picture = picture.cpu()
    # First averaged over whole pixels, as many as fit into one of the result, then sampled between those.
    factor = max(1, math.floor(crop.side / size))
    patch = read_patch(picture, crop.bounds(), _MARGIN * crop.side + 2 * factor, factor, crop.side)
    finer = max(1, math.ceil(crop.side / factor / size))
    steps = (torch.arange(size * finer, **ON_CPU) + 0.5) / (size * finer) * 2.0 - 1.0
    across, along = steps[None, :, None], steps[:, None, None]
    points = _tensor(crop.centre) + across * _tensor(crop.right) + along * _tensor(crop.down)
    sampled = _sample(patch, points)
    return F.avg_pool2d(sampled, finer) if finer > 1 else sampled


def _tensor(numbers: tuple[float, ...]) -> torch.Tensor:
    return torch.tensor(numbers, **ON_CPU)


def _sample(patch: Patch, points: torch.Tensor) -> torch.Tensor:
    """The patch at points `[h, w, 2]` of the picture, between its pixels bilinearly."""
    height, width = patch.pixels.shape[2:]
    own = (points - _tensor((patch.left, patch.top))) / patch.factor
    grid = own / _tensor((width, height)) * 2.0 - 1.0
    grid = grid[None].to(patch.pixels.device)
    return F.grid_sample(patch.pixels, grid, mode="bilinear", padding_mode="border", align_corners=False)


def paste(
    picture: torch.Tensor,
    edited: torch.Tensor,
    crop: Crop,
    feather: float = 0.1,
    mask: torch.Tensor | None = None,
) -> torch.Tensor:
    """Put an edited square back where it was cut out.

    Args:
        picture: `[1, C, H, W]`, the one that it was cut out of.
        edited: `[1, C, h, h]`, of any size.
        crop: Where it was.
        feather: How wide the way from the picture to the square is, as a part of the square's side; 0: a hard edge.
        mask: `[1, 1, h, w]` in 0..1, stretched over the square: what to put back.

    Returns:
        `[1, C, H, W]` on the CPU; outside the square the picture bit for bit.

    Raises:
        SoatError: The crop is of a picture of another size, or the square isn't one.
    """
    require_between("feather", feather, 0, MAX_FEATHER)
    height, width = picture.shape[2:]
    if (width, height) != (crop.width, crop.height):
        raise SoatError(
            f"The square was cut out of a picture of {crop.width} x {crop.height}, and this one is {width} x {height}. "
            "Take the picture that the square was cut out of."
        )
    if edited.shape[2] != edited.shape[3]:
        raise SoatError(
            f"What is put back has to be a square, got {edited.shape[3]} x {edited.shape[2]}. Render the picture "
            "without widening it, or cut a square out of it."
        )
    left, top, right, bottom = crop.bounds()
    left, top = max(0, math.floor(left)), max(0, math.floor(top))
    right, bottom = min(width, math.ceil(right)), min(height, math.ceil(bottom))
    picture, edited = picture.cpu(), edited.cpu()
    result = picture.clone()
    if right <= left or bottom <= top:
        return result
    y, x = torch.meshgrid(
        torch.arange(top, bottom, **ON_CPU) + 0.5, torch.arange(left, right, **ON_CPU) + 0.5, indexing="ij"
    )
    offset = torch.stack((x - crop.centre[0], y - crop.centre[1]), dim=-1)
    half = crop.side / 2.0
    # -1..1 in the square.
    place = torch.stack([offset @ _tensor(axis) / half**2 for axis in (crop.right, crop.down)], dim=-1)
    grid = place[None].to(picture.device)
    most = round(crop.side)
    if edited.shape[2] > most:
        edited = F.interpolate(edited, size=(most, most), mode="bilinear", antialias=True)
    square = F.grid_sample(edited.to(picture), grid, mode="bilinear", padding_mode="border", align_corners=False)
    inside = (1.0 - place.abs().amax(dim=-1)) / 2.0  # As a part of the square's side, below 0 outside.
    rise = (inside / feather).clamp(0.0, 1.0) if feather else (inside >= 0).float()
    weight = (rise * rise * (3.0 - 2.0 * rise))[None, None].to(picture)
    if mask is not None:
        weight = weight * F.grid_sample(
            mask.to(picture), grid, mode="bilinear", padding_mode="border", align_corners=False
        ).clamp(0.0, 1.0)
    region = result[:, :, top:bottom, left:right]
    region.copy_(region.lerp(square, weight))
    return result
