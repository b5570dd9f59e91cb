"""The nodes, thin: they declare inputs, call the library and convert axes.

Each is a file of its own, and found by its class's DISPLAY_NAME. Its id is its class's name (or its IDS, if it has
more than one): what saved workflows rely on, so never rename one.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from . import host, routes


def _node_classes() -> Iterator[Any]:
    for file in iter_modules(__path__):
        if not file.ispkg:
            module = import_module(f".{file.name}", __name__)
            yield from (each for each in vars(module).values() if _is_node(each) and each.__module__ == module.__name__)


def _is_node(found: Any) -> bool:
    return isinstance(found, type) and hasattr(found, "DISPLAY_NAME")


NODE_CLASS_MAPPINGS: dict[str, type] = {}
NODE_DISPLAY_NAME_MAPPINGS: dict[str, str] = {}

for _node_class in _node_classes():
    _shown_id, *_headless_ids = getattr(_node_class, "IDS", (_node_class.__name__,))
    host.shield(_node_class, _shown_id)
    NODE_DISPLAY_NAME_MAPPINGS[_shown_id] = _node_class.DISPLAY_NAME
    if hasattr(_node_class, "GROWS"):
        _node_class = host.as_v3(_shown_id, _node_class, _node_class.DISPLAY_NAME)
    NODE_CLASS_MAPPINGS |= dict.fromkeys((_shown_id, *_headless_ids), _node_class)

host.name_errors()
routes.register()
