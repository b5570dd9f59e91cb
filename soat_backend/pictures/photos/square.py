"""A square, or another rectangle, cut out of a picture, turned as one likes, that can be put back."""

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
MAX_ASPECT = 10.0
# Around the square, as a part of it: what antialiasing and the blur of borders reach for.
_MARGIN = 0.1
# By how much what is put back may be narrower or wider than what was cut out: what models' sizes are rounded to.
_ASPECT_TOLERANCE = 0.01


@dataclass(frozen=True)
class Crop:
    """Where a square lies in a picture. Positions in pixels, the picture's corner being (0, 0).

    Attributes:
        centre: x and y.
        right: From the centre to the middle of the square's right side, x and y; `down` is that turned by 90 degrees.
        width: Of the picture.
        height: Of the picture.
        half_height: From the centre to the middle of the lower side, of a rectangle; None: of a square.
    """

    centre: tuple[float, float]
    right: tuple[float, float]
    width: int
    height: int
    half_height: float | None = None

    @property
    def sides(self) -> tuple[float, float]:
        """Height and width of what is cut out, in pixels of the picture."""
        width = 2.0 * math.hypot(*self.right)
        return width if self.half_height is None else 2.0 * self.half_height, width

    @property
    def aspect(self) -> float:
        """Its width over its height."""
        height, width = self.sides
        return width / height

    @property
    def side(self) -> float:
        """The square's side, in pixels of the picture; of a rectangle the longer one."""
        return max(self.sides)

    @property
    def down(self) -> tuple[float, float]:
        """The way from the centre to the middle of the lower side, (x, y) in pixels."""
        if self.half_height is None:
            return -self.right[1], self.right[0]
        half_width = math.hypot(*self.right)
        # The direction first: along an axis it is exact.
        return -self.right[1] / half_width * self.half_height, self.right[0] / half_width * self.half_height

    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the box around the square."""
        across, along = (abs(self.right[axis]) + abs(self.down[axis]) for axis in (0, 1))
        return self.centre[0] - across, self.centre[1] - along, self.centre[0] + across, self.centre[1] + along


def size_of(aspect: float, size: int) -> tuple[int, int]:
    """Height and width in pixels of a rectangle whose longer side has `size` of them."""
    return max(1, round(size * min(1.0, 1.0 / aspect))), max(1, round(size * min(1.0, aspect)))


def square_crop(
    width: int, height: int, x: float = 0.5, y: float = 0.5, size: float = 1.0, aspect: float = 1.0
) -> Crop:
    """A square of a picture, or another rectangle, that isn't turned and lies wholly in it, on whole pixels.

    Args:
        width: Of the picture in pixels.
        height: Of the picture.
        x: Where, of the room there is: 0 left, 1 right.
        y: The same downwards.
        size: Side as a part of the largest there is room for: of a square, of the picture's smaller side. Above 0, at
            most 1.
        aspect: Width over height, 1 / MAX_ASPECT to MAX_ASPECT; 1: a square.

    Raises:
        SoatError: A number out of its range.
    """
    for name, value in (("x", x), ("y", y)):
        require_between(name, value, 0, 1)
    require_between("size", size, MIN_SQUARE, 1)
    require_between("aspect", aspect, 1 / MAX_ASPECT, MAX_ASPECT)
    across = max(1.0, round(min(width, height * aspect) * size))
    down = max(1.0, round(min(height, width / aspect) * size))
    left, top = round((width - across) * x), round((height - down) * y)
    return Crop(
        (left + across / 2, top + down / 2), (across / 2, 0.0), width, height, None if aspect == 1.0 else down / 2
    )


def cut(picture: torch.Tensor, crop: Crop, size: int | tuple[int, int]) -> torch.Tensor:
    """Cut a square out of a picture; beyond the borders it is mirrored, increasingly blurred towards the edge.

    Source of the treatment of borders and resolutions: FFHQ's alignment (StyleGAN, appendix A).

    Args:
        picture: `[1, C, H, W]`.
        crop: Of that picture.
        size: Side of the result in pixels; of a rectangle its height and width.

    Returns:
        `[1, C, height, width]` float32 on the CPU.
    """
    sizes = (size, size) if isinstance(size, int) else size
    for each in sizes:
        require_between("size", each, 1, MAX_SIDE)
    # On the CPU: MPS can't sample a picture so.
    picture = picture.cpu()
    # First averaged over whole pixels, as many as fit into one of the result, then sampled between those.
    factor = max(1, min(math.floor(side / each) for side, each in zip(crop.sides, sizes, strict=True)))
    patch = read_patch(picture, crop.bounds(), _MARGIN * crop.side + 2 * factor, factor, crop.side)
    finer = [max(1, math.ceil(side / factor / each)) for side, each in zip(crop.sides, sizes, strict=True)]
    counts = [each * times for each, times in zip(sizes, finer, strict=True)]
    rows, columns = ((torch.arange(count, **ON_CPU) + 0.5) / count * 2.0 - 1.0 for count in counts)
    across, along = columns[None, :, None], rows[:, None, None]
    points = _tensor(crop.centre) + across * _tensor(crop.right) + along * _tensor(crop.down)
    sampled = _sample(patch, points)
    return F.avg_pool2d(sampled, finer) if max(finer) > 1 else sampled


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
        edited: `[1, C, h, w]`, of any size and the crop's shape.
        crop: Where it was.
        feather: How wide the way from the picture to the square is, as a part of the square's (shorter) side; 0: a
            hard edge.
        mask: `[1, 1, h, w]` in 0..1, stretched over the square: what to put back.

    Returns:
        `[1, C, H, W]` on the CPU; outside the square the picture bit for bit.

    Raises:
        SoatError: The crop is of a picture of another size, or what is put back isn't of its shape.
    """
    require_between("feather", feather, 0, MAX_FEATHER)
    height, width = picture.shape[2:]
    if (width, height) != (crop.width, crop.height):
        raise SoatError(
            f"The square was cut out of a picture of {crop.width} x {crop.height}, and this one is {width} x {height}. "
            "Take the picture that the square was cut out of."
        )
    if not _has_shape(edited.shape[2], edited.shape[3], crop):
        tall, wide = crop.sides
        what = "a square" if crop.half_height is None else f"{wide:.0f} x {tall:.0f} or as wide for its height"
        raise SoatError(
            f"What is put back has to be {what}, got {edited.shape[3]} x {edited.shape[2]}. Render the picture "
            "without widening it, or cut a part of that shape out of it."
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
    halves = [side / 2.0 for side in crop.sides[::-1]]
    # -1..1 in the square.
    axes = zip((crop.right, crop.down), halves, strict=True)
    place = torch.stack([offset @ _tensor(axis) / half**2 for axis, half in axes], dim=-1)
    grid = place[None].to(picture.device)
    most = [max(round(side), 1) for side in crop.sides]
    if edited.shape[2] > most[0] or edited.shape[3] > most[1]:
        edited = F.interpolate(edited, size=most, mode="bilinear", antialias=True)
    square = F.grid_sample(edited.to(picture), grid, mode="bilinear", padding_mode="border", align_corners=False)
    # As a part of the (shorter) side, below 0 outside.
    inside = ((1.0 - place.abs()) * (_tensor((halves[0], halves[1])) / (2.0 * min(halves)))).amin(dim=-1)
    rise = (inside / feather).clamp(0.0, 1.0) if feather else (inside >= 0).float()
    weight = (rise * rise * (3.0 - 2.0 * rise))[None, None].to(picture)
    if mask is not None:
        weight = weight * F.grid_sample(
            mask.to(picture), grid, mode="bilinear", padding_mode="border", align_corners=False
        ).clamp(0.0, 1.0)
    region = result[:, :, top:bottom, left:right]
    region.copy_(region.lerp(square, weight))
    return result


def _has_shape(height: int, width: int, crop: Crop) -> bool:
    """Whether a picture is as wide for its height as what was cut out, but for what whole pixels make of that."""
    if crop.half_height is None:
        return height == width
    allowed = 0.5 + max(height, width) * (_ASPECT_TOLERANCE + 0.5 / crop.side)
    off = width - height * crop.aspect if width < height else height - width / crop.aspect
    return abs(off) <= allowed
