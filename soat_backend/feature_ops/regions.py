"""Soft regions of a canvas, as masks: boxes and ellipses, and several of them in one mask."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from ..support.errors import SoatError, require_between, require_choice
from ..synthesis.weights import resize_mask

REGION_SHAPES = ("box", "ellipse")
FALLOFFS = ("linear", "gaussian")
COMBINATIONS = ("add", "subtract", "intersect")
# What a region's numbers may be, in canvases.
PLACES, SIZES, MAX_FEATHER = (-1.0, 1.0), (0.0, 2.0), 0.5


@dataclass(frozen=True)
class Region:
    """A box, or the ellipse in it, with a soft edge.

    Attributes:
        x: Left edge, as a fraction of the canvas's width, -1 to 1: it may lie beyond the canvas.
        y: Top edge, as a fraction of its height.
        width: Fraction of the canvas's width, 0 to 2.
        height: Fraction of its height, 0 to 2.
        feather: Over how much of its smaller side the edge fades, 0 to 0.5.
        shape: One of REGION_SHAPES.
        falloff: `linear`: the edge rises inside the region, so that it is zero outside. `gaussian`: the hard region is
            blurred with a kernel of that length and a sigma equal to it, as the reference does (Source: `blend_bbox`
            of SOAT, which takes half the box), so that the edge lies half outside.

    Raises:
        SoatError: A number out of its range, or an unknown word.
    """

    x: float = 0.25
    y: float = 0.25
    width: float = 0.5
    height: float = 0.5
    feather: float = 0.1
    shape: str = "box"
    falloff: str = "linear"

    def __post_init__(self) -> None:
        for name in ("x", "y"):
            require_between(name, getattr(self, name), *PLACES)
        for name in ("width", "height"):
            require_between(name, getattr(self, name), *SIZES)
        require_between("feather", self.feather, 0, MAX_FEATHER)
        require_choice("shape", self.shape, REGION_SHAPES)
        require_choice("falloff", self.falloff, FALLOFFS)

    def mask(self, height: int, width: int, device: torch.device | str = "cpu") -> torch.Tensor:
        """The region at a size in pixels, `[1, 1, height, width]` float32 in [0, 1], by where pixels' centres lie."""
        fade = self.feather * min(self.width * width, self.height * height)
        draw = self._box if self.shape == "box" else self._ellipse
        if self.falloff == "linear":
            return draw(height, width, fade, device)[None, None]
        return _blur(draw(height, width, 0.0, device)[None, None], 2 * round(fade / 2) + 1)

    def _box(self, height: int, width: int, fade: float, device: torch.device | str) -> torch.Tensor:
        rows = _edges(height, self.y * height, (self.y + self.height) * height, fade, device)
        columns = _edges(width, self.x * width, (self.x + self.width) * width, fade, device)
        return rows[:, None] * columns[None, :]

    def _ellipse(self, height: int, width: int, fade: float, device: torch.device | str) -> torch.Tensor:
        half_height, half_width = self.height * height / 2, self.width * width / 2
        if not half_height or not half_width:
            return torch.zeros(height, width, dtype=torch.float32, device=device)
        down = (_centres(height, device) - self.y * height - half_height) / half_height
        right = (_centres(width, device) - self.x * width - half_width) / half_width
        # Exact for a circle; along an ellipse's longer axis the edge is as much longer.
        depth = (1.0 - torch.hypot(down[:, None], right[None, :])) * min(half_height, half_width)
        return _fade_in(depth, fade)


# What a region is until it is drawn anew: the middle half of the canvas.
MIDDLE = Region()


def _centres(size: int, device: torch.device | str) -> torch.Tensor:
    """Positions of an axis's pixel centres, in pixels from its start, `[size]`."""
    return torch.arange(size, dtype=torch.float32, device=device) + 0.5


def _edges(size: int, start: float, end: float, fade: float, device: torch.device | str) -> torch.Tensor:
    """1 inside [start, end] and 0 outside, rising linearly inside over `fade` pixels."""
    centres = _centres(size, device)
    return _fade_in(torch.minimum(centres - start, end - centres), fade)


def _fade_in(depth: torch.Tensor, fade: float) -> torch.Tensor:
    inside = (depth > 0).float()
    return inside if fade <= 0 else inside * (depth / fade).clamp(0.0, 1.0)


def _blur(mask: torch.Tensor, length: int) -> torch.Tensor:
    """Gaussian blur of `[1, 1, H, W]` with a kernel of an odd length and a sigma equal to it; borders are mirrored."""
    offsets = torch.arange(length, dtype=torch.float32, device=mask.device) - length // 2
    taps = torch.exp(-0.5 * (offsets / length) ** 2)
    taps = taps / taps.sum()
    reach = length // 2
    mask = F.conv2d(F.pad(mask, (reach, reach, 0, 0), mode="reflect"), taps[None, None, None, :])
    mask = F.conv2d(F.pad(mask, (0, 0, reach, reach), mode="reflect"), taps[None, None, :, None])
    return mask.clamp(0.0, 1.0)


def combine_masks(first: torch.Tensor, second: torch.Tensor, how: str) -> torch.Tensor:
    """One mask of two: the larger of both (add), the first without the second (subtract), the smaller (intersect).

    Args:
        first: `[A, 1, H, W]` in [0, 1].
        second: `[B, 1, h, w]`, resized bilinearly to the first's size; one of A and B is 1, or both are equal.
        how: One of COMBINATIONS.

    Raises:
        SoatError: An unknown word, or batches that don't go together.
    """
    require_choice("combine", how, COMBINATIONS)
    if first.shape[0] != second.shape[0] and 1 not in (first.shape[0], second.shape[0]):
        raise SoatError(
            f"One mask is a batch of {first.shape[0]}, the other of {second.shape[0]}. "
            "Give both the same batch size, or one of them 1."
        )
    second = resize_mask(second, first.shape[2], first.shape[3], first.device)
    if how == "add":
        return torch.maximum(first, second)
    return torch.minimum(first, 1.0 - second if how == "subtract" else second)
