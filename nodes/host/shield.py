"""What nodes are shielded from: what other packs in the same process have switched on."""

from __future__ import annotations

from functools import wraps
from typing import Any

from ...soat_backend.runtime import without_autocast


def shield(node_class: type) -> None:
    """Make a node's work independent of an autocast around it."""
    name = node_class.FUNCTION  # type: ignore[attr-defined]
    work = getattr(node_class, name)

    @wraps(work)
    def shielded(*args: Any, **inputs: Any) -> Any:
        with without_autocast():
            return work(*args, **inputs)

    setattr(node_class, name, shielded)
