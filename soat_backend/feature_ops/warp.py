"""Pull places of a feature map to where they are wanted; what is around them comes along, less and less.

Source: Arad, Dyn, Reisfeld and Yeshurun 1994, Image warping by radial basis functions. Deviations: the way is gone in
small steps, so that nothing folds over, and a point reaches less far where another one near it goes elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from ..generators import Generator
from ..generators.layers import Layer
from ..geometry.points import Drag, find_meeting
from ..support.errors import SoatError, require_between
from ..synthesis.edits import NO_MARGINS, Edit, Margins, apply_edit, resample, spread_over_mask
from ..synthesis.feature_map import FeatureMap
from ..synthesis.weights import resize_mask, with_margins

SMALLEST_RADIUS, LARGEST_RADIUS = 0.01, 4.0
MAX_AMOUNT = 2.0
# A step is at most this part of the radius: from 1.6 on, a Gaussian's flank would fold over.
_STEP = 0.4
_MAX_STEPS = 64
# Parts of the way at which the points are looked at for one that comes near another.
_LOOKED_AT = tuple(index / 8 for index in range(9))
# Of the distance to the next point that goes elsewhere.
_NEAR = 0.75
# Points that nearly meet on their way have no exact field between them.
_RIDGE = 1e-6
# Ways that differ by less, in pictures, are one.
_ONE_WAY = 1e-6


def warped_layer(generator: Generator) -> Layer:
    """The first layer of a quarter of the picture's resolution: coarser maps hardly say where things are."""
    finest = generator.layers.last.sampling_rate
    made = (layer for layer in generator.layers.layers if not layer.of_places)
    return next(layer for layer in made if 4 * layer.sampling_rate >= finest)


def warp(
    features: FeatureMap,
    drags: Sequence[Sequence[Drag]],
    *,
    radius: float = 0.15,
    amount: float = 1.0,
    mask: torch.Tensor | None = None,
) -> FeatureMap:
    """Pull places of a feature map, and of its colours so far, to where they are wanted.

    Args:
        features: Any. Of maps coarser than `warped_layer` pictures hardly move: what is where is decided later.
        drags: For each picture, or one list for all; places in parts of the canvas. An anchor stays.
        radius: How far a point reaches: the standard deviation of a Gaussian, in pictures.
        amount: How far of the way, -2..2: 0 changes nothing, 1 reaches the targets, below 0 is the other way.
        mask: `[B or 1, 1, H, W]` in [0, 1]: how far each place may come along.

    Returns:
        Features of the same canvas, wrapped as before. Noise stays where it is.

    Raises:
        SoatError: A value out of range, two points with one target, or lists of points for another number of pictures.
        FeatureError: A mask that doesn't fit.
    """
    require_between("radius", radius, SMALLEST_RADIUS, LARGEST_RADIUS)
    require_between("amount", amount, -MAX_AMOUNT, MAX_AMOUNT)
    if mask is not None:
        features = spread_over_mask(features, mask)
    if len(drags) > 1:
        features = _spread(features, len(drags))
    for some in drags:
        if met := find_meeting([drag.target for drag in some]):
            raise SoatError(
                f"points: points {met[0]} and {met[1]} end at one place, {list(some[met[0] - 1].target)}, where the "
                "map would fold. Move one of the targets a little."
            )
    if amount == 0.0 or not any(drag.start != drag.target for some in drags for drag in some):
        return features
    canvas, resolution = features.inner, features.sampling_rate
    size = canvas.height / resolution, canvas.width / resolution
    wraps = canvas.wrap_y, canvas.wrap_x
    fields = tuple(Field.of(some, size, wraps, radius, amount) for some in drags)
    return apply_edit(features, WarpEdit(*size, fields, mask))


def _spread(features: FeatureMap, lists: int) -> FeatureMap:
    """The features as a batch of one picture for each list of points."""
    if features.batch not in (1, lists):
        raise SoatError(
            f"points: lists for {lists} pictures, and there are {features.batch}. Give one list for all, or one for "
            "each."
        )
    return features.with_tensors(lambda x: x.expand(lists, -1, -1, -1), untouched=features.untouched)


@dataclass(frozen=True, eq=False)
class Field:
    """Where each place of a canvas comes from.

    Attributes:
        starts: Of the points, `[N, 2]` float64: down and to the right, as lengths of `Layer`.
        ways: What they are moved by, the same.
        size: Height and width of the canvas.
        wraps: Whether it does, down and across.
        radius: In pictures.
    """

    starts: torch.Tensor
    ways: torch.Tensor
    size: tuple[float, float]
    wraps: tuple[bool, bool]
    radius: float

    @classmethod
    def of(
        cls,
        drags: Sequence[Drag],
        size: tuple[float, float],
        wraps: tuple[bool, bool],
        radius: float,
        amount: float,
    ) -> Field:
        """The field of some drags in parts of a canvas, gone to a part of their way."""
        height, width = size
        ends = [[(x, y) for x, y in (drag.start, drag.target)] for drag in drags]
        places = torch.tensor(ends, dtype=torch.float64, device="cpu").reshape(-1, 2, 2).flip(2)
        places = places * torch.tensor([height, width], dtype=torch.float64, device="cpu")
        return cls(places[:, 0], (places[:, 1] - places[:, 0]) * amount, size, wraps, radius)

    def sources(self, places: torch.Tensor) -> torch.Tensor:
        """Where places `[..., 2]` come from, the same."""
        if not len(self.starts):
            return places
        steps = self._steps()
        for step in range(steps, 0, -1):
            at = self.starts + self.ways * (step / steps)
            reaches = self._reaches(at)
            likeness = self._gaussians(at, at, reaches)
            ridge = _RIDGE * torch.eye(len(at), dtype=torch.float64, device="cpu")
            weights = torch.linalg.solve(likeness + ridge, self.ways / steps)
            places = places - self._gaussians(places, at, reaches) @ weights
        return places

    def _steps(self) -> int:
        least = min(float(self._reaches(self.starts + self.ways * part).min()) for part in _LOOKED_AT)
        longest = float(self.ways.norm(dim=1).max())
        return min(max(math.ceil(longest / (_STEP * least)), 1), _MAX_STEPS)

    def _reaches(self, at: torch.Tensor) -> torch.Tensor:
        """How far each point reaches, `[N]`: less where one near it goes elsewhere."""
        apart = self._between(at, at).norm(dim=2)
        apart[(self.ways[:, None] - self.ways).norm(dim=2) < _ONE_WAY] = torch.inf
        return (_NEAR * apart.amin(dim=1)).clamp(SMALLEST_RADIUS, self.radius)

    def _gaussians(self, places: torch.Tensor, at: torch.Tensor, reaches: torch.Tensor) -> torch.Tensor:
        """How much each point has to say at places: `[..., N]`, 1 at the point itself."""
        squared = self._between(places, at).square().sum(dim=-1)
        return torch.exp(squared / (-2.0 * reaches.square()))

    def _between(self, places: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
        """From points `[N, 2]` to places `[..., 2]`, the short way round: `[..., N, 2]`."""
        way = places[..., None, :] - at
        for axis, (length, wraps) in enumerate(zip(self.size, self.wraps, strict=True)):
            if wraps:
                way[..., axis] -= length * (way[..., axis] / length).round()
        return way


@dataclass(frozen=True, eq=False)
class WarpEdit(Edit):
    """Fields as an edit of maps at any layer: one for all items of a batch, or one for each."""

    source_height: float
    source_width: float
    fields: tuple[Field, ...]
    mask: torch.Tensor | None

    def apply(self, x: torch.Tensor, resolution: int, margins: Margins = NO_MARGINS) -> torch.Tensor:
        """Warp at one layer's size; what lies beyond edges that don't meet is mirrored."""
        above, left = margins.before
        height, width = round(self.source_height * resolution), round(self.source_width * resolution)
        items = max(len(self.fields), 1 if self.mask is None else len(self.mask))
        x = x.expand(max(len(x), items), -1, height + 2 * above, width + 2 * left)
        line_y = torch.arange(-above, height + above, dtype=torch.float64, device="cpu") + 0.5
        line_x = torch.arange(-left, width + left, dtype=torch.float64, device="cpu") + 0.5
        places = torch.stack(torch.meshgrid(line_y, line_x, indexing="ij"), dim=-1) / resolution
        warped = []
        for item, part in enumerate(x.split(1) if items > 1 else [x]):
            field = self.fields[item % len(self.fields)]
            way = field.sources(places) - places
            if self.mask is not None:
                mask = resize_mask(self.mask[item % len(self.mask)][None], height, width, torch.device("cpu"))
                way = way * with_margins(mask, above, left)[0, 0, ..., None]
            rows, columns = ((places + way) * resolution - 0.5).unbind(dim=-1)
            borders = ("circular" if wraps else "reflect" for wraps in field.wraps)
            warped.append(resample(part, rows + above, columns + left, *borders))
        return torch.cat(warped)
