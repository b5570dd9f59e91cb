"""The spaces a picture can be inverted into: how a code of each is stepped, run and judged."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch

from ..generators import Generator
from ..generators.layers import Layer
from ..support.errors import LatentError
from .latent import Latent, adopted, as_w_plus, check_fit, codes_of, to_style_space
from .statistics import Gaussian, Statistics, statistics, undo_last_lrelu

SPACES = ("style_space", "w_plus", "w")


class Space(ABC):
    """One space's view of a code: a row of numbers, counted in standard deviations of random codes.

    In these units one learning rate suits all layers and all models.

    Args:
        generator: Whose codes.
    """

    name: str

    def __init__(self, generator: Generator) -> None:
        self.generator = generator
        self.statistics: Statistics = statistics(generator)

    @property
    @abstractmethod
    def gaussian(self) -> Gaussian:
        """The distribution of random codes, by which the rows of a code are standardised."""

    @property
    @abstractmethod
    def rows(self) -> int:
        """The number of rows of a code: 1, or as many as w_plus has."""

    @abstractmethod
    def styles(self, code: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """The styles of a standardised code `[B, rows, D]`, differentiable."""

    @abstractmethod
    def latent(self, code: torch.Tensor) -> Latent:
        """The latent of a standardised code `[B, rows, D]`, on the CPU."""

    @abstractmethod
    def read(self, latent: Latent) -> torch.Tensor:
        """The standardised code of a latent, `[B, rows, D]`.

        Raises:
            LatentError: The latent has no code in this space.
        """

    @abstractmethod
    def of_w(self, w: torch.Tensor) -> torch.Tensor:
        """The standardised code that gives what w `[B, w_dim]` gives, `[B, rows, D]`."""

    @abstractmethod
    def squared_sigmas(self, code: torch.Tensor, covariance: str) -> torch.Tensor:
        """How improbable a code is, `[B]`: 1 for typical samples; differentiable."""

    @abstractmethod
    def counts_after(self, layer: Layer) -> torch.Tensor:
        """Which numbers of a code change what is made after a layer, `[rows, D]` bool."""

    def start(self, batch: int) -> torch.Tensor:
        """The standardised code of the mean, `[batch, rows, D]`: zeros."""
        return self.gaussian.mean.new_zeros(batch, self.rows, len(self.gaussian.mean))


class StyleSpace(Space):
    """A number for each channel of each layer (Source: SOAT, section 3.4)."""

    name = "style_space"
    rows = 1

    @property
    def gaussian(self) -> Gaussian:
        """The distribution of all layers' styles, one after the other."""
        return self.statistics.style_space

    def styles(self, code: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """The styles of a standardised code `[B, 1, D]`: one `[B, C_in]` per layer in S order."""
        flat = self.gaussian.restore(code[:, 0])
        widths = self.generator.style_widths
        return flat.split(widths, dim=1)

    def latent(self, code: torch.Tensor) -> Latent:
        """The latent in style space of a standardised code `[B, 1, D]`."""
        codes = tuple(style.detach().cpu().clone() for style in self.styles(code))
        return codes_of(self.generator, "style_space", codes)

    def read(self, latent: Latent) -> torch.Tensor:
        """The standardised code `[B, 1, D]` of a latent in any space."""
        codes = to_style_space(self.generator, latent).codes
        return self.gaussian.standardise(torch.cat(codes, dim=1).to(self.generator.device))[:, None]

    def of_w(self, w: torch.Tensor) -> torch.Tensor:
        """The standardised code `[B, 1, D]` of the styles that the affines make of w `[B, w_dim]`."""
        styles = self.generator.styles(w[:, None].expand(-1, self.generator.layers.num_ws, -1))
        return self.gaussian.standardise(torch.cat(styles, dim=1))[:, None]

    def counts_after(self, layer: Layer) -> torch.Tensor:
        """The numbers of the later layers' channels, `[1, D]`."""
        parts = [
            self.gaussian.mean.new_full(
                (self.generator.module(each).affine.weight.shape[0],), float(_is_after(each, layer))
            )
            for each in self.generator.layers
        ]
        return torch.cat(parts)[None] > 0

    def squared_sigmas(self, code: torch.Tensor, covariance: str) -> torch.Tensor:
        """How improbable the styles of all layers together are, `[B]`: 1 for typical samples."""
        return self.gaussian.squared_sigmas(self.gaussian.restore(code[:, 0]), covariance)


class WPlus(Space):
    """A w for each row of w_plus (Source: Abdal et al. 2019, Image2StyleGAN)."""

    name = "w_plus"

    @property
    def gaussian(self) -> Gaussian:
        """The distribution of w."""
        return self.statistics.w

    @property
    def rows(self) -> int:
        """The number of rows of w_plus, num_ws."""
        return self.generator.layers.num_ws

    def w_plus(self, code: torch.Tensor) -> torch.Tensor:
        """The w_plus `[B, num_ws, w_dim]` of a standardised code `[B, rows, w_dim]`."""
        return self.gaussian.restore(code).expand(-1, self.generator.layers.num_ws, -1)

    def styles(self, code: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """The styles of a standardised code, through the affines: one `[B, C_in]` per layer in S order."""
        return tuple(self.generator.styles(self.w_plus(code)))

    def latent(self, code: torch.Tensor) -> Latent:
        """The latent in w_plus of a standardised code `[B, rows, w_dim]`."""
        w_plus = self.w_plus(code).detach().cpu().clone()
        return codes_of(self.generator, "w_plus", (w_plus,))

    def read(self, latent: Latent) -> torch.Tensor:
        """The standardised code `[B, num_ws, w_dim]` of a latent in z or w_plus."""
        if latent.space == "style_space":
            raise LatentError(
                f"init is in style space, and not every style has a w, so a search in {self.name} can't begin with it. "
                "Search in style_space, or begin with a latent in w_plus, such as a random one."
            )
        latent = adopted(self.generator, latent)
        check_fit(self.generator, latent)
        w_plus = as_w_plus(self.generator, latent)
        if w_plus.shape[1] != self.generator.layers.num_ws:
            # With a row for each style layer: where a torgb and the next convolution differ, the convolution's counts.
            rows = {layer.w_index: layer.style_index for layer in self.generator.layers if not layer.has_features}
            rows |= {layer.w_index: layer.style_index for layer in self.generator.layers if layer.has_features}
            w_plus = w_plus[:, [rows[index] for index in range(self.generator.layers.num_ws)]]
        return self.gaussian.standardise(w_plus.to(self.generator.device))

    def of_w(self, w: torch.Tensor) -> torch.Tensor:
        """The standardised code `[B, rows, w_dim]` with w `[B, w_dim]` in all rows."""
        return self.gaussian.standardise(w)[:, None].repeat(1, self.rows, 1)

    def counts_after(self, layer: Layer) -> torch.Tensor:
        """The rows that a later layer has, `[num_ws, w_dim]`; one row for all counts."""
        counting = {each.w_index for each in self.generator.layers if _is_after(each, layer)}
        rows = [self.rows == 1 or row in counting for row in range(self.rows)]
        mean = self.gaussian.mean
        return torch.tensor(rows, device=mean.device)[:, None].expand(-1, len(mean))

    def squared_sigmas(self, code: torch.Tensor, covariance: str) -> torch.Tensor:
        """How improbable the rows are on average, `[B]`, each taken before the mapping's last leaky ReLU."""
        return self.statistics.p.squared_sigmas(undo_last_lrelu(self.gaussian.restore(code)), covariance).mean(1)


class W(WPlus):
    """One w for all layers (Source: StyleGAN2, section 5)."""

    name = "w"
    rows = 1

    def read(self, latent: Latent) -> torch.Tensor:
        """The standardised code `[B, 1, w_dim]` of a latent in z or w_plus, its rows averaged."""
        return super().read(latent).mean(1, keepdim=True)


def _is_after(layer: Layer, base: Layer) -> bool:
    """Whether a layer is run after a feature map was taken at another; the torgb that hangs on that one is."""
    return layer.style_index > base.style_index


def open_space(name: str, generator: Generator) -> Space:
    """The space of this name, one of SPACES, for the codes of a generator."""
    return {space.name: space for space in (StyleSpace, WPlus, W)}[name](generator)
