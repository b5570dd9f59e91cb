"""Rooms whose modules are imported when they are first needed, so that ComfyUI starts no later for what nobody runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def import_when_needed(room: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """What a room's `__init__` calls `__getattr__` (Source: PEP 562): it imports what is first asked for.

    Args:
        room: The room's `__name__`.
        homes: The module of the room that each public name is in; these modules are found too. None may be called
            like a public name: once it is imported it would be found instead.
    """

    def find(name: str) -> Any:
        if name in homes.values():
            return import_module(f"{room}.{name}")
        if name not in homes:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        return getattr(import_module(f"{room}.{homes[name]}"), name)

    return find
