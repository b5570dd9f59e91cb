"""How strongly each number of a style code changes a part of the picture, and the rest: by gradients, all at once."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ..latents.spaces import StyleSpace
from ..support.runtime import ON_CPU
from .view import View


def squared_slopes(
    view: View, space: StyleSpace, codes: torch.Tensor, at_once: int, seed: int, watch: Callable[[int], None]
) -> tuple[torch.Tensor, torch.Tensor]:
    """The mean squared change of what is seen, by a standard deviation of each style channel, to first order.

    What a channel changes is a column of the Jacobian J of all that is seen. `(J^T r)^2`, with a random r of
    independent numbers of variance 1, is on average the squared length of each column, so one backward pass a picture
    is enough for all channels (Source: the gradient maps of Wu, Lischinski, Shechtman 2021, StyleSpace, section 4; the
    random r is Hutchinson's, 1990).

    Args:
        view: Of the generator, with the part.
        space: Of the codes.
        codes: Standardised, `[N, 1, D]`.
        at_once: How many pictures are run together; it changes no more than roundings.
        seed: Of the random numbers.
        watch: Told after each few pictures how many they were; may raise to stop.

    Returns:
        For the part and for the rest `[D]`: per place, so that the sizes of the two don't count.
    """
    inside, outside = codes.new_zeros(codes.shape[2]), codes.new_zeros(codes.shape[2])
    randoms = [torch.Generator("cpu").manual_seed(seed + place) for place in range(2)]
    for some in codes.split(at_once):
        unknown = some.clone().requires_grad_()
        pictures = view.pictures(space.styles(unknown))
        places = zip((inside, outside), (view.part, view.rest), randoms, strict=True)
        for total, where, random in places:
            # The values are the picture's; only the gradient passes through one place alone.
            seen = view.seen(pictures.detach(), pictures, where)
            heard = (seen * _signs(seen, random)).sum()
            (slope,) = torch.autograd.grad(heard, unknown, retain_graph=where is view.part)
            total += slope[:, 0].square().sum(0) / len(codes)
        watch(len(some))
    return inside, outside


def _signs(like: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """Random signs `[B, N]`."""
    return torch.randint(2, like.shape, generator=random, device="cpu").to(**ON_CPU).mul_(2.0).sub_(1.0).to(like.device)
