"""How a picture's pixels lie on feature maps, and what the maps have at places between their samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from ..generators import Generator
from ..generators.layers import Layer

_TINY = 1e-12
# Of a map's deviation: no channel's is taken for less, so that one in which nothing happens isn't made loud.
_QUIETEST = 0.3
# Differences below this, of maps whose values have deviation 1, count less than by their size.
_ROUND = 0.01


@dataclass(frozen=True)
class PixelGrid:
    """A picture's pixels on a feature map. Places are x, y in pixels; the first pixel's middle is (0.5, 0.5).

    Attributes:
        scale: Pixels of the picture along a sample of the map.
        margin: Samples of the map beyond each of the picture's edges.
        size: Height and width of the picture, in pixels.
    """

    scale: float
    margin: int
    size: tuple[int, int]

    @classmethod
    def of(cls, generator: Generator, layer: Layer) -> PixelGrid:
        """That of a generator's picture on the map after one of its layers."""
        return cls(generator.layers.last.sampling_rate / layer.sampling_rate, layer.margin, generator.img_size)

    def inner(self, activation: torch.Tensor) -> torch.Tensor:
        """A map `[C, H, W]` without what lies beyond the picture."""
        end = -self.margin or None
        return activation[:, self.margin : end, self.margin : end]

    def sample(self, activation: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        """The map at places, bilinearly; beyond its edges what is there.

        Gathered by indices, so that its gradient is summed in one order and repeats to the last bit on the CPU.

        Args:
            activation: `[C, H, W]`.
            places: `[..., 2]`, without a gradient.

        Returns:
            `[..., C]`, differentiable by the activation.
        """
        channels, height, width = activation.shape
        flat = places.reshape(-1, 2) / self.scale - 0.5 + self.margin
        x, y = flat[:, 0].clamp(0, width - 1), flat[:, 1].clamp(0, height - 1)
        left, top = x.floor(), y.floor()
        across, down = (x - left)[:, None], (y - top)[:, None]
        columns = left.long(), (left.long() + 1).clamp_max(width - 1)
        rows = top.long(), (top.long() + 1).clamp_max(height - 1)
        # Channels innermost: a place is one run of memory.
        values = activation.permute(1, 2, 0).reshape(-1, channels)
        upper, lower = (
            torch.lerp(
                values.index_select(0, row * width + columns[0]),
                values.index_select(0, row * width + columns[1]),
                across,
            )
            for row in rows
        )
        return torch.lerp(upper, lower, down).reshape(*places.shape[:-1], channels)


@dataclass(frozen=True)
class Sight:
    """What is looked at of a picture: maps of several layers, in units in which each channel has about deviation 1.

    One layer alone is easily made to show at a place what it should, without what belongs there; several agree on it
    where the thing itself has moved.

    Attributes:
        grids: The picture's pixels on each map, the finest last.
        units: What each map's channels are divided by, `[C]`.
    """

    grids: tuple[PixelGrid, ...]
    units: tuple[torch.Tensor, ...]

    @classmethod
    def first(cls, grids: Sequence[PixelGrid], maps: Sequence[torch.Tensor]) -> Sight:
        """The units are those of these maps, `[C, H, W]` each."""
        units = []
        for grid, x in zip(grids, maps, strict=True):
            inner = grid.inner(x)
            quietest = (_QUIETEST * inner.std()).clamp_min(_TINY)
            units.append(inner.flatten(1).std(dim=1).maximum(quietest))
        return cls(tuple(grids), tuple(units))

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the picture, in pixels."""
        return self.grids[-1].size

    @property
    def step(self) -> float:
        """The way that is gone at once, in pixels: half a sample of the finest map."""
        return self.grids[-1].scale / 2.0

    def sample(self, maps: Sequence[torch.Tensor], places: torch.Tensor) -> torch.Tensor:
        """All maps at places `[..., 2]`: `[..., sum of C]`, differentiable by the maps."""
        each = zip(self.grids, self.units, maps, strict=True)
        return torch.cat([grid.sample(x, places) / unit for grid, unit, x in each], dim=-1)

    def change(self, now: Sequence[torch.Tensor], first: Sequence[torch.Tensor], where: torch.Tensor) -> torch.Tensor:
        """How much the maps have changed in a part of the picture: the mean over all of it, and over the maps.

        Args:
            now: `[C, H, W]` each.
            first: What they were.
            where: `[1, 1, h, w]` in 0..1, of the size of the finest map without its margin.
        """
        means = []
        for grid, unit, x, before in zip(self.grids, self.units, now, first, strict=True):
            change = size_of((grid.inner(x) - grid.inner(before)) / unit[:, None, None])
            means.append((change * F.interpolate(where, size=change.shape[1:], mode="area")[0]).mean())
        return torch.stack(means).mean()


def size_of(differences: torch.Tensor) -> torch.Tensor:
    """The sizes of differences, round at 0: their signs there, which rounding decides, would draw as much as any."""
    return (differences.square() + _ROUND**2).sqrt() - _ROUND


def square_offsets(steps: int, step: float) -> torch.Tensor:
    """Places around (0, 0), `[(2 steps + 1)^2, 2]` on the CPU, row by row, so many steps to each side."""
    line = torch.arange(-steps, steps + 1, dtype=torch.float32, device="cpu") * step
    y, x = torch.meshgrid(line, line, indexing="ij")
    return torch.stack((x.flatten(), y.flatten()), dim=1)


def disc_offsets(radius: float, step: float) -> torch.Tensor:
    """Those of them within a radius, `[K, 2]`."""
    square = square_offsets(int(radius / step), step)
    return square[square.norm(dim=1) <= radius]
