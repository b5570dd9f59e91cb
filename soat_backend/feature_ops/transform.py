"""Rotate, scale, move and mirror a feature map on its canvas (Source: SOAT, section 3.1; Broad et al. 2021)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch

from ..support.errors import require_between, require_choice
from ..synthesis.edits import Edit, apply_edit, fold, select_channels, spread_over_mask
from ..synthesis.feature_map import FeatureMap
from ..synthesis.weights import resize_mask

BORDERS = ("reflect", "replicate", "circular")
MAX_DEGREES = 360.0
SMALLEST_SCALE, LARGEST_SCALE = 0.05, 20.0
MAX_MOVE = 16.0
# Positions this near to a pixel's centre are on it, so that flips, quarter turns and whole shifts are exact.
_SNAP = 1e-6


@dataclass(frozen=True)
class Placement:
    """How a picture is put down anew on its canvas: first mirrored, then scaled, turned and moved, about its middle.

    Attributes:
        rotate: Degrees, clockwise.
        scale: Above 1 is larger.
        right: Move, as a fraction of the canvas's width.
        down: Move, as a fraction of its height.
        flip_horizontal: Left becomes right.
        flip_vertical: Top becomes bottom.
    """

    rotate: float = 0.0
    scale: float = 1.0
    right: float = 0.0
    down: float = 0.0
    flip_horizontal: bool = False
    flip_vertical: bool = False

    def __post_init__(self) -> None:
        require_between("TransformFeatures, rotate", self.rotate, -MAX_DEGREES, MAX_DEGREES)
        require_between("TransformFeatures, scale", self.scale, SMALLEST_SCALE, LARGEST_SCALE)
        for name, move in (("translate_x", self.right), ("translate_y", self.down)):
            require_between(f"TransformFeatures, {name}", move, -MAX_MOVE, MAX_MOVE)

    @property
    def changes_nothing(self) -> bool:
        """Whether everything stays where it is."""
        return self == Placement(rotate=self.rotate) and self.rotate % 360 == 0

    @property
    def keeps_seams(self) -> bool:
        """Whether a canvas that wraps still does: its opposite edges stay opposite."""
        return self.scale == 1.0 and self.rotate % 180 == 0

    def sources(self, height: int, width: int) -> tuple[torch.Tensor, torch.Tensor]:
        """For each pixel of a canvas, where it comes from: rows and columns `[height, width]` float64, in pixels."""
        y = torch.arange(height, dtype=torch.float64, device="cpu")[:, None] + 0.5 - height / 2 - self.down * height
        x = torch.arange(width, dtype=torch.float64, device="cpu")[None, :] + 0.5 - width / 2 - self.right * width
        cosine, sine = _turn(self.rotate)
        along_x = (cosine * x + sine * y) / self.scale
        along_y = (cosine * y - sine * x) / self.scale
        rows = (-along_y if self.flip_vertical else along_y) + height / 2 - 0.5
        columns = (-along_x if self.flip_horizontal else along_x) + width / 2 - 0.5
        return rows, columns


def _turn(degrees: float) -> tuple[float, float]:
    """Cosine and sine, exact for quarter turns."""
    quarters, rest = divmod(degrees % 360, 90)
    if rest == 0:
        return ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[int(quarters)]
    return math.cos(math.radians(degrees)), math.sin(math.radians(degrees))


@dataclass(frozen=True, eq=False)
class TransformEdit(Edit):
    """A placement, shown where a mask says."""

    source_height: float
    source_width: float
    placement: Placement
    border_y: str
    border_x: str
    mask: torch.Tensor | None

    def apply(self, x: torch.Tensor, resolution: int) -> torch.Tensor:
        """Transform at one layer's size, bilinearly (not antialiased)."""
        height, width = round(self.source_height * resolution), round(self.source_width * resolution)
        x = x.expand(-1, -1, height, width)
        rows, columns = self.placement.sources(height, width)
        moved = self._sample(x, rows, columns)
        if self.mask is None:
            return moved
        mask = resize_mask(self.mask, height, width, x.device).to(x.dtype)
        return (1.0 - mask) * x + mask * moved

    def _sample(self, x: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
        upper, share_y = _split(rows)
        left, share_x = _split(columns)
        total = torch.zeros_like(x)
        for down, weight_y in ((0, 1.0 - share_y), (1, share_y)):
            for right, weight_x in ((0, 1.0 - share_x), (1, share_x)):
                weight = weight_y * weight_x
                if not weight.any():
                    continue
                source_rows = fold(upper + down, x.shape[2], self.border_y).to(x.device)
                source_columns = fold(left + right, x.shape[3], self.border_x).to(x.device)
                total += x[:, :, source_rows, source_columns] * weight.to(x.dtype).to(x.device)
        return total


def _split(positions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """A position as the pixel before it and the share of the one after."""
    nearest = positions.round()
    positions = torch.where((positions - nearest).abs() < _SNAP, nearest, positions)
    before = positions.floor()
    return before.long(), positions - before


def transform(
    features: FeatureMap,
    placement: Placement,
    *,
    border: str = "reflect",
    channels: str = "all",
    mask: torch.Tensor | None = None,
) -> FeatureMap:
    """Put a feature map down anew on its canvas: turned, scaled, moved, mirrored.

    Args:
        features: Any.
        placement: Where everything goes.
        border: One of BORDERS: what comes in from beyond the edges. An axis that wraps is always circular.
        channels: As of `select_channels`. With all of them the RGB skip and the branches' weights go along; a part of
            them moves alone, and the colours made so far stay.
        mask: `[B or 1, 1, H, W]` in [0, 1]: where the result shows; elsewhere everything stays.

    Returns:
        Features of the same canvas. Noise stays where it is. A canvas that wraps goes on doing so only if its opposite
        edges stay opposite (no turn but by 180 degrees, no scale), or there is a mask.

    Raises:
        SoatError: A word or a list of channels that can't be read.
        FeatureError: A mask that doesn't fit.
    """
    require_choice("TransformFeatures, border", border, BORDERS)
    selected = select_channels(channels, features.activation.shape[1], "TransformFeatures")
    if mask is not None:
        features = spread_over_mask(features, mask, "TransformFeatures")
    if placement.changes_nothing:
        return features
    canvas, resolution = features.canvas, features.sampling_rate
    edit = TransformEdit(
        canvas.height / resolution,
        canvas.width / resolution,
        placement,
        "circular" if canvas.wrap_y else border,
        "circular" if canvas.wrap_x else border,
        mask,
    )
    if selected.all():
        edited = apply_edit(features, edit)
    else:
        moved = edit.apply(features.activation, resolution)
        edited = replace(features, activation=torch.where(selected.to(moved.device), moved, features.activation))
    # Under a mask the edges are what they were, or meet as well as the mask's own.
    keeps = placement.keeps_seams or mask is not None
    return replace(edited, wrap_y=features.wrap_y and keeps, wrap_x=features.wrap_x and keeps)
