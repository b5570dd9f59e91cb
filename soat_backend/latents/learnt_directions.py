"""Directions learnt from examples: codes that have something and codes that haven't, or codes with a score each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from ..generators import Generator
from ..support.errors import LatentError, require_between, require_choice
from .directions import Direction, scaled_to_samples
from .latent import UNKNOWN, Latent
from .sampling import random_w
from .spaces import Space, open_space
from .statistics import SHRINKAGE

METHODS = ("ridge", "mean_difference")
MAX_REGULARISATION = 1000.0
# What codes alone are compared with: so many random ones.
RANDOM_OTHERS, RANDOM_SEED = 500, 0
# How many codes there must be to leave any out, and up to how many each is left out alone; of more, parts of them.
_FEWEST, _MOST_ALONE, _PARTS = 4, 64, 8
# Of how far codes are apart: less is what rounding leaves of nothing.
_NOTHING = 1e-6


@dataclass(frozen=True, eq=False)
class Learnt:
    """A direction, and how far it is to be trusted.

    Attributes:
        direction: As found, a step of 1 is the way from the mean of one set to that of the other, or what goes with a
            score that is higher by 1.
        told: What was foretold of codes that were left out. Of two sets: the share that was told right, of each set by
            itself, and the mean of both; 0.5 is chance. Of scores: their correlation; 0 is chance. None: there are too
            few to leave any out.
        apart: How many standard deviations of random codes the step of 1 is, as found.
    """

    direction: Direction
    told: float | None
    apart: float


@torch.no_grad()
def learn_direction(
    generator: Generator,
    latents: Latent,
    others: Latent | None = None,
    scores: Sequence[float] | None = None,
    method: str = "ridge",
    regularisation: float = 1.0,
) -> Learnt:
    """Learn a direction along which codes get what some of them have, or what they have a score of.

    `mean_difference` is the difference of the two sets' means (Source: White 2016, 1609.04468, section 3.3, attribute
    vectors; Larsen et al. 2016, 1512.09300, section 3.3), with scores their covariance with the codes over their
    variance. It is what codes of a higher score have on average: what only goes along with the score, or was so by
    chance in the few codes there are, comes with it.

    `ridge` is the weights beta of a score that is a linear function of the code: what raises the score most, as
    InterFaceGAN's normal of a hyperplane (Source: Shen et al. 2020, 2005.09635, section 3), and not the covariance
    times beta, which is what goes along with the score (Source: Haufe et al. 2014, NeuroImage 87, section 2.2) and so
    the mean difference again. Two sets are scores of 1 and 0, by which least squares give Fisher's discriminant
    (Source: Hastie, Tibshirani, Friedman 2009, section 4.3, exercise 4.2). A handful of codes says nothing of most
    directions in w, so beta is expected beforehand to be a Gaussian with the covariance Sigma of random codes, which
    the generator knows: what a code varies in much is what pictures differ by. So it minimises

        |y - X beta|^2 + r m beta^T Sigma^-1 beta

    (Source: Hoerl and Kennard 1970, with that expectation in place of the identity; Rasmussen and Williams 2006,
    section 2.1), in its dual form: the codes' products `X Sigma X^T` are all it needs, m the mean of their diagonal, r
    the regularisation, divided by how even the sets are. With few codes that is a smoothed mean difference; with more
    of them than w has numbers it becomes least squares.

    Args:
        generator: Whose codes they are. On the device to work on.
        latents: Codes that have it, or all of them if there are scores. In any space; rows of w_plus are averaged.
        others: Codes that haven't. Without these and without scores: random codes of the generator.
        scores: A number for each of the latents, instead of others.
        method: One of METHODS.
        regularisation: Of ridge; 0: none. More: nearer to what all codes vary in.

    Returns:
        In w; if some codes are style codes, in style space, where numbers count in standard deviations of random codes.

    Raises:
        LatentError: Codes are another generator's, aren't numbers, or too few; scores don't fit them, or are all equal;
            or both sets have the same mean.
        SoatError: There is no such method, or a number out of its range.
    """
    require_choice("method", method, METHODS)
    require_between("regularisation", regularisation, 0.0, MAX_REGULARISATION)
    sets = {"latents": latents} if others is None else {"latents": latents, "others": others}
    in_styles = any(latent.space == "style_space" for latent in sets.values())
    space = open_space("style_space" if in_styles else "w", generator)
    codes = [_read(space, name, latent) for name, latent in sets.items()]
    if scores is not None:
        targets = _targets(scores, latents.batch, others)
    else:
        if others is None:
            codes.append(space.of_w(random_w(generator, RANDOM_OTHERS, RANDOM_SEED))[:, 0].cpu().double())
        targets = torch.cat([code.new_full((len(code),), 1.0 - which) for which, code in enumerate(codes)])
    # Lengths in w are as they are; styles differ so much in scale that they are counted in deviations.
    unit = torch.ones_like(codes[0][0]) if in_styles else space.gaussian.deviation.cpu().double()
    x = torch.cat(codes) * unit
    seen = _with_covariance(space, x, unit) if method == "ridge" else x
    products = x @ seen.t()
    even = 1.0 if scores is not None else float(4.0 * targets.mean() * (1.0 - targets.mean()))
    ridge = regularisation / even if method == "ridge" else None
    variance = targets.var(correction=0)
    going_along = (targets - targets.mean()) @ x / (len(x) * variance)
    if not float(going_along.norm() * variance.sqrt()) > _NOTHING * float((x - x.mean(0)).norm() / len(x) ** 0.5):
        raise LatentError(
            "The codes of both sets have the same mean, or codes of high and low scores have, so there is no direction "
            "from one to the other. Are the same codes connected twice? Choose others."
        )
    axis = torch.nn.functional.normalize(_shares(products, targets, ridge) @ seen, dim=0)
    step = axis * (axis @ going_along)
    direction = _in_style_space(space, step) if in_styles else scaled_to_samples(generator, step.float()[None])
    told = _told(products, targets, ridge, scores is not None)
    return Learnt(direction, told, 1.0 / direction.deviation)


def _read(space: Space, name: str, latent: Latent) -> torch.Tensor:
    """The standardised codes `[N, D]` of a latent, float64 on the CPU."""
    if latent.batch == 0:
        raise LatentError(f"{name}: expected at least one code, got none. Pick some.")
    code = space.read(latent)[:, 0].cpu().double()
    if latent.fingerprint not in (UNKNOWN, space.generator.fingerprint):
        raise LatentError(
            f"{name}: the codes come from another generator than {space.generator.name}, and the two share no style "
            "space (mapping and affine layers differ), so a direction learnt from them would be none of this one. "
            "Connect the generator that they were sampled with."
        )
    broken = (~code.isfinite().all(dim=1)).nonzero().flatten().tolist()
    if broken:
        raise LatentError(
            f"{name}: item {broken[0]} has values that are no numbers (NaN or infinity). Load or find that code again, "
            "or leave it out."
        )
    return code


def _targets(scores: Sequence[float], count: int, others: Latent | None) -> torch.Tensor:
    if others is not None:
        raise LatentError(
            "Both scores and others are given, and only one of them can say what is to be learnt. Take the wire of "
            "others away, or empty scores."
        )
    if len(scores) != count:
        raise LatentError(
            f"scores: expected a number for each of the {count} latents, got {len(scores)}. Write them in the order of "
            "the batch, with a decimal point and not a comma."
        )
    targets = torch.tensor(list(scores), dtype=torch.float64, device="cpu")
    if not bool(targets.isfinite().all()):
        raise LatentError("scores: they have values that are no numbers (NaN or infinity). Score those codes again.")
    if float(targets.max() - targets.min()) <= _NOTHING * float(targets.abs().max()):
        raise LatentError(
            f"scores: all are {scores[0]:g}, so they don't say what codes differ in. Give higher ones to those that "
            "have more of it."
        )
    return targets


def _with_covariance(space: Space, x: torch.Tensor, unit: torch.Tensor) -> torch.Tensor:
    """The rows of x `[N, D]`, each times the covariance of random codes, that of the space's Gaussian."""
    directions, strengths = (part.cpu().double() for part in (space.gaussian.directions, space.gaussian.strengths))
    standardised = x * unit
    correlated = (standardised @ directions.t() * strengths) @ directions
    return torch.lerp(correlated, standardised, SHRINKAGE) * unit


def _shares(products: torch.Tensor, targets: torch.Tensor, ridge: float | None) -> torch.Tensor:
    """How much of each code is in the direction, `[N]`, their sum 0; `ridge` is None for the mean difference."""
    centred = targets - targets.mean()
    if ridge is None:
        return centred
    kernel = products - products.mean(0) - products.mean(1, keepdim=True) + products.mean()
    diagonal = kernel.diagonal()
    return torch.linalg.solve(
        kernel + torch.diag(torch.full_like(diagonal, max(ridge, 1e-9)) * diagonal.mean()), centred
    )


def _told(products: torch.Tensor, targets: torch.Tensor, ridge: float | None, scored: bool) -> float | None:
    """How well codes that were left out are told, as `Learnt.told`."""
    count = len(targets)
    if count < _FEWEST:
        return None
    part = torch.arange(count, device="cpu") % (count if count <= _MOST_ALONE else _PARTS)
    foretold = torch.zeros_like(targets)
    for number in range(int(part.max()) + 1):
        out, kept = (part == number), (part != number)
        wanted = targets[kept]
        if float(wanted.max() - wanted.min()) <= 0:
            return None
        shares = _shares(products[kept][:, kept], wanted, ridge)
        known = products[kept][:, kept] @ shares
        middle = known.mean() if scored else (known[wanted > 0].mean() + known[wanted == 0].mean()) / 2.0
        foretold[out] = products[out][:, kept] @ shares - middle
    if scored:
        return float(torch.corrcoef(torch.stack((foretold, targets)))[0, 1].nan_to_num())
    right = (foretold > 0) == (targets > 0)
    return float(sum(right[targets == which].double().mean() for which in (0, 1)) / 2.0)


def _in_style_space(space: Space, step: torch.Tensor) -> Direction:
    """A step `[D]`, in deviations of the styles, scaled by how much random codes vary along it."""
    gaussian = space.gaussian
    axis = (step / step.norm()).float()
    along = (gaussian.directions.cpu() @ axis).square() * gaussian.strengths.cpu()
    deviation = float((1.0 - SHRINKAGE) * along.sum() + SHRINKAGE) ** 0.5 / float(step.norm())
    rows = step.float() * gaussian.deviation.cpu() * deviation
    return Direction("style_space", tuple(rows.split(space.generator.style_widths)), deviation)
