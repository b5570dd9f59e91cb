"""The Frechet distance between two sets of vectors."""

from __future__ import annotations

import torch


def frechet_distance(first: torch.Tensor, second: torch.Tensor) -> float:
    """How far two sets of vectors are apart, as Gaussians (Source: Heusel et al. 2017, eq. 6).

    `|m1 - m2|^2 + tr(C1 + C2 - 2 (C1^1/2 C2 C1^1/2)^1/2)`.

    Args:
        first: `[N, D]`, N > 1.
        second: `[M, D]`, M > 1.
    """
    a, b = first.double(), second.double()
    covariance_a, covariance_b = torch.cov(a.t()), torch.cov(b.t())
    values, vectors = torch.linalg.eigh(covariance_a)
    root = vectors * values.clamp_min(0).sqrt() @ vectors.t()
    trace = torch.linalg.eigvalsh(root @ covariance_b @ root).clamp_min(0).sqrt().sum()
    distance = (a.mean(0) - b.mean(0)).square().sum() + covariance_a.trace() + covariance_b.trace() - 2 * trace
    # Of equal sets rounding leaves a little on either side of zero.
    return max(float(distance), 0.0)
