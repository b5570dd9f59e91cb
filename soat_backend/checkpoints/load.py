"""From a file to a generator: read, recognise, check every tensor, build."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from ..generators import Generator, GeneratorConfig, StyleGAN2
from ..generators.provenance import read_provenance
from ..support.errors import CheckpointError
from ..support.terminal import printable
from .containers.blob import damaged, open_regular_file
from .containers.stored import narrowed
from .fill import estimate_w_avg, missing_noise
from .formats.claims import Converted, is_whole_number
from .formats.limits import within_limits

if TYPE_CHECKING:
    from .containers.unwrap import StateDict

logger = logging.getLogger(__name__)

# Of generators in memory and in our own files.
WEIGHT_DTYPES = (torch.float32, torch.float16, torch.bfloat16)

# What reading a file that contradicts itself can raise; anything else is a bug of ours.
_FILE_TROUBLE = (ValueError, TypeError, LookupError, ArithmeticError, OSError, MemoryError, RuntimeError)

_FINITE_CHUNK = 1 << 16
# Notes of what a generator has otherwise than its file.
_LOGGED = {"narrowed", "left out", "mean of w", "colours", "noise"}


@dataclass(frozen=True)
class Loaded:
    """A generator and what is known of its file."""

    generator: Generator
    format_name: str
    notes: dict[str, str]
    file_size: int


def load_generator(path: str | os.PathLike[str], *, name: str | None = None) -> Generator:
    """Load a generator from any checkpoint that can be read; nothing in the file is executed.

    Args:
        path: The file. Its format is told from its content.
        name: What to call the generator in messages; default the file's name.

    Returns:
        In eval mode, without gradients, on the CPU, weights of the type they are stored in. Those of a safetensors
        file are memory-mapped: don't overwrite the file while the generator is in use.

    Raises:
        CheckpointError: The file can't be read, is damaged, or is something else; the message says which.
    """
    return read_generator(path, name=name).generator


def read_generator(path: str | os.PathLike[str], *, name: str | None = None, sample: bool = True) -> Loaded:
    """Load a generator with what is known of its file.

    Args:
        path: The file.
        name: As in `load_generator`.
        sample: Whether a missing w_avg is estimated, which takes a second; else it is zero.

    Raises:
        CheckpointError: As `load_generator`.
    """
    # Two dozen modules that ComfyUI's start needn't wait for.
    from .containers.contents import read_contents
    from .containers.unwrap import StateDict
    from .formats.known import recognise

    # ComfyUI runs nodes in inference mode, and weights made there could never be optimised.
    with named_errors(path), torch.inference_mode(False), open_regular_file(path) as file:
        contents = read_contents(file, path)
        format_ = recognise(contents)
        state_dict = contents.state_dict if format_.reads_state_dict else StateDict()
        with _located_errors(state_dict):
            converted = format_.convert(contents)
            generator, narrowed_count = _build(converted, name or Path(path).name, file.length, sample)
    notes = {**converted.notes, **state_dict.notes()}
    if narrowed_count:
        notes["narrowed"] = f"{narrowed_count} of {len(converted.weights)} tensors from float64 to float32"
    for name in _LOGGED & notes.keys():
        logger.info("%s: %s %s", printable(Path(path).name), name, notes[name])
    if is_ours(notes):
        generator.provenance = read_provenance(notes["provenance"])
    else:
        generator.provenance = {"source_format": format_.name, "source_file": Path(path).name}
    return Loaded(generator, format_.name, notes, file.length)


def is_ours(notes: Mapping[str, str]) -> bool:
    """Whether a file says of itself where its generator comes from, as only those do that this package wrote."""
    return "provenance" in notes


@contextmanager
def named_errors(path: str | os.PathLike[str]) -> Iterator[None]:
    """Begin every message with the file's name, and turn trouble with the file into a CheckpointError."""
    name = os.path.basename(os.fspath(path)) or os.fspath(path)
    try:
        yield
    except CheckpointError as error:
        raise CheckpointError(f"{name}: {error}", **error.values) from error
    except _FILE_TROUBLE as error:
        trouble = damaged(f"reading it failed with {type(error).__name__}")
        raise CheckpointError(f"{name}: {trouble}") from error


@contextmanager
def _located_errors(state_dict: StateDict) -> Iterator[None]:
    """End every message with which part of the file it is about: another part may hold a sound generator."""
    try:
        yield
    except CheckpointError as error:
        raise CheckpointError(f"{error}{state_dict.sentence()}", **error.values) from error


def _build(converted: Converted, name: str, file_size: int, sample: bool) -> tuple[Generator, int]:
    """A generator with the file's weights, and how many of them were narrowed."""
    with torch.device("meta"):
        generator = _empty(converted, name)
    expected = {key: tuple(tensor.shape) for key, tensor in generator.state_dict().items()}
    optional = {key for key in expected if key.endswith(("noise_const", "w_avg"))} | converted.fixed.keys()
    kind = "StyleGAN2" if isinstance(generator, StyleGAN2) else "StyleGAN3"
    _check_names(converted, set(expected), optional, kind)
    _check_claims(converted, expected, file_size)
    state = {}
    narrowed_count = 0
    for key, weight in converted.weights.items():
        tensor = weight.read()
        _check_tensor(weight.source, tensor, expected[key], kind)
        if is_whole_number(weight.stored):
            tensor = tensor.float()
        if tensor.dtype == torch.float64:
            tensor = _as_float32(weight.source, tensor)
            narrowed_count += 1
        state[key] = tensor
    lacking = expected.keys() - state.keys()
    given = dict(converted.fixed)
    if isinstance(generator, StyleGAN2) and lacking - {"mapping.w_avg"}:
        given = missing_noise(generator.config, state["synthesis.b4.const"].dtype)
    state.update({key: value for key, value in given.items() if key in lacking})
    state.setdefault("mapping.w_avg", torch.zeros(generator.config.w_dim, device="cpu"))
    generator.load_state_dict(state, strict=True, assign=True)
    generator.eval().requires_grad_(False)
    if sample and "mapping.w_avg" in lacking:
        generator.mapping.w_avg = estimate_w_avg(generator)
    return generator, narrowed_count


def _empty(converted: Converted, name: str) -> Generator:
    """A generator of a file's shape, whose weights are still to come."""
    config = converted.config
    if isinstance(config, GeneratorConfig):
        return StyleGAN2(within_limits(config), name=name)
    from ..generators import StyleGAN3

    return StyleGAN3(config, name=name)


def _check_names(converted: Converted, expected: set[str], optional: set[str], kind: str) -> None:
    missing = sorted(expected - optional - converted.weights.keys())
    surplus = sorted((*converted.leftover, *(converted.weights.keys() - expected)))
    if missing:
        raise CheckpointError(f"The generator is incomplete: {_listed(missing)} is missing. Export it again.")
    if surplus:
        raise CheckpointError(
            f"The generator has weights that no {kind} known here has: {_listed(surplus)}. It is a variant that "
            "would not compute the same pictures."
        )


def _listed(names: list[str]) -> str:
    shown = ", ".join(repr(name[:80]) for name in names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"


def _check_claims(converted: Converted, expected: dict[str, tuple[int, ...]], file_size: int) -> None:
    """Check types, and that the file is large enough for all its tensors: many may claim the same bytes."""
    total = 0
    for key, weight in converted.weights.items():
        dtype = weight.stored.dtype
        if dtype not in (*WEIGHT_DTYPES, torch.float64) and not is_whole_number(weight.stored):
            raise CheckpointError(
                f"{weight.source[:80]!r} is stored as {str(dtype).removeprefix('torch.')}; weights are float32, "
                "float16, bfloat16 or float64. Export the checkpoint as float32."
            )
        total += torch.Size(expected[key]).numel() * dtype.itemsize
    if total > file_size:
        raise damaged(f"its weights would take {total} bytes and the file has {file_size}")


def _check_tensor(source: str, tensor: torch.Tensor, expected: tuple[int, ...], kind: str) -> None:
    if tuple(tensor.shape) != expected:
        raise CheckpointError(
            f"{source[:80]!r} has the shape {list(tensor.shape)} where this {kind} needs {list(expected)}: the "
            "file is damaged or of an unknown variant."
        )
    for chunk in tensor.flatten().split(_FINITE_CHUNK):
        if not torch.isfinite(chunk).all():
            raise CheckpointError(
                f"{source[:80]!r} has values that are not finite (NaN or infinity): the training that made this file "
                "diverged, or the file is damaged. Use an earlier snapshot."
            )


def _as_float32(source: str, tensor: torch.Tensor) -> torch.Tensor:
    """A float64 tensor as float32, in which all layers compute."""
    narrow = narrowed(tensor)
    if not torch.isfinite(narrow).all():
        raise CheckpointError(
            f"{source[:80]!r} is stored as float64 and has values too large for float32, in which generators compute. "
            "The training that made this file diverged, or the file is damaged."
        )
    return narrow
