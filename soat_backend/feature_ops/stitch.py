"""Feature maps side by side on one canvas, with the styles blended across each seam."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F

from ..support.errors import FeatureError, require_between, require_choice
from ..support.runtime import ON_CPU
from ..synthesis.feature_map import Branch, FeatureMap
from ..synthesis.loop import begin_again
from ..synthesis.weights import Grid, Weight, loudness, step
from .compatibility import check_combinable

MAX_BLEND_WIDTH = 2.0
DIRECTIONS = ("horizontal", "vertical")


@dataclass(frozen=True)
class Strip:
    """Where maps lie along the axis they are stitched on, in lengths as of `Layer`.

    Attributes:
        sizes: Their lengths.
        blend_width: Length of each seam's blend, as a fraction of the shorter of its two neighbours.
        wraps: Whether the last is joined to the first.
    """

    sizes: tuple[float, ...]
    blend_width: float
    wraps: bool

    def start(self, index: int) -> float:
        """Where map number `index` begins, from the strip's start."""
        return sum(self.sizes[:index])

    def profile(self, index: int, resolution: int) -> torch.Tensor:
        """A map's weight along the axis, `[total]`: up across the seam before it, down across the one after.

        The rises are those of SOAT's ramp (`merge_extension`), of any width; neighbours sum to 1.
        """
        count, total = len(self.sizes), round(sum(self.sizes) * resolution)
        if count == 1:
            return _constant(total, 1.0)
        # A circle is unrolled to three turns and folded again, so that a blend may cross the seam at its ends.
        turns = range(-1, 2) if self.wraps else range(1)
        values = _constant(total, 0.0)
        begin, end = (place * resolution for place in self.reach(index))
        for turn in turns:
            # With two pixels for rounding.
            if begin + turn * total - 2 < total and end + turn * total + 2 > 0:
                up = self._rise(index, turn, resolution, total)
                down = self._rise(index + 1, turn, resolution, total)
                values += up - down
        return values.clamp(0.0, 1.0)

    def reach(self, index: int) -> tuple[float, float]:
        """The interval outside which a map's weight is zero, (begin, end); open ends are infinite."""
        begin, end = self.start(index), self.start(index) + self.sizes[index]
        before, after = (self.blend_width * self._shorter(seam) / 2 for seam in (index, index + 1))
        open_begin = not self.wraps and index == 0
        open_end = not self.wraps and index == len(self.sizes) - 1
        return -math.inf if open_begin else begin - before, math.inf if open_end else end + after

    def _shorter(self, seam: int) -> float:
        """The length of the shorter of a seam's two neighbours."""
        count = len(self.sizes)
        return min(self.sizes[seam % count], self.sizes[(seam - 1) % count])

    def _rise(self, seam: int, turn: int, resolution: int, total: int) -> torch.Tensor:
        """The ramp over the seam before map `seam`; beyond an open end it is already, or never, reached."""
        count = len(self.sizes)
        if not self.wraps and seam in (0, count):
            return _constant(total, float(seam == 0))
        shorter = self._shorter(seam) * resolution
        zone = 2 * math.ceil(self.blend_width * shorter / 2 - 1e-6)
        centre = self.start(seam) * resolution + turn * total
        return step(total, centre, zone)


def _constant(length: int, value: float) -> torch.Tensor:
    return torch.full((length,), value, **ON_CPU)


@dataclass(frozen=True, eq=False)
class Stitched(Weight):
    """A weight on the stitched canvas: continued beyond its own map's ends, times the map's profile."""

    parent: Weight
    strip: Strip
    index: int
    axis: int

    def at(self, grid: Grid) -> torch.Tensor:
        """The weight on the whole canvas, `[B or 1, 1, H or 1, W or 1]` in [0, 1]."""
        resolution = grid.layer.sampling_rate
        own = round(self.strip.sizes[self.index] * resolution)
        height, width = (own, grid.width) if self.axis == 2 else (grid.height, own)
        values = self.parent.at(Grid(grid.layer, height, width))
        profile = self.strip.profile(self.index, resolution)
        if values.shape[self.axis] > 1:
            before = round(self.strip.start(self.index) * resolution)
            after = len(profile) - before - own
            padding = (0, 0, before, after) if self.axis == 2 else (before, after, 0, 0)
            values = F.pad(values, padding, mode="replicate")
        return values * (profile[:, None] if self.axis == 2 else profile)

    def reach(self, axis: int) -> tuple[float, float] | None:
        """The interval of the map and its blends, along the strip; across it the parent's."""
        return self.strip.reach(self.index) if axis == self.axis else self.parent.reach(axis)


def stitch(
    maps: Sequence[FeatureMap],
    direction: str = "horizontal",
    blend_width: float = 1.0,
    *,
    wrap: bool = False,
    names: Sequence[str] = (),
) -> FeatureMap:
    """Put feature maps side by side and go on as one canvas with a mix of styles in space (Source: SOAT, section 3.6).

    The activations are joined as they are; each map's styles are then blended into its neighbour's over the seam, at
    every layer. Unlike the reference there is one canvas for any number of maps, with nothing pasted in pixels.

    Fourier features (StyleGAN3's input) are waves, and those of two pictures have phases of their own: their mean has
    only 0.7 of their loudness in the middle of a seam, which no layer after it has ever seen. They are blended with
    weights whose squares sum to 1 (`weights.loudness`), as are the far sides of one picture that wraps.

    Args:
        maps: At one layer; of one height for horizontal, of one width for vertical.
        direction: `horizontal`: left to right. `vertical`: top to bottom.
        blend_width: Length of each blend, as a fraction of the shorter neighbour: 0 a hard edge, 1 from the middle of
            one to the middle of the next, 2 all over both.
        wrap: Join the last to the first: 360 degrees.
        names: How messages call the maps; numbers if left out.

    Raises:
        FeatureError: The maps don't fit together.
    """
    require_choice("direction", direction, DIRECTIONS)
    require_between("blend_width", blend_width, 0, MAX_BLEND_WIDTH)
    axis = 3 if direction == "horizontal" else 2
    across = 5 - axis
    names = names or [f"picture {number}" for number in range(1, len(maps) + 1)]
    first = maps[0]
    # A batch of 1 goes with any, but not any with all that it goes with.
    largest = max(range(len(maps)), key=lambda index: maps[index].batch)
    for name, other in zip(names[1:], maps[1:], strict=True):
        check_combinable(first, other, names[0], name)
        check_combinable(maps[largest], other, names[largest], name)
        if first.activation.shape[across] != other.activation.shape[across]:
            side = "height" if axis == 3 else "width"
            raise FeatureError(
                f"A {direction} stitch needs maps of the same {side}: {names[0]} is {first}, {name} is {other}. "
                "Pad the smaller one, or stitch in the other direction."
            )
    wraps_along = [m.wrap_x if axis == 3 else m.wrap_y for m in maps]
    wraps_across = [m.wrap_y if axis == 3 else m.wrap_x for m in maps]
    if len(maps) > 1 and any(wraps_along):
        raise FeatureError(
            f"A map that wraps has no ends to be stitched at ({direction}). Turn wrap off where it was made."
        )
    if len(set(wraps_across)) > 1:
        raise FeatureError(
            f"{names[wraps_across.index(True)]} wraps around and {names[wraps_across.index(False)]} doesn't. "
            "Make both alike: let both wrap, or none."
        )
    resolution = first.sampling_rate
    inner = [m.inner.width if axis == 3 else m.inner.height for m in maps]
    strip = Strip(tuple(size / resolution for size in inner), blend_width, wrap)
    branches = [_placed(branch, strip, index, axis) for index, part in enumerate(maps) for branch in part.branches]
    origin = branches[0].noise
    places = dict.fromkeys(place for branch in branches for place in branch.noise.places())
    branches = [replace(branch, noise=branch.noise.sharing(origin, places)) for branch in branches]
    skips = [m.rgb_skip for m in maps if m.rgb_skip is not None]
    seams = Seams(strip, axis, resolution, first.layer.margins(first.canvas)[axis - 2], first.layer.of_places)
    joined = replace(
        first,
        activation=seams.join([m.activation for m in maps]),
        rgb_skip=seams.join(skips) if skips else None,
        branches=tuple(branches),
        wrap_x=first.wrap_x or (wrap and axis == 3),
        wrap_y=first.wrap_y or (wrap and axis == 2),
        untouched=all(m.is_of_places for m in maps),
    )
    # Of places there is no end: what lies beyond a picture is heard over the seam, as far as styles are blended.
    inner_size = joined.inner.height / resolution, joined.inner.width / resolution
    return begin_again(joined, *inner_size) if joined.untouched else joined


def _placed(branch: Branch, strip: Strip, index: int, axis: int) -> Branch:
    start = strip.start(index)
    placed = branch.moved(start, 0.0) if axis == 2 else branch.moved(0.0, start)
    weight = branch.weight if len(strip.sizes) == 1 else Stitched(branch.weight, strip, index, axis)
    return replace(placed, weight=weight)


@dataclass(frozen=True)
class Seams:
    """How maps are joined: where they have margins, which show what lies beyond their edges, they fade over.

    Attributes:
        strip: Where they lie.
        axis: Along which.
        resolution: Pixels of a picture's side.
        margin: Pixels that each map has beyond both its ends.
        of_waves: Whether the maps are waves with nothing in common, which are kept as loud as each (`loudness`).
    """

    strip: Strip
    axis: int
    resolution: int
    margin: int
    of_waves: bool = False

    def join(self, maps: list[torch.Tensor]) -> torch.Tensor:
        """Maps `[B or 1, C, H, W]` as one; its ends keep their margins unless they are joined too."""
        batch = max(x.shape[0] for x in maps)
        maps = [x.expand(batch, -1, -1, -1).to(maps[0].dtype) for x in maps]
        if not self.margin:
            return torch.cat(maps, self.axis)
        count, ends = len(maps), not self.strip.wraps
        # One alone that isn't joined to itself stays as it is.
        inside = [x.narrow(self.axis, self.margin, x.shape[self.axis] - 2 * self.margin).clone() for x in maps]
        for seam in range(1 if ends else 0, count):
            self._fade(inside, maps, (seam - 1) % count, seam)
        if ends:
            inside.insert(0, maps[0].narrow(self.axis, 0, self.margin))
            inside.append(maps[-1].narrow(self.axis, maps[-1].shape[self.axis] - self.margin, self.margin))
        return torch.cat(inside, self.axis)

    def _fade(self, inside: list[torch.Tensor], maps: list[torch.Tensor], left: int, right: int) -> None:
        """Fade one map into the next on both sides of their seam, as far as margins and the blend of styles reach."""
        shorter = min(self.strip.sizes[left], self.strip.sizes[right]) * self.resolution
        half = min(self.margin, int(self.strip.blend_width * shorter / 2), int(shorter / 2))
        if not half:
            return
        along = step(2 * half, half, 2 * half).view((-1, 1) if self.axis == 2 else (1, -1))
        rise = along.to(inside[left].device, inside[left].dtype)
        size = inside[left].shape[self.axis]
        before = inside[left].narrow(self.axis, size - half, half)
        after = inside[right].narrow(self.axis, 0, half)
        before.lerp_(maps[right].narrow(self.axis, self.margin - half, half), rise.narrow(self.axis - 2, 0, half))
        over = maps[left].narrow(self.axis, self.margin + size, half)
        after.copy_(over.lerp(after, rise.narrow(self.axis - 2, half, half)))
        if self.of_waves:
            louder = loudness((1.0 - along, along)).to(rise)
            before.mul_(louder.narrow(self.axis - 2, 0, half))
            after.mul_(louder.narrow(self.axis - 2, half, half))
