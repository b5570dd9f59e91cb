"""What a drag changes of a code: the first rows of w_plus, counted in standard deviations of random w."""

from __future__ import annotations

from dataclasses import replace

import torch

from ..generators import Generator
from ..latents import Latent
from ..latents.latent import adopted, check_fit, rows_per_layer, to_w_plus
from ..latents.statistics import statistics


class Movement:
    """One code, moved in w by so much in each of its first rows.

    A code in style space moves as its affines would make it move: they are affine, so what w is added to it doesn't
    depend on what w it has, and it needs none.

    Args:
        generator: In float32, whose styles gradients can pass.
        latent: One code.
        rows: How many rows of w_plus are moved.
    """

    def __init__(self, generator: Generator, latent: Latent, rows: int) -> None:
        self.generator, self.rows = generator, rows
        self.latent = self._in_w_plus_or_styles(latent)
        self.deviation = statistics(generator).w.deviation
        self._codes = tuple(code.to(generator.device) for code in self.latent.codes)
        if self.latent.space == "style_space":
            self._still = generator.styles(self._codes[0].new_zeros(1, generator.layers.num_ws, len(self.deviation)))

    def _in_w_plus_or_styles(self, latent: Latent) -> Latent:
        latent = adopted(self.generator, latent)
        check_fit(self.generator, latent)
        return latent if latent.space == "style_space" else to_w_plus(self.generator, latent)

    def start(self) -> torch.Tensor:
        """No movement: zeros `[rows, w_dim]`."""
        return self.deviation.new_zeros(self.rows, len(self.deviation))

    def styles(self, moved: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """The styles of the code moved by `[rows, w_dim]`, differentiable: one `[1, C_in]` per layer in S order."""
        return tuple(self._moved_codes(moved)) if self._is_styles else tuple(self.generator.styles(self._w_plus(moved)))

    def latents(self, moved: torch.Tensor) -> Latent:
        """The code moved by each of some movements `[N, rows, w_dim]`: in w_plus, or in style space if it is there."""
        codes = [self._moved_codes(each) if self._is_styles else (self._w_plus(each),) for each in moved]
        joined = tuple(torch.cat(parts).detach().cpu() for parts in zip(*codes, strict=True))
        return replace(self.latent, codes=joined)

    @property
    def _is_styles(self) -> bool:
        return self.latent.space == "style_space"

    def _w_plus(self, moved: torch.Tensor) -> torch.Tensor:
        code = self._codes[0]
        return code + self._rows_of(moved, code.shape[1])

    def _moved_codes(self, moved: torch.Tensor) -> list[torch.Tensor]:
        styles = self.generator.styles(self._rows_of(moved, self.generator.layers.num_ws))
        # The difference is zero to the last bit where nothing moves.
        return [code + (style - still) for code, style, still in zip(self._codes, styles, self._still, strict=True)]

    def _rows_of(self, moved: torch.Tensor, rows: int) -> torch.Tensor:
        """The movement in w as a code of so many rows: `[1, rows, w_dim]`, zeros after those that move."""
        layers = self.generator.layers
        still = moved.new_zeros(layers.num_ws - self.rows, moved.shape[1])
        whole = torch.cat((moved * self.deviation, still))[None]
        return whole if rows == layers.num_ws else rows_per_layer(whole, layers)
