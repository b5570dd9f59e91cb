"""What all geometric edits share: activation, RGB skip and every branch's weight are changed alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

import torch

from ..geometry.canvas import Canvas, Window, read
from ..support.index_ranges import parse_picks
from .feature_map import Branch, FeatureMap
from .weights import Grid, One, Weight, check_mask

ALL_CHANNELS = "all"
# Positions this near to a pixel's centre are on it, so that flips, quarter turns and whole shifts are exact.
_SNAP = 1e-6


@dataclass(frozen=True)
class Margins:
    """Samples of maps beyond each end of their canvases: (above and below, left and right)."""

    before: tuple[int, int] = (0, 0)
    after: tuple[int, int] = (0, 0)


NO_MARGINS = Margins()


class Edit(ABC):
    """A change of place on the canvas that can be done at any layer's size.

    Attributes:
        source_height: The canvas before it, a length as of `Layer`.
        source_width: The same across.
    """

    source_height: float
    source_width: float

    @abstractmethod
    def apply(self, x: torch.Tensor, resolution: int, margins: Margins = NO_MARGINS) -> torch.Tensor:
        """Change an activation or RGB skip.

        Args:
            x: `[B, C, H, W]` of the source canvas.
            resolution: The layer's sampling rate.
            margins: Of x, and of what comes out.
        """

    def apply_to_weight(self, weight: torch.Tensor, resolution: int) -> torch.Tensor:
        """Change a weight map, so that the branches' weights go on summing to 1.

        Args:
            weight: `[B, 1, H or 1, W or 1]`; a side of 1 stands for the same value all along the canvas.
            resolution: As of `apply`.
        """
        return self.apply(weight, resolution)


@dataclass(frozen=True, eq=False)
class Edited(Weight):
    """A branch's weight after a geometric edit of the canvas."""

    parent: Weight
    edit: Edit

    def at(self, grid: Grid) -> torch.Tensor:
        """The parent's map on the canvas before the edit, edited."""
        resolution = grid.layer.sampling_rate
        height, width = round(self.edit.source_height * resolution), round(self.edit.source_width * resolution)
        before = self.parent.at(Grid(grid.layer, height, width))
        return self.edit.apply_to_weight(before, resolution)


def apply_edit(features: FeatureMap, edit: Edit, wrap_y: bool | None = None, wrap_x: bool | None = None) -> FeatureMap:
    """Edit a feature map: its tensors, and its branches' weights at all layers to come.

    Args:
        features: Any.
        edit: What to do.
        wrap_y: Whether the result wraps from top to bottom; None: as the features do.
        wrap_x: The same across.
    """
    after = Canvas(1, 1, features.wrap_y if wrap_y is None else wrap_y, features.wrap_x if wrap_x is None else wrap_x)
    layer = features.layer
    margins = Margins(layer.margins(features.canvas), layer.margins(after))

    edited = features.with_tensors(lambda x: edit.apply(x, layer.sampling_rate, margins))
    edited = edited.with_branches(lambda branch: with_edited_weight(branch, edit))
    return replace(edited, wrap_y=after.wrap_y, wrap_x=after.wrap_x)


def with_edited_weight(branch: Branch, edit: Edit) -> Branch:
    """A branch whose weight is edited at all layers to come; one that is 1 everywhere stays so."""
    return branch if isinstance(branch.weight, One) else replace(branch, weight=Edited(branch.weight, edit))


def unwrapped(features: FeatureMap) -> FeatureMap:
    """The same features on a canvas that doesn't wrap; where layers have margins, they show the other side."""
    if not (features.wrap_y or features.wrap_x):
        return features
    above, left = features.layer.margins(replace(features.canvas, wrap_y=False, wrap_x=False))
    above, left = above if features.wrap_y else 0, left if features.wrap_x else 0
    if above or left:
        canvas, window = features.canvas, features.canvas.window
        window = Window(-above, -left, window.height + 2 * above, window.width + 2 * left)
        features = features.with_tensors(lambda x: read(x, canvas, window, halo=0))
    return replace(features, wrap_y=False, wrap_x=False)


def spread_over_mask(features: FeatureMap, mask: torch.Tensor) -> FeatureMap:
    """The features as a batch as large as a mask's: one mask an item.

    Raises:
        FeatureError: The mask `[B or 1, 1, H, W]` isn't of the features' batch, or not in [0, 1].
    """
    check_mask(mask, features.batch)
    batch = max(features.batch, mask.shape[0])
    return features.with_tensors(lambda x: x.expand(batch, -1, -1, -1), untouched=features.untouched)


def select_channels(text: str, count: int) -> torch.Tensor:
    """Which channels an edit is for: `all`, or some as `parse_picks` reads them.

    Returns:
        `[count, 1, 1]` bool.

    Raises:
        SoatError: The text can't be read, or names no channel that is there.
    """
    selected = torch.full((count, 1, 1), text.strip().lower() == ALL_CHANNELS, device="cpu")
    if not selected.any():
        selected[parse_picks(text, count, "channels")] = True
    return selected


def fold(position: torch.Tensor, size: int, mode: str) -> torch.Tensor:
    """Map positions of an axis that lie beyond its ends onto it.

    Args:
        position: Any whole numbers.
        size: Of the axis.
        mode: `circular`: it begins anew. `reflect`: mirrored, back and forth, the edge pixel not repeated. Anything
            else: its edge pixel goes on.
    """
    if mode == "circular":
        return position % size
    if mode == "reflect" and size > 1:
        position = position % (2 * size - 2)
        return torch.minimum(position, 2 * size - 2 - position)
    return position.clamp(0, size - 1)


def resample(x: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor, border_y: str, border_x: str) -> torch.Tensor:
    """Read `[B, C, H, W]` at any places, bilinearly (not antialiased).

    Args:
        x: A map with its margins.
        rows: `[h, w]` float64, where each pixel of the result comes from.
        columns: The same across.
        border_y: What lies beyond the top and the bottom, as of `fold`.
        border_x: The same across.
    """
    upper, share_y = _split(rows)
    left, share_x = _split(columns)
    total = torch.zeros_like(x[:, :, :1, :1]).expand(-1, -1, *rows.shape).contiguous()
    for down, weight_y in ((0, 1.0 - share_y), (1, share_y)):
        for right, weight_x in ((0, 1.0 - share_x), (1, share_x)):
            weight = weight_y * weight_x
            if not weight.any():
                continue
            source_rows = fold(upper + down, x.shape[2], border_y).to(x.device)
            source_columns = fold(left + right, x.shape[3], border_x).to(x.device)
            total += x[:, :, source_rows, source_columns] * weight.to(x.dtype).to(x.device)
    return total


def _split(positions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """A position as the pixel before it and the share of the one after."""
    nearest = positions.round()
    positions = torch.where((positions - nearest).abs() < _SNAP, nearest, positions)
    before = positions.floor()
    return before.long(), positions - before


def take(x: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
    """Gather rows and columns of `[B, C, H, W]`. The memory's order stays."""
    if x.is_contiguous(memory_format=torch.channels_last) and not x.is_contiguous():
        # Seen as it lies in memory, since gathering along other axes would be slow and change the order.
        return _take(x.permute(0, 2, 3, 1), (1, rows), (2, columns)).permute(0, 3, 1, 2)
    return _take(x, (2, rows), (3, columns))


def take_weight(weight: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
    """As `take` of a weight map, whose side of length 1 stands for the same value all along, and goes on doing so."""
    return _take(weight, *((axis, index) for axis, index in ((2, rows), (3, columns)) if weight.shape[axis] > 1))


def _take(x: torch.Tensor, *indices: tuple[int, torch.Tensor]) -> torch.Tensor:
    for axis, index in indices:
        first, count = int(index[0]), len(index)
        if torch.equal(index, torch.arange(first, first + count, device="cpu")):
            x = x.narrow(axis, first, count)
        else:
            x = x.index_select(axis, index.to(x.device))
    return x.contiguous()
