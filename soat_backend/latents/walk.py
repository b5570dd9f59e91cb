"""A walk from latent to latent, frame by frame: what animations are made of."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import torch

from ..support.errors import LatentError, require_between, require_choice
from .latent import Latent
from .mixing import lerp, slerp

WALKS = ("spline", "lerp", "slerp")
MAX_FRAMES = 4096
MAX_POSITION = 1e6

# The code at a share of the way between two stations, given the ones before and after them too.
Between = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, float], torch.Tensor]


def catmull_rom(
    before: torch.Tensor, start: torch.Tensor, end: torch.Tensor, after: torch.Tensor, t: float
) -> torch.Tensor:
    """A cubic through start and end whose velocity doesn't jump at either (Source: Catmull and Rom 1974)."""
    velocity_start, velocity_end = (end - before) / 2, (after - start) / 2
    curve = 2 * (start - end) + velocity_start + velocity_end
    bend = 3 * (end - start) - 2 * velocity_start - velocity_end
    return ((curve * t + bend) * t + velocity_start) * t + start


_BETWEEN: dict[str, Between] = {
    "spline": catmull_rom,
    "lerp": lambda before, start, end, after, t: lerp(start, end, t),
    "slerp": lambda before, start, end, after, t: slerp(start, end, t),
}


def walk(latent: Latent, frames: int, loop: bool = True, method: str = "spline") -> Latent:
    """Frames on the way through all items of a batch.

    Args:
        latent: The stations, at least two.
        frames: From one station to the next; frame 0 is the first station itself.
        loop: Whether the way leads back from the last to the first. Then there are N x frames in all, and the last
            frame is one step before the first; else (N - 1) x frames + 1, both ends included.
        method: `spline`: smooth through the stations. `lerp`: straight from each to the next. `slerp`: as of
            `interpolate`, for z.

    Returns:
        A batch of frames, in the latent's space.

    Raises:
        LatentError: There is nowhere to walk to, or there would be too many frames.
    """
    require_between("frames", frames, 1, MAX_FRAMES)
    count = _stations(latent, method)
    legs = count if loop else count - 1
    total = legs * frames + (0 if loop else 1)
    if total > MAX_FRAMES:
        raise LatentError(
            f"{count} latents with {frames} frames from one to the next make {total} frames, more than "
            f"{MAX_FRAMES}. Choose fewer frames, or walk in parts."
        )
    codes = tuple(_walk(code, frames, total, loop, _BETWEEN[method]) for code in latent.codes)
    return replace(latent, codes=codes)


def walk_at(latent: Latent, position: float, loop: bool = True, method: str = "spline") -> Latent:
    """The code at one place of the walk.

    Args:
        latent: As of `walk`.
        position: Where: 0 is the first station, 1 the second, 1.5 half of the way from there to the third. With `loop`
            it goes round and round, backwards too; else the walk ends at its stations.
        loop: As of `walk`.
        method: As of `walk`.

    Returns:
        One code, in the latent's space: that of `walk`'s frame position x frames.

    Raises:
        LatentError: There is nowhere to walk to.
        SoatError: The position is no finite number.
    """
    count = _stations(latent, method)
    require_between("position", position, -MAX_POSITION, MAX_POSITION)
    if not loop:
        position = min(max(position, 0.0), count - 1.0)
    leg = math.floor(position)
    codes = tuple(_place(code, leg, position - leg, loop, _BETWEEN[method])[None] for code in latent.codes)
    return replace(latent, codes=codes)


def _stations(latent: Latent, method: str) -> int:
    """How many there are."""
    require_choice("method", method, WALKS)
    if latent.batch < 2:
        raise LatentError(
            f"A walk needs two latents or more, got {latent.batch}. Sample a larger batch or a sequence, or join "
            "several latents into one batch."
        )
    return latent.batch


def _walk(code: torch.Tensor, frames: int, total: int, loop: bool, between: Between) -> torch.Tensor:
    places = (divmod(frame, frames) for frame in range(total))
    return torch.stack([_place(code, leg, step / frames, loop, between) for leg, step in places])


def _place(code: torch.Tensor, leg: int, share: float, loop: bool, between: Between) -> torch.Tensor:
    """The code a share of the way from station `leg` to the next."""
    count = len(code)

    def station(index: int) -> torch.Tensor:
        return code[index % count if loop else min(max(index, 0), count - 1)]

    before, start, end, after = (station(leg + offset) for offset in (-1, 0, 1, 2))
    return between(before, start, end, after, share) if share else start
