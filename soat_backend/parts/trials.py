"""What some style channels really change, tried out, and of all pairs of them what their changes share."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ..latents.spaces import StyleSpace
from .view import View


def shared_changes(
    view: View,
    space: StyleSpace,
    codes: torch.Tensor,
    channels: torch.Tensor,
    step: float,
    at_once: int,
    watch: Callable[[int], None],
) -> tuple[torch.Tensor, torch.Tensor]:
    """Move channels one by one, and see what changes in the part and in the rest.

    Args:
        view: Of the generator, with the part.
        space: Of the codes.
        codes: Standardised, `[N, 1, D]`: tried on each, up and down by turns.
        channels: Their numbers, `[K]`.
        step: How far each is moved, in standard deviations.
        at_once: How many pictures are run together.
        watch: Told after each few pictures how many they were; may raise to stop.

    Returns:
        For the part and for the rest `[K, K]` float64 on the CPU: of each two channels the product of their changes,
        per place and for one standard deviation. On the diagonal it is the LPIPS, per squared deviation, of moving the
        one channel; `d^T M d` is, as far as changes add up, that of moving all channels by d.
    """
    count = len(channels)
    inside, outside = (torch.zeros(count, count, dtype=torch.float64, device="cpu") for _ in range(2))
    for number, code in enumerate(codes):
        sign = step if number % 2 == 0 else -step
        moved = code.repeat(count, 1, 1)
        moved[torch.arange(count), 0, channels] += sign
        before = view.pictures(space.styles(code[None]))
        pictures = []
        for some in moved.split(at_once):
            pictures.append(view.pictures(space.styles(some)))
            watch(len(some))
        after = torch.cat(pictures)
        for total, where in ((inside, view.part), (outside, view.rest)):
            first = view.seen(before, before, where)
            rows = torch.cat([view.seen(before, some, where) - first for some in after.split(at_once)]) / sign
            total += (rows @ rows.t()).cpu().double() / len(codes)
    return inside, outside
