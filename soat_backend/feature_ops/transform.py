"""Rotate, scale, move and mirror a feature map on its canvas (Source: SOAT, section 3.1; Broad et al. 2021)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch

from ..geometry.frame import Affine, compose
from ..support.errors import require_between, require_choice
from ..synthesis.edits import (
    NO_MARGINS,
    Edit,
    Margins,
    apply_edit,
    resample,
    select_channels,
    spread_over_mask,
    unwrapped,
    with_edited_weight,
)
from ..synthesis.feature_map import FeatureMap
from ..synthesis.loop import begin_again
from ..synthesis.weights import resize_mask, with_margins

BORDERS = ("reflect", "replicate", "circular")
MAX_DEGREES = 360.0
SMALLEST_SCALE, LARGEST_SCALE = 0.05, 20.0
MAX_MOVE = 16.0


@dataclass(frozen=True)
class Placement:
    """How a picture is placed on its canvas: mirrored, then scaled, turned and moved, all about its middle.

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
        require_between("rotate", self.rotate, -MAX_DEGREES, MAX_DEGREES)
        require_between("scale", self.scale, SMALLEST_SCALE, LARGEST_SCALE)
        for name, move in (("translate_x", self.right), ("translate_y", self.down)):
            require_between(name, move, -MAX_MOVE, MAX_MOVE)

    @property
    def changes_nothing(self) -> bool:
        """Whether everything stays where it is."""
        return self == Placement(rotate=self.rotate) and self.rotate % 360 == 0

    @property
    def keeps_seams(self) -> bool:
        """Whether a canvas that wraps still does: its opposite edges stay opposite."""
        return self.scale == 1.0 and self.rotate % 180 == 0

    def sources(self, height: int, width: int, margins: tuple[int, int] = (0, 0)) -> tuple[torch.Tensor, torch.Tensor]:
        """The place that each pixel of a canvas comes from: rows and columns `[height, width]` float64, in pixels.

        Args:
            height: Of the canvas, with its margins.
            width: The same across.
            margins: Pixels above and below, and left and right of it, which moves don't count.
        """
        down, right = self.down * (height - 2 * margins[0]), self.right * (width - 2 * margins[1])
        y = torch.arange(height, dtype=torch.float64, device="cpu")[:, None] + 0.5 - height / 2 - down
        x = torch.arange(width, dtype=torch.float64, device="cpu")[None, :] + 0.5 - width / 2 - right
        cosine, sine = _turn(self.rotate)
        along_x = (cosine * x + sine * y) / self.scale
        along_y = (cosine * y - sine * x) / self.scale
        rows = (-along_y if self.flip_vertical else along_y) + height / 2 - 0.5
        columns = (-along_x if self.flip_horizontal else along_x) + width / 2 - 0.5
        return rows, columns

    def matrix(self, height: float, width: float) -> Affine:
        """From places of a canvas afterwards to those before; the canvas's size is in pictures."""
        cosine, sine = _turn(self.rotate)
        centred = compose(
            (cosine / self.scale, sine / self.scale, 0.0, -sine / self.scale, cosine / self.scale, 0.0),
            (1.0, 0.0, -width / 2 - self.right * width, 0.0, 1.0, -height / 2 - self.down * height),
        )
        flip_x, flip_y = (-1.0 if flip else 1.0 for flip in (self.flip_horizontal, self.flip_vertical))
        return compose((flip_x, 0.0, width / 2, 0.0, flip_y, height / 2), centred)


def _turn(degrees: float) -> tuple[float, float]:
    """Cosine and sine, exact for quarter turns."""
    quarters, rest = divmod(degrees % 360, 90)
    if rest == 0:
        return ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[int(quarters) % 4]
    return math.cos(math.radians(degrees)), math.sin(math.radians(degrees))


@dataclass(frozen=True, eq=False)
class TransformEdit(Edit):
    """A placement as an edit of maps at any layer, applied where a mask says."""

    source_height: float
    source_width: float
    placement: Placement
    border_y: str
    border_x: str
    mask: torch.Tensor | None

    def apply(self, x: torch.Tensor, resolution: int, margins: Margins = NO_MARGINS) -> torch.Tensor:
        """Transform at one layer's size, bilinearly (not antialiased); what the margins have comes in from there."""
        above, left = margins.before
        height, width = round(self.source_height * resolution), round(self.source_width * resolution)
        x = x.expand(-1, -1, height + 2 * above, width + 2 * left)
        rows, columns = self.placement.sources(x.shape[2], x.shape[3], margins.before)
        moved = resample(x, rows, columns, self.border_y, self.border_x)
        if self.mask is None:
            return moved
        mask = with_margins(resize_mask(self.mask, height, width, x.device), above, left).to(x.dtype)
        return (1.0 - mask) * x + mask * moved


def transform(
    features: FeatureMap,
    placement: Placement,
    *,
    border: str = "reflect",
    channels: str = "all",
    mask: torch.Tensor | None = None,
) -> FeatureMap:
    """Place a feature map anew on its canvas: turned, scaled, moved, mirrored.

    A map of places (Fourier features), all of it, is made anew of the places that it then has: exactly, with nothing
    drawn in from beyond its edges. Others are resampled.

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
    require_choice("border", border, BORDERS)
    selected = select_channels(channels, features.activation.shape[1])
    if mask is not None:
        features = spread_over_mask(features, mask)
    if placement.changes_nothing:
        return features
    canvas, resolution = features.inner, features.sampling_rate
    edit = TransformEdit(
        canvas.height / resolution,
        canvas.width / resolution,
        placement,
        "circular" if canvas.wrap_y else border,
        "circular" if canvas.wrap_x else border,
        mask,
    )
    if mask is None and bool(selected.all()) and features.is_of_places and not (features.wrap_y or features.wrap_x):
        return _placed_anew(features, placement, edit)
    # Under a mask the edges are what they were, or meet as well as the mask's own.
    keeps = placement.keeps_seams or mask is not None
    if selected.all():
        edited = apply_edit(features, edit)
    else:
        margins = features.layer.margins(features.canvas)
        moved = edit.apply(features.activation, resolution, Margins(margins, margins))
        moved = torch.where(selected.to(moved.device), moved, features.activation)
        edited = replace(features, activation=moved, untouched=False)
    if keeps:
        return edited
    return unwrapped(edited)


def _placed_anew(features: FeatureMap, placement: Placement, edit: TransformEdit) -> FeatureMap:
    """The map made anew, each branch's picture placed on the canvas."""
    matrix = placement.matrix(edit.source_height, edit.source_width)
    placed = features.with_branches(
        lambda branch: replace(with_edited_weight(branch, edit), frame=branch.frame.before(matrix))
    )
    return begin_again(placed, edit.source_height, edit.source_width)
