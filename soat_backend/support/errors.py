"""The errors users see. A message says what failed, what was expected, what came, the likely cause and the fix."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

# Beyond, the digits of a float say nothing.
_LARGEST_WRITTEN_OUT = 1e21


class SoatError(Exception):
    """Base of every error this package raises on purpose; its text is meant to be read by an artist.

    Args:
        message: What failed, expected, got, likely cause, fix.
        **values: What the message was made of, kept as attributes in `values` for programs.
    """

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message)
        self.values = values


class CheckpointError(SoatError):
    """A file that can't be read as a StyleGAN2 generator, or is refused by name."""


class LatentError(SoatError):
    """A latent that doesn't fit: wrong space, shape, batch, or another generator's."""


class FeatureError(SoatError):
    """Feature maps that can't be edited or combined as asked."""


class WorkflowError(SoatError):
    """A workflow that can't be read or run."""


def require_choice(what: str, value: str, choices: Sequence[str]) -> None:
    """Refuse a word that is none of the choices: values that come over a wire are not checked by ComfyUI.

    Raises:
        SoatError: It is none of them.
    """
    if value not in choices:
        raise SoatError(f"{what}: expected one of {', '.join(choices)}, got {value!r}.", value=value)


def require_between(what: str, value: float, low: float, high: float) -> None:
    """Refuse a number outside a range, or none at all.

    Raises:
        SoatError: It is outside, or NaN.
    """
    if not low <= value <= high:  # nor is NaN
        bounds = f"{number_text(low)} to {number_text(high)}"
        raise SoatError(f"{what}: expected a number from {bounds}, got {value}.", value=value)


def number_text(value: float) -> str:
    """A number for a message: a whole one in full, another to six digits."""
    is_whole = isinstance(value, int) or (value.is_integer() and abs(value) < _LARGEST_WRITTEN_OUT)
    return str(int(value)) if is_whole else f"{value:g}"


def choices_text(names: Iterable[Any], wanted: Any = None, limit: int = 12) -> str:
    """The names in a sentence, the nearest to `wanted` suggested first."""
    listed = [str(name) for name in names]
    near = difflib.get_close_matches(str(wanted), listed, n=1) if wanted is not None else []
    suggestion = f"did you mean {near[0]!r}? " if near else ""
    more = f" and {len(listed) - limit} more" if len(listed) > limit else ""
    return f"{suggestion}there is {', '.join(listed[:limit])}{more}" if listed else "there is none"
