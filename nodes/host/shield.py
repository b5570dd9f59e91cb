"""What nodes are shielded from: what other packs have switched on, and the name that ComfyUI gives the pack."""

from __future__ import annotations

from functools import wraps
from typing import Any

from ...soat_backend.support.errors import SoatError
from ...soat_backend.support.runtime import without_autocast
from .comfyui import in_comfyui


def shield(node_class: type) -> None:
    """Make a node's work independent of an autocast around it."""
    name = node_class.FUNCTION  # type: ignore[attr-defined]
    work = getattr(node_class, name)

    @wraps(work)
    def shielded(*args: Any, **inputs: Any) -> Any:
        with without_autocast():
            return work(*args, **inputs)

    setattr(node_class, name, shielded)


def name_errors() -> None:
    """Have ComfyUI call our errors `soat.SoatError`: it imports packs under their path, and shows that with each."""
    if not in_comfyui():
        return  # Where errors travel between processes, and are found by their true names.
    errors: list[type[SoatError]] = [SoatError]
    for each in errors:
        errors += each.__subclasses__()
        each.__module__ = "soat"
