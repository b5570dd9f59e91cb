"""How usual codes are, and bringing those back that are not."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..generators import Generator
from ..support.errors import require_between
from .latent import Latent
from .spaces import open_space

MAX_SIGMAS = 100.0


@dataclass(frozen=True, eq=False)
class Realism:
    """What was found of a batch of codes.

    Attributes:
        latent: The codes; as they were if none is too far away, else in style space, those brought nearer.
        sigmas: How far each was from the mean before: about 1 for random codes, `[B]`.
    """

    latent: Latent
    sigmas: torch.Tensor


@torch.no_grad()
def bring_back(generator: Generator, latent: Latent, most_sigmas: float, covariance: str = "diagonal") -> Realism:
    """Measure how far codes are from the mean in style space, and bring those beyond a limit back to it.

    A code too far away is moved straight towards the mean, so it keeps its character and loses strength.

    Args:
        generator: Whose codes they are.
        latent: In any space.
        most_sigmas: The limit, in distances that random codes have on average; 0: only measure.
        covariance: What the distance takes into account, as in the prior of an inversion.

    Raises:
        SoatError: The latent is another model's.
    """
    require_between("LatentRealism, max_sigmas", most_sigmas, 0, MAX_SIGMAS)
    space = open_space("style_space", generator)
    code = space.read(latent)
    sigmas = space.squared_sigmas(code, covariance).clamp_min(0).sqrt()
    if not most_sigmas or not bool((sigmas > most_sigmas).any()):
        return Realism(latent, sigmas.cpu())
    nearer = (most_sigmas / sigmas.clamp_min(1e-12)).clamp_max(1.0)
    return Realism(space.latent(code * nearer[:, None, None]), sigmas.cpu())
