"""Where a generator comes from: what its file says, and for one that was made of others, how and of which.

A provenance is a dictionary that JSON can hold. Known entries: `made_by`, `data`, `licence`, `notes`, `tool`, and
`parents`, a list of `name`, `fingerprint` and either the parent's own `provenance` or its `licences`. It may come from
a file by anybody, so nothing in it is taken to be of the right type.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..support.strict_json import parse_json

if TYPE_CHECKING:
    from .generator import Generator

LONGEST_LICENCE = 500  # In characters.
# Of a parent's own provenance, as JSON; of a longer one only the licences are kept, so that no line of ancestors grows
# without end.
_LONGEST = 4000
# Of a file's text: what is longer or nested more often is kept as a text, cut off.
_LONGEST_READ, _MOST_NESTED = 1 << 17, 500
_LONGEST_SAID = 1000
_MOST_LICENCES, _MOST_GENERATIONS = 32, 16
_SPELLINGS = ("licence", "license")
# Makes of a generator one that draws the same things.
_SAME_THINGS = "soat edges"


def read_provenance(text: str) -> dict[str, Any]:
    """What a file says of its origin; a text that is no JSON object becomes its entry `said`.

    Args:
        text: As the file has it; may be anything.
    """
    if not text:
        return {}
    if len(text) <= _LONGEST_READ and text.count("{") + text.count("[") <= _MOST_NESTED:
        try:
            found = parse_json(text)
        except ValueError:
            found = None
        if isinstance(found, dict):
            return found
    return {"said": text[:_LONGEST_SAID]}


def descent(made_by: str, parents: list[Generator], **how: Any) -> dict[str, Any]:
    """The provenance of a generator that was made of others.

    Args:
        made_by: What made it.
        parents: What it was made of.
        **how: The settings; JSON can hold them.
    """
    return {"made_by": made_by, **how, "parents": [_as_parent(parent) for parent in parents]}


def _as_parent(parent: Generator) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": parent.name, "fingerprint": parent.fingerprint}
    if len(json.dumps(parent.provenance)) <= _LONGEST:
        return {**entry, "provenance": parent.provenance}
    return {**entry, "licences": licences(parent.provenance)}


def trained_on(provenance: Mapping[str, Any]) -> str:
    """What a generator learnt to draw, as its file or that of the one it was settled from names it; "" if none does."""
    for _ in range(_MOST_GENERATIONS):
        parents = parents_of(provenance)
        own = parents[0].get("provenance") if parents else None
        if "data" in provenance or provenance.get("made_by") != _SAME_THINGS or not isinstance(own, dict):
            break
        provenance = own
    return str(provenance.get("data", ""))


def licences(provenance: Mapping[str, Any]) -> list[str]:
    """All licences that are named in a provenance: the generator's own first, then its ancestors', each once."""
    found: list[str] = []
    generation: list[Any] = [provenance]
    for _ in range(_MOST_GENERATIONS):
        for each in generation:
            found += [each[name] for name in _SPELLINGS if name in each]
            found += each["licences"] if isinstance(each.get("licences"), list) else []
        generation = [own for each in generation for parent in parents_of(each) for own in _told_of(parent)]
    texts = [text[:LONGEST_LICENCE] for text in found if isinstance(text, str) and text]
    return list(dict.fromkeys(texts))[:_MOST_LICENCES]


def _told_of(parent: dict[str, Any]) -> list[dict[str, Any]]:
    """What an entry of `parents` says of it: the licences that were kept, or all that was known."""
    own = parent.get("provenance")
    return [parent, own] if isinstance(own, dict) else [parent]


def parents_of(provenance: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The entries of the generators that one was made of; none if it says nothing of them."""
    entries = provenance.get("parents")
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
