"""Finds the generator's state dict in what training scripts put around it: dicts in dicts, prefixes, other networks."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from ...support.errors import CheckpointError
from ...support.terminal import printable
from .inert import Inert
from .modules import find_module, flatten_module
from .stored import Number, StoredTensor

# The one tensor that names where a generator's state dict begins: its learned constant, as each code base calls it, or
# StyleGAN3's frequencies.
CONSTANTS = (
    "synthesis.b4.const",
    "input.input",
    "constant_input.weight",
    "constant_input.input",
    "synthesis.early_layer.const",
    "synthesis.input.freqs",
)
# NVIDIA's own, which are read where they are pickled whole.
_NVIDIA = (CONSTANTS[0], CONSTANTS[-1])
# What a restoration network (GFPGAN) calls the generator inside it, which can't be sampled alone.
_CONDITIONED = "stylegan_decoder"
# What networks with an encoder (pSp, e4e) call theirs, which is an ordinary one; taken if there is no other.
_DECODER = "decoder"

# Code bases whose mean of w lies outside the generator's own tensors.
_WITH_LATENT_AVG = ("input.input", "constant_input.weight", "constant_input.input")
_WRAPPERS = ("module", "_orig_mod")
_AVERAGED = re.compile(r"(^|_)ema|ema(?![a-z])|avg|averag|running|smooth|^gs$", re.IGNORECASE)
# At the beginning of a word: `noema`, `G_no_ema` and `modelNoEma`, but not `piano_ema`.
_NOT_AVERAGED = re.compile(
    r"((?<![A-Za-z])|(?<=[a-z])(?=[A-Z]))(?i:(non|no|not|without|un)[_ -]?(ema|avg|averag|running|smooth))"
)
_MAX_DEPTH = 6
_MAX_NAMES = 20_000
_MAX_NAME = 200
_MAX_PREFIX = 1000
_MAX_MODULES = 16


@dataclass(frozen=True)
class StateDict:
    """A generator's tensors by name.

    Attributes:
        tensors: Without the prefix that all their names share.
        location: Where in the file they were, e.g. `g_ema` or `state_dict.G`; empty if nothing is around them.
        others: Locations of other generators in the file.
        settings: If it was pickled as a module, plain attributes of each part by its path.
        has_encoder: Whether it is the decoder beside an encoder.
    """

    tensors: dict[str, StoredTensor] = field(default_factory=dict)
    location: str = ""
    others: tuple[str, ...] = ()
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    has_encoder: bool = False

    def notes(self) -> dict[str, str]:
        """What there is to say about where it was found."""
        others = f", not from {', '.join(self.others[:3])}" if self.others else ""
        notes = {}
        if self.location or others:
            notes["taken from"] = f"{self.location or 'the outermost names'}{others}"
        if self.has_encoder:
            notes["left out"] = "the encoder beside this generator, which turns photos into codes"
        return notes

    def sentence(self) -> str:
        """The same for the end of a message, with a space before it; empty if there is nothing to say."""
        taken = self.notes().get("taken from")
        return "" if taken is None else f" Its weights were taken from {printable(taken, 200)}."


@dataclass(frozen=True)
class _Place:
    """A dict in the file, and the prefix under which it has a generator's names."""

    path: tuple[str, ...]
    group: dict[Any, Any]
    prefix: str
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def location(self) -> str:
        return ".".join((*self.path, self.prefix)).strip(".")

    @property
    def rank(self) -> tuple[int, int]:
        """What places are sorted by: the one to take has the lowest."""
        averaged = averaged_parts(self.location) + self._is_counted()
        return -averaged, len(self.path) + self.prefix.count(".")

    def is_below(self, name: str) -> bool:
        return f".{name}." in f".{self.location}."

    def _is_counted(self) -> bool:
        """Whether it is torch's AveragedModel, which counts beside its module, whatever it is called."""
        parts = self.prefix.split(".")[:-1]
        for _ in range(_MAX_DEPTH):
            if ".".join((*parts, "n_averaged")) in self.group:
                return True
            if not parts or parts.pop() not in _WRAPPERS:
                break
        return False


def find_state_dict(tree: Any) -> StateDict:
    """The state dict with most around it that is called averaged, and of those the first that has least around it.

    Args:
        tree: What a reader made of a file.

    Returns:
        Its tensors, and rosinality's `latent_avg` if that lies outside it; nothing if there is no generator.
    """
    places = [
        _Place(path, group, prefix, settings) for path, group, settings in _dicts(tree) for prefix in _prefixes(group)
    ]
    places = [place for place in places if not place.is_below(_CONDITIONED)]
    places = [place for place in places if not place.is_below(_DECODER)] or places
    if not places:
        return StateDict()
    best = min(places, key=lambda place: place.rank)
    tensors = {
        name.removeprefix(best.prefix): tensor
        for name, value in best.group.items()
        if isinstance(name, str) and name.startswith(best.prefix) and (tensor := _as_tensor(value)) is not None
    }
    average = _nearest_latent_avg(tree, best) if any(name in tensors for name in _WITH_LATENT_AVG) else None
    if average is not None:
        tensors.setdefault("latent_avg", average)
    settings = {
        f"{path}.".removeprefix(best.prefix).rstrip("."): values
        for path, values in best.settings.items()
        if f"{path}.".startswith(best.prefix)
    }
    others = tuple(place.location for place in places if place is not best)
    has_encoder = best.is_below(_DECODER) and any(".encoder." in f".{name}." for name in all_names(tree))
    return StateDict(tensors, best.location, others, settings, has_encoder)


def averaged_parts(location: str) -> int:
    """How many parts of a location are called what people call the average over a training.

    That average gives the better pictures. In `ema.ema_model` there are two such parts, in `ema.online_model` there is
    one, and in `G_without_ema` none. Of an absurdly long location only the end counts.
    """
    parts = location[-_MAX_NAME:].split(".")
    return sum(_AVERAGED.search(_NOT_AVERAGED.sub("", part)) is not None for part in parts)


def all_names(tree: Any) -> set[str]:
    """Names of everything in dicts in dicts, joined by dots; what refusals go by."""
    pairs = ((path, name) for path, group, _ in _dicts(tree) for name in group if isinstance(name, str))
    return {".".join((*path, name))[:_MAX_NAME] for path, name in islice(pairs, _MAX_NAMES)}


def _as_tensor(value: Any) -> StoredTensor | None:
    """A tensor, or a number that may be one: pickles of numpy arrays have numbers for those of no sides."""
    return value if isinstance(value, StoredTensor) else Number.of(value, loose=True)


def _dicts(tree: Any) -> Iterator[tuple[tuple[str, ...], dict[Any, Any], dict[str, dict[str, Any]]]]:
    """Every dict with the keys that lead to it, outer ones first; one that is there many times, once.

    Modules that were pickled whole are there as state dicts, with their settings; but NVIDIA's, which have a reader of
    their own.
    """
    pending: deque[tuple[tuple[str, ...], Any]] = deque([((), tree)])
    seen: set[int] = set()
    modules = 0
    while pending:
        path, item = pending.popleft()
        if id(item) in seen or len(path) > _MAX_DEPTH:
            continue
        seen.add(id(item))
        if isinstance(item, dict):
            yield path, item, {}
            pending.extend(
                ((*path, name), inner)
                for name, inner in item.items()
                if isinstance(name, str) and isinstance(inner, dict | Inert)
            )
        elif modules < _MAX_MODULES and (module := find_module(item)) is not None:
            modules += 1
            with suppress(CheckpointError):
                flat = flatten_module(module)
                if not any(name in flat.tensors for name in _NVIDIA):
                    yield path, dict(flat.tensors), flat.settings


def _prefixes(group: dict[Any, Any]) -> Iterator[str]:
    """Prefixes under which a dict has a generator's names, as `module.`; empty if it has them as they are."""
    for name, value in group.items():
        if not isinstance(name, str) or not isinstance(value, StoredTensor):
            continue
        for constant in CONSTANTS:
            prefix = name.removesuffix(constant)
            # A prefix of megabytes, which has many parts, would be copied once for each of them.
            if prefix != name and (not prefix or prefix.endswith(".")) and len(prefix) <= _MAX_PREFIX:
                yield prefix


def _nearest_latent_avg(tree: Any, place: _Place) -> StoredTensor | None:
    """The mean of w that belongs to a state dict: rosinality's lies beside it or further out."""
    around = [tree] if isinstance(tree, dict) else []
    for name in place.path:
        inner = around[-1][name]
        if isinstance(inner, dict):
            around.append(inner)
    prefixes = [place.prefix[: match.start()] for match in re.finditer(r"(?<=\.)|^", place.prefix)]
    found = [place.group.get(f"{prefix}latent_avg") for prefix in reversed(prefixes)]
    found += [group.get("latent_avg") for group in reversed(around)]
    return next((value for value in found if isinstance(value, StoredTensor)), None)
