"""How probable a code is: Gaussians fitted to what a generator's mapping makes.

Source: SOAT, section 3.4 (style space); Wulff and Torralba, arXiv 2009.06529, section 3 (w, after undoing the mapping's
last leaky ReLU).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..generators import Generator
from ..ops.finish import LRELU_SLOPE
from .sampling import random_w

SAMPLES = 10_000
SAMPLES_SEED = 0
# The share of the diagonal in a full covariance. Directions in which samples never vary, and a w has far fewer
# than style space has numbers, get this share of their variance, so that they are improbable but not impossible.
SHRINKAGE = 0.1
COVARIANCES = ("diagonal", "full")
_SMALLEST_DEVIATION = 1e-4
# Of a 1024 px generator they are 20 MB.
_MOST_KEPT = 8
_kept: dict[tuple[str, torch.dtype, torch.device], Statistics] = {}


@dataclass(frozen=True, eq=False)
class Gaussian:
    """A Gaussian over vectors of D numbers, its covariance `(1 - SHRINKAGE) Sigma + SHRINKAGE diag(Sigma)`.

    Attributes:
        mean: `[D]`.
        deviation: Standard deviations, `[D]`.
        directions: `[K, D]`, the correlation matrix's principal axes, of length 1.
        strengths: `[K]`, the variance along each of them, in units of the deviations.
    """

    mean: torch.Tensor
    deviation: torch.Tensor
    directions: torch.Tensor
    strengths: torch.Tensor

    def standardise(self, codes: torch.Tensor) -> torch.Tensor:
        """Vectors `[..., D]` in deviations from the mean."""
        return (codes - self.mean) / self.deviation

    def restore(self, standardised: torch.Tensor) -> torch.Tensor:
        """What `standardise` was given."""
        return self.mean + standardised * self.deviation

    def squared_sigmas(self, codes: torch.Tensor, covariance: str) -> torch.Tensor:
        """`(s - mu)^T Sigma^-1 (s - mu)`, divided by what a sample has on average: about 1 for typical ones.

        Args:
            codes: `[..., D]`.
            covariance: `diagonal`, or `full`: with the correlations between the numbers too.

        Returns:
            `[...]`, differentiable.
        """
        x = self.standardise(codes)
        squares = x.square().sum(-1)
        if covariance == "diagonal":
            return squares / x.shape[-1]
        kept = (1.0 - SHRINKAGE) * self.strengths
        along = (x @ self.directions.t()).square()
        distance = (squares - (along * (kept / (kept + SHRINKAGE))).sum(-1)) / SHRINKAGE
        return distance / (self.strengths / (kept + SHRINKAGE)).sum()

    def to(self, device: torch.device) -> Gaussian:
        """The same on another device."""
        return Gaussian(*(x.to(device) for x in (self.mean, self.deviation, self.directions, self.strengths)))


@dataclass(frozen=True, eq=False)
class Statistics:
    """What 10,000 random codes of a generator are like, in three spaces.

    Attributes:
        w: Of the mapping's outputs, `[w_dim]` each.
        p: Of the same before the mapping's last leaky ReLU (slope 5 on the negatives undoes it).
        style_space: Of all affines' outputs one after the other, `[sum of C_in]`.
    """

    w: Gaussian
    p: Gaussian
    style_space: Gaussian

    def to(self, device: torch.device) -> Statistics:
        """The same on another device."""
        return Statistics(self.w.to(device), self.p.to(device), self.style_space.to(device))


def statistics(generator: Generator) -> Statistics:
    """A generator's statistics, made once and kept for those that were asked for last."""
    key = (generator.fingerprint, generator.mapping.w_avg.dtype, generator.device)
    known = _kept.pop(key, None)
    if known is None:
        # Made where gradients may pass later on, whatever mode a node runs in.
        with torch.inference_mode(False), torch.no_grad():
            known = _measure(generator).to(generator.device)
    _kept[key] = known
    while len(_kept) > _MOST_KEPT:
        del _kept[next(iter(_kept))]
    return known


def _measure(generator: Generator) -> Statistics:
    w = random_w(generator, SAMPLES, SAMPLES_SEED).cpu().double()
    # Style space is a linear map of w, so its moments follow from those of w exactly.
    affines = [generator.module(layer).affine for layer in generator.layers]
    weight = torch.cat([affine.weight.float() * affine.weight_gain for affine in affines]).cpu().double()
    bias = torch.cat([affine.bias.float() * affine.bias_gain for affine in affines]).cpu().double()
    mean = w.mean(0)
    root = _root(torch.cov(w.t()))
    p = to_p(w)
    return Statistics(
        w=_gaussian(mean, root),
        p=_gaussian(p.mean(0), _root(torch.cov(p.t()))),
        style_space=_gaussian(weight @ mean + bias, weight @ root),
    )


def to_p(w: torch.Tensor) -> torch.Tensor:
    """The w before the mapping's last leaky ReLU (Source: Wulff and Torralba, eq. 3)."""
    return torch.where(w < 0, w / LRELU_SLOPE, w)


def _root(covariance: torch.Tensor) -> torch.Tensor:
    """A matrix R with R R^T the covariance."""
    values, vectors = torch.linalg.eigh(covariance)
    return vectors * values.clamp_min(0).sqrt()


def _gaussian(mean: torch.Tensor, root: torch.Tensor) -> Gaussian:
    """From a mean `[D]` and a root `[D, K]` of the covariance."""
    deviation = root.square().sum(1).sqrt().clamp_min(_SMALLEST_DEVIATION)
    scaled = root / deviation[:, None]
    strengths, rotation = torch.linalg.eigh(scaled.t() @ scaled)
    varies = strengths > strengths.max() * 1e-9
    strengths, rotation = strengths[varies], rotation[:, varies]
    directions = (scaled @ rotation / strengths.sqrt()).t()
    return Gaussian(mean.float(), deviation.float(), directions.float().contiguous(), strengths.float())
