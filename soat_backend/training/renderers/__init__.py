"""Procedural renderers: endless pictures to train and test generators on, from numpy alone."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ...support.errors import SoatError

if TYPE_CHECKING:
    from .catalogue import Renderer

NAMES = (
    "landscape",
    "portrait",
    "landscape-woodcut",
    "landscape-neon",
    "portrait-comic",
    "landscape-ink",
    "portrait-watercolour",
)

_CHUNK = 64

__all__ = ["NAMES", "find_renderer", "find_version", "render_one", "stream"]


def find_renderer(name: str) -> Renderer:
    """Look a renderer up by name.

    Raises:
        SoatError: There is none of that name.
    """
    _check_name(name)
    from .catalogue import RENDERERS

    return RENDERERS[name]


def find_version(name: str) -> int:
    """The version of a renderer's pictures.

    Raises:
        SoatError: There is no renderer of that name.
    """
    _check_name(name)
    from .catalogue import VERSIONS

    return VERSIONS[name]


def _check_name(name: str) -> None:
    if name not in NAMES:
        raise SoatError(f"There is no procedural renderer named {name!r}. Choose one of {', '.join(NAMES)}.", name=name)


def render_one(index: int, name: str, size: int, seed: int) -> np.ndarray:
    """The picture `index` of a stream: it depends on `(seed, index)` alone.

    Args:
        index: Position in the stream, from 0.
        name: Renderer.
        size: Side in pixels.
        seed: Of the stream, >= 0.

    Returns:
        `[size, size, 3]` uint8.
    """
    return find_renderer(name)(np.random.default_rng([seed, index]), size)


def stream(
    name: str, count: int, size: int, seed: int = 0, workers: int = 1, *, first: int = 0
) -> Iterator[np.ndarray]:
    """Render a sequence of pictures, in order.

    Args:
        name: Renderer.
        count: Number of pictures, those before the first included.
        size: Side in pixels.
        seed: Picture k depends on `(seed, k)` alone, whatever `count` and `workers`.
        workers: Processes to render in; 1 renders in this one.
        first: The picture to begin with.

    Yields:
        `[size, size, 3]` uint8.

    Raises:
        SoatError: There is no renderer of that name.
    """
    find_renderer(name)
    draw = partial(render_one, name=name, size=size, seed=seed)
    if workers <= 1:
        yield from map(draw, range(first, count))
        return
    # Not forked: the parent may hold torch's threads.
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        yield from pool.imap(draw, range(first, count), chunksize=min(_CHUNK, -(-count // workers)))
