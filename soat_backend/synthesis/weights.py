"""How much a branch counts, at each place of the canvas and each layer: small expressions, evaluated layer by layer.

Ramps and boxes are computed anew at each layer's size, masks are resized to it (Source: method of SOAT, section 3.2).
A map may have a side of length 1 where it is the same all along the canvas, so that a panorama's ramps stay cheap.
All of it happens on the CPU: the loop asks each map where it is zero, and an accelerator that is asked something first
finishes all that it was given.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

import torch
import torch.nn.functional as F

from ..generators.layers import Layer
from ..support.errors import FeatureError, number_text
from ..support.runtime import ON_CPU

_CPU = torch.device("cpu")


@dataclass(frozen=True)
class Grid:
    """Where a weight is asked for: a layer, and the canvas's size there in pixels, without its margins."""

    layer: Layer
    height: int
    width: int


def with_margins(values: torch.Tensor, above: int, left: int) -> torch.Tensor:
    """A map drawn out beyond its edges, over the margins of a layer's canvas; sides of length 1 stay.

    Args:
        values: `[B, C, H or 1, W or 1]`.
        above: Samples more above and below.
        left: Samples more at the left and at the right.
    """
    above, left = (size if side > 1 else 0 for size, side in zip((above, left), values.shape[2:], strict=True))
    return F.pad(values, (left, left, above, above), mode="replicate") if above or left else values


class Weight(ABC):
    """How much a branch counts at each place of the canvas, at each layer."""

    @abstractmethod
    def at(self, grid: Grid) -> torch.Tensor:
        """The map at one layer, `[B or 1, 1, H or 1, W or 1]` float32 in [0, 1], on the CPU."""

    def reach(self, axis: int) -> tuple[float, float] | None:
        """The interval of an axis outside which the weight is zero at every layer, but for rounding to pixels.

        Args:
            axis: 2, down the canvas, or 3, across.

        Returns:
            (begin, end) in lengths from the canvas's top or left, on a canvas that wraps perhaps beyond its ends;
            None: it may count anywhere.
        """
        return None


@dataclass(frozen=True)
class One(Weight):
    """The weight of a branch that is alone: 1 everywhere."""

    def at(self, grid: Grid) -> torch.Tensor:
        """The map `[1, 1, 1, 1]`: it is 1 everywhere."""
        return _everywhere(1.0)


@dataclass(frozen=True, eq=False)
class Item(Weight):
    """The weight of one image of a batch."""

    parent: Weight
    index: int

    def at(self, grid: Grid) -> torch.Tensor:
        """The image's map at one layer, as a batch of one."""
        values = self.parent.at(grid)
        return values if values.shape[0] == 1 else values[self.index : self.index + 1]

    def reach(self, axis: int) -> tuple[float, float] | None:
        """The interval that the parent weight has for the whole batch."""
        return self.parent.reach(axis)


MASK_ROUNDING = 1e-4
SHAPES = ("constant", "left_to_right", "top_to_bottom")


@dataclass(frozen=True, eq=False)
class Alpha(Weight):
    """The share of B in an interpolation of A and B inside a range of layers, 0 outside it.

    Attributes:
        amount: In [0, 1], times the mask if there is one, else times the shape.
        shape: One of SHAPES.
        first: Index in style space of the range's first layer.
        last: Index of its last, inclusive.
        mask: `[B or 1, 1, H, W]`, resized bilinearly to each layer, or None.
    """

    amount: float
    shape: str
    first: int
    last: int
    mask: torch.Tensor | None = None

    def at(self, grid: Grid) -> torch.Tensor:
        """B's share at one layer, 0 outside the range."""
        if not self.first <= grid.layer.style_index <= self.last:
            return _everywhere(0.0)
        if self.mask is not None:
            return self.amount * resize_mask(self.mask, grid.height, grid.width, _CPU)
        if self.shape == "left_to_right":
            return self.amount * ramp(grid.width)[None, None, None, :]
        if self.shape == "top_to_bottom":
            return self.amount * ramp(grid.height)[None, None, :, None]
        return _everywhere(self.amount)


@dataclass(frozen=True, eq=False)
class Share(Weight):
    """A branch's weight after an interpolation: times alpha, or times what alpha leaves over."""

    parent: Weight
    alpha: Weight
    complement: bool

    def at(self, grid: Grid) -> torch.Tensor:
        """The product at one layer; skips the parent where the factor is zero."""
        share = self.alpha.at(grid)
        share = 1.0 - share if self.complement else share
        return self.parent.at(grid) * share if bool(share.any()) else share

    def reach(self, axis: int) -> tuple[float, float] | None:
        """The parent's interval: a product is zero where a factor is."""
        return self.parent.reach(axis)


def _everywhere(value: float) -> torch.Tensor:
    return torch.full((1, 1, 1, 1), value, **ON_CPU)


def resize_mask(mask: torch.Tensor, height: int, width: int, device: torch.device) -> torch.Tensor:
    """A mask `[B, 1, h, w]` resized bilinearly to a layer's size (not antialiased, as the reference does)."""
    mask = mask.to(device)
    if mask.shape[2:] == (height, width):
        return mask
    return F.interpolate(mask, size=(height, width), mode="bilinear", align_corners=False)


def check_mask(mask: torch.Tensor, batch: int) -> None:
    """Refuse a mask unless it is `[1 or batch, 1, H, W]` in [0, 1]; with a batch of 1 its own batch decides.

    Raises:
        FeatureError: It isn't.
    """
    if mask.shape[0] != 1 and batch not in (1, mask.shape[0]):
        raise FeatureError(
            f"The mask is a batch of {mask.shape[0]}, the features of {batch}. Give one mask, or one for each image."
        )
    if bool(mask.isnan().any()):
        raise FeatureError("The mask has values that are not numbers (NaN). Look at what made it.")
    # Filters overshoot by rounding; more than that is a mask in other units.
    if mask.min() < -MASK_ROUNDING or mask.max() > 1 + MASK_ROUNDING:
        lowest, highest = (number_text(float(value)) for value in (mask.min(), mask.max()))
        raise FeatureError(f"The mask has values outside 0 to 1 (from {lowest} to {highest}). Clamp or rescale it.")


def loudness(weights: Iterable[torch.Tensor]) -> torch.Tensor:
    """What a mean of waves that have nothing in common has to be multiplied with to be as loud as each of them.

    Such waves add up by their squares, so a mean with weights w has `sqrt(sum of w^2)` of their loudness. Divided by
    that, it has weights whose squares sum to 1; where one counts alone it stays as it is, bit for bit.

    Args:
        weights: Maps `[B or 1, 1, H or 1, W or 1]`; at each place their sum is 1.

    Returns:
        A map alike, at least 1.
    """
    return reduce(torch.add, (weight.square() for weight in weights)).sqrt().reciprocal()


def ramp(size: int) -> torch.Tensor:
    """0 for the first quarter, up to 1 with both ends included, 1 for the last quarter (Source: `blend` of SOAT).

    Args:
        size: Pixels n of the layer; n//4 at each end are constant. A single one is half of both.

    Returns:
        `[size]` float32.
    """
    if size == 1:
        return torch.full((1,), 0.5, **ON_CPU)
    quarter = size // 4
    return step(size, size / 2.0, size - 2 * quarter)


def step(size: int, centre: float, zone: int) -> torch.Tensor:
    """0, then a linear rise over `zone` pixels around `centre` with both ends included, then 1; `[size]` float32."""
    start = math.floor(centre - zone / 2.0 + 0.5)
    values = torch.zeros(size, **ON_CPU)
    # Written where it rises, so that a long canvas costs little more than a short one.
    begin, end = (min(max(place, 0), size) for place in (start, start + zone if zone > 1 else start))
    if begin < end:
        rise = torch.linspace(0.0, 1.0, zone, **ON_CPU)
        values[begin:end] = rise[begin - start : end - start]
    values[end:] = 1.0
    return values
