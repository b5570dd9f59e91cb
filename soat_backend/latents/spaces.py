"""The spaces a picture can be inverted into: how a code of each is stepped, run and judged."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch

from ..generators import Generator
from ..support.errors import LatentError
from .latent import Latent, adopted, as_w_plus, check_fit, to_style_space
from .statistics import Gaussian, Statistics, statistics, to_p

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
        """What the rows of a code are standardised by."""

    @property
    @abstractmethod
    def rows(self) -> int:
        """Rows of a code: 1, or w_plus's."""

    @abstractmethod
    def styles(self, code: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """The styles of a standardised code `[B, rows, D]`, differentiable."""

    @abstractmethod
    def latent(self, code: torch.Tensor) -> Latent:
        """The code as a latent."""

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

    def start(self, batch: int) -> torch.Tensor:
        """The mean's code."""
        return self.gaussian.mean.new_zeros(batch, self.rows, len(self.gaussian.mean))


class StyleSpace(Space):
    """A number for each channel of each layer (Source: SOAT, section 3.4)."""

    name = "style_space"
    rows = 1

    @property
    def gaussian(self) -> Gaussian:
        """Of all layers' styles, one after the other."""
        return self.statistics.style_space

    def styles(self, code: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Cut into layers."""
        flat = self.gaussian.restore(code[:, 0])
        widths = [self.generator.module(layer).affine.weight.shape[0] for layer in self.generator.layers]
        return flat.split(widths, dim=1)

    def latent(self, code: torch.Tensor) -> Latent:
        """In style space."""
        codes = tuple(style.detach().cpu().clone() for style in self.styles(code))
        return Latent("style_space", codes, self.generator.fingerprint, self.generator.config.img_resolution)

    def read(self, latent: Latent) -> torch.Tensor:
        """Of a latent in any space."""
        codes = to_style_space(self.generator, latent).codes
        return self.gaussian.standardise(torch.cat(codes, dim=1).to(self.generator.device))[:, None]

    def of_w(self, w: torch.Tensor) -> torch.Tensor:
        """Through the affines."""
        styles = self.generator.styles(w[:, None].expand(-1, self.generator.layers.num_ws, -1))
        return self.gaussian.standardise(torch.cat(styles, dim=1))[:, None]

    def squared_sigmas(self, code: torch.Tensor, covariance: str) -> torch.Tensor:
        """Of all styles together."""
        return self.gaussian.squared_sigmas(self.gaussian.restore(code[:, 0]), covariance)


class WPlus(Space):
    """A w for each row of w_plus (Source: Abdal et al. 2019, Image2StyleGAN)."""

    name = "w_plus"

    @property
    def gaussian(self) -> Gaussian:
        """Of w."""
        return self.statistics.w

    @property
    def rows(self) -> int:
        """num_ws."""
        return self.generator.layers.num_ws

    def w_plus(self, code: torch.Tensor) -> torch.Tensor:
        """`[B, num_ws, w_dim]`."""
        return self.gaussian.restore(code).expand(-1, self.generator.layers.num_ws, -1)

    def styles(self, code: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Through the affines."""
        return tuple(self.generator.styles(self.w_plus(code)))

    def latent(self, code: torch.Tensor) -> Latent:
        """In w_plus."""
        w_plus = self.w_plus(code).detach().cpu().clone()
        return Latent("w_plus", (w_plus,), self.generator.fingerprint, self.generator.config.img_resolution)

    def read(self, latent: Latent) -> torch.Tensor:
        """Of a latent in z or w_plus."""
        if latent.space == "style_space":
            raise LatentError(
                f"InvertImage: init is in style space, and not every style has a w, so it can't be the beginning in "
                f"{self.name}. Choose style_space as the space, or give a latent in w_plus, such as SampleLatent's."
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
        """The same in all rows."""
        return self.gaussian.standardise(w)[:, None].repeat(1, self.rows, 1)

    def squared_sigmas(self, code: torch.Tensor, covariance: str) -> torch.Tensor:
        """The rows' mean, each before the mapping's last leaky ReLU."""
        return self.statistics.p.squared_sigmas(to_p(self.gaussian.restore(code)), covariance).mean(1)


class W(WPlus):
    """One w for all layers (Source: StyleGAN2, section 5)."""

    name = "w"
    rows = 1

    def read(self, latent: Latent) -> torch.Tensor:
        """Of a latent in z or w_plus, its rows averaged."""
        return super().read(latent).mean(1, keepdim=True)


def open_space(name: str, generator: Generator) -> Space:
    """One of SPACES, for a generator."""
    return {space.name: space for space in (StyleSpace, WPlus, W)}[name](generator)
