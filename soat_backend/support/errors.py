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

    Attributes:
        message: The sentences alone.
        where: Who was at work, put in front of the message by the text of the error ("who: message"); empty: nobody
            said. Whoever calls the library may set it.
    """

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message)
        self.message = message
        self.values = values
        self.where = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class CheckpointError(SoatError):
    """A file that can't be read as a StyleGAN2 generator, or is refused by name."""


class LatentError(SoatError):
    """A latent that doesn't fit: wrong space, shape, batch, or another generator's."""


class FeatureError(SoatError):
    """Feature maps that can't be edited or combined as asked."""


class WorkflowError(SoatError):
    """A workflow that can't be read or run."""


def require_choice(name: str, value: str, choices: Sequence[str]) -> None:
    """Refuse a word that is none of the choices: values that come over a wire are not checked by ComfyUI.

    Args:
        name: Of the input, as its user knows it; the message begins with it.
        value: What came.
        choices: The words that are allowed.

    Raises:
        SoatError: The value is none of the choices.
    """
    if value not in choices:
        raise SoatError(f"{name} must be one of {', '.join(choices)}, got {value!r}.", value=value)


def require_between(name: str, value: float, low: float, high: float) -> None:
    """Refuse a number outside a range, and what is no number.

    Args:
        name: Of the input, as its user knows it; the message begins with it.
        value: What came.
        low: The smallest number allowed.
        high: The largest number allowed.

    Raises:
        SoatError: The value lies outside the range, or is NaN.
    """
    if not low <= value <= high:  # nor is NaN
        bounds = f"{number_text(low)} to {number_text(high)}"
        raise SoatError(f"{name} must be a number from {bounds}, got {value}.", value=value)


def number_text(value: float) -> str:
    """A number for a message: a whole one in full, another to six digits."""
    is_whole = isinstance(value, int) or (value.is_integer() and abs(value) < _LARGEST_WRITTEN_OUT)
    return str(int(value)) if is_whole else f"{value:g}"


def choices_text(names: Iterable[Any], wanted: Any = None, limit: int = 12) -> str:
    """A sentence without its full stop that lists what could have been chosen: "Available: a, b".

    Args:
        names: All choices; more than `limit` are counted, not listed.
        wanted: What was asked for: if a choice is spelled much like it, "Did you mean ...?" comes first.
        limit: The number of choices that are listed.
    """
    listed = [str(name) for name in names]
    near = difflib.get_close_matches(str(wanted), listed, n=1) if wanted is not None else []
    suggestion = f"Did you mean {near[0]!r}? " if near else ""
    more = f" and {len(listed) - limit} more" if len(listed) > limit else ""
    return f"{suggestion}Available: {', '.join(listed[:limit])}{more}" if listed else "None is available"
