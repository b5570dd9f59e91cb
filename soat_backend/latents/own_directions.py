"""Directions with names, in safetensors files of our own: what was found once is there again, bit for bit."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from ..generators import Generator
from ..support.errors import LatentError
from ..support.files import replacing
from ..support.strict_json import parse_json
from .directions import Direction

logger = logging.getLogger(__name__)

FORMAT = "soat-directions"
SPACES = ("w", "style_space")
LONGEST_NAME = 100
MOST_DIRECTIONS = 1000
_FILE_BYTES = 1 << 28
_FILE_TROUBLE = (SafetensorError, OSError, ValueError, LookupError, TypeError, ArithmeticError, RecursionError)


@dataclass(frozen=True, eq=False)
class NamedDirections:
    """Directions of one generator. What travels on SOAT_DIRECTION wires.

    Attributes:
        directions: In standard deviations.
        names: One for each; "" until somebody gives it one.
        fingerprint: Of the mapping and affines that they belong to.
    """

    directions: tuple[Direction, ...]
    names: tuple[str, ...]
    fingerprint: str

    def joined(self, others: NamedDirections | None) -> NamedDirections:
        """These after others; one of the same name as one of these is left out.

        Raises:
            LatentError: They are of generators that share no style space.
        """
        if others is None:
            return self
        if others.fingerprint != self.fingerprint:
            raise LatentError(
                "The directions come from generators that share no style space (mapping and affine layers differ), and "
                "a file is for one. Find all of them in one generator, or save them in a file each."
            )
        kept = [
            (each, name) for each, name in zip(others.directions, others.names, strict=True) if name not in self.names
        ]
        directions, names = (tuple(part) for part in zip(*kept, strict=True)) if kept else ((), ())
        return NamedDirections(directions + self.directions, names + self.names, self.fingerprint)


def one_direction(generator: Generator, direction: Direction, name: str = "") -> NamedDirections:
    """A direction of a generator, alone."""
    return NamedDirections((direction,), (name,), generator.fingerprint)


def named(directions: NamedDirections, name: str) -> NamedDirections:
    """A direction with a name; several have theirs and keep them.

    Raises:
        LatentError: The name is empty or too long.
    """
    if len(directions.names) > 1:
        return directions
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise LatentError(
            f"name: expected 1 to {LONGEST_NAME} characters, got {len(name)}. Say what it changes: mouth."
        )
    return NamedDirections(directions.directions, (name,), directions.fingerprint)


def save_directions(directions: NamedDirections, path: Path) -> None:
    """Write directions; the file appears whole or not at all.

    Args:
        directions: At least one.
        path: Ends in .safetensors; replaced if it is there.

    Raises:
        LatentError: The file can't be written.
    """
    entries = [
        {"name": name, "space": each.space, "deviation": each.deviation, "rows": [len(row) for row in each.rows]}
        for each, name in zip(directions.directions, directions.names, strict=True)
    ]
    about = {"fingerprint": directions.fingerprint, "directions": entries}
    tensors = {f"direction_{index:03d}": torch.cat(each.rows) for index, each in enumerate(directions.directions)}
    with replacing(path, LatentError) as partial:
        partial.write_bytes(save(tensors, metadata={"format": FORMAT, "directions": json.dumps(about)}))


def is_own(path: Path) -> bool:
    """Whether a file is one that `save_directions` wrote, sound or not."""
    if path.suffix.lower() != ".safetensors":
        return False
    try:
        with safe_open(path, "pt") as file:
            return (file.metadata() or {}).get("format") == FORMAT
    except _FILE_TROUBLE:
        return False


def pick(directions: NamedDirections, component: int, generator: Generator, what: str) -> Direction:
    """One of several directions, for a generator.

    Args:
        directions: Of another mapping they are taken if their shape fits, with a warning.
        component: Which of them, from 0.
        generator: That it shall be used with.
        what: How messages call the directions.

    Raises:
        LatentError: There is no such component, or it was made for a model of another size.
    """
    require_component(what, len(directions.directions), component)
    for each in directions.directions:
        _check_fit(what, each, generator)
    if directions.fingerprint != generator.fingerprint:
        logger.warning(
            "%s is for another generator than %s, and they share no style space: what it changes may be "
            "something else here.",
            what,
            generator.name,
        )
    return directions.directions[component]


def require_component(what: str, count: int, component: int) -> None:
    """Refuse a component that isn't one of so many.

    Raises:
        LatentError: It isn't.
    """
    if not 0 <= component < count:
        raise LatentError(
            f"{what} contains {count} directions, so component is a number from 0 to {count - 1}, got {component}."
        )


def read_own(path: Path) -> NamedDirections:
    """Read what `save_directions` wrote.

    Raises:
        LatentError: The file is damaged.
    """
    try:
        if path.stat().st_size > _FILE_BYTES:
            raise ValueError(f"it has more than {_FILE_BYTES >> 20} MB")
        with safe_open(path, "pt") as file:
            about = parse_json(file.metadata()["directions"])
            entries = about["directions"]
            if not 0 < len(entries) <= MOST_DIRECTIONS:
                raise ValueError(f"it has {len(entries)} directions")
            tensors = [file.get_tensor(f"direction_{index:03d}") for index in range(len(entries))]
        directions = tuple(map(_direction, entries, tensors))
        names = tuple(str(entry["name"])[:LONGEST_NAME] for entry in entries)
        return NamedDirections(directions, names, str(about["fingerprint"]))
    except _FILE_TROUBLE as error:
        raise LatentError(
            f"{path.name} can't be read as directions: {error}. Save it again with Save Direction."
        ) from error


def _direction(entry: dict[str, object], tensor: torch.Tensor) -> Direction:
    space, deviation, sizes = entry["space"], entry["deviation"], entry["rows"]
    if space not in SPACES or not isinstance(sizes, list) or not all(isinstance(size, int) for size in sizes):
        raise ValueError("it doesn't say what space a direction is in")
    if not isinstance(deviation, (int, float)) or not (math.isfinite(deviation) and deviation > 0):
        raise ValueError("a direction has no length")
    if tensor.dtype != torch.float32 or tensor.dim() != 1 or not bool(tensor.isfinite().all()):
        raise ValueError("a direction isn't a row of finite float32 numbers")
    if min(sizes, default=0) <= 0 or sum(sizes) != len(tensor):
        raise ValueError("a direction's rows have other sizes than the file says")
    return Direction(str(space), tuple(tensor.split(sizes)), float(deviation))


def _check_fit(what: str, direction: Direction, generator: Generator) -> None:
    sizes: Sequence[int] = [len(row) for row in direction.rows]
    if direction.space == "style_space":
        fits = sizes == generator.style_widths
    else:
        fits = set(sizes) == {generator.config.w_dim} and len(sizes) in (1, generator.layers.num_ws)
    if not fits:
        raise LatentError(
            f"{what} has a direction in {direction.space} of {len(sizes)} rows, {sum(sizes)} numbers together, "
            f"which {generator.name} hasn't. It was made for another model: take the generator it was found with."
        )
