"""Random numbers of a batch of pictures, each drawn or left as what changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Draws:
    """Each picture has its own numbers, and of each kind one with probability `p`.

    Attributes:
        batch: Pictures.
        p: 0..1.
        random: Source of randomness.
        device: Of the numbers.
    """

    batch: int
    p: float
    random: torch.Generator
    device: torch.device

    def choice(self, count: int) -> torch.Tensor:
        """`[batch]` whole numbers below a count as float32; 0 for none."""
        return self._or((self._uniform() * count).floor().clamp_max(count - 1), 0.0, self.p)

    def uniform(self, largest: float, p: float | None = None) -> torch.Tensor:
        """`[batch]` between - and + the largest; 0 for none. With another probability if that is given."""
        return self._or((2.0 * self._uniform() - 1.0) * largest, 0.0, self.p if p is None else p)

    def normal(self, deviation: float) -> torch.Tensor:
        """`[batch]` normal; 0 for none."""
        return self._or(self._normal() * deviation, 0.0, self.p)

    def normals(self, deviation: float) -> torch.Tensor:
        """`[batch, 2]` normal, both or none drawn."""
        pair = torch.stack((self._normal(), self._normal()), 1) * deviation
        return torch.where(self._drawn(self.p)[:, None], pair, 0.0)

    def uniforms(self, largest: float) -> torch.Tensor:
        """`[batch, 2]` between - and + the largest, both or none drawn."""
        pair = (2.0 * torch.stack((self._uniform(), self._uniform()), 1) - 1.0) * largest
        return torch.where(self._drawn(self.p)[:, None], pair, 0.0)

    def _or(self, drawn: torch.Tensor, otherwise: float, p: float) -> torch.Tensor:
        return torch.where(self._drawn(p), drawn, otherwise)

    def _drawn(self, p: float) -> torch.Tensor:
        return self._uniform() < p

    def _uniform(self) -> torch.Tensor:
        return torch.rand(self.batch, generator=self.random, device=self.device)

    def _normal(self) -> torch.Tensor:
        return torch.randn(self.batch, generator=self.random, device=self.device)
