"""Torch modules that were pickled whole, NVIDIA's way or torch's: their tensors and settings, without their code."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ...support.errors import CheckpointError
from .inert import Inert
from .stored import StoredTensor

_RECONSTRUCT = "torch_utils.persistence._reconstruct_persistent_obj"
_MAX_MODULES = 10_000
_MAX_ITEMS = 100_000
_MAX_DEPTH = 20
_MAX_PATH = 300


@dataclass
class ModuleTree:
    """A pickled module, flattened.

    Attributes:
        tensors: Parameters and buffers by their state dict names.
        settings: Plain attributes of each module, by its path.
        classes: Class name of each module, by its path.
    """

    tensors: dict[str, StoredTensor] = field(default_factory=dict)
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)


def find_module(item: Any) -> Inert | None:
    """A pickled module, out of what DataParallel, AveragedModel and torch.compile put around it."""
    for _ in range(_MAX_DEPTH):
        if _state(item) is None:
            return None
        children = module_children(item)
        inner = children.get("module", children.get("_orig_mod"))
        if len(children) != 1 or _state(inner) is None:
            return item
        item = inner
    return None


def flatten_module(root: Inert | None) -> ModuleTree:
    """Collect tensors, settings and class names of a pickled module and those inside it.

    Raises:
        CheckpointError: Modules contain themselves, or there are absurdly many.
    """
    result = ModuleTree()
    pending: list[tuple[str, Any]] = [("", root)]
    seen: set[int] = set()
    items = 0
    while pending:
        path, module = pending.pop()
        state = _state(module)
        if state is None:
            continue
        items += len(state) + sum(len(group) for group in state.values() if isinstance(group, dict))
        absurd = (
            len(seen) >= _MAX_MODULES or items > _MAX_ITEMS or path.count(".") > _MAX_DEPTH or len(path) > _MAX_PATH
        )
        if id(module) in seen or absurd:
            raise CheckpointError("This pickle has modules that contain each other, which no generator does.")
        seen.add(id(module))
        prefix = f"{path}." if path else ""
        result.classes[path] = _class_name(module)
        result.settings[path] = {name: value for name, value in state.items() if isinstance(name, str)}
        for group in ("_parameters", "_buffers"):
            for name, tensor in _named(state.get(group)):
                if isinstance(tensor, StoredTensor):
                    result.tensors[prefix + name] = tensor
        pending += [(prefix + name, child) for name, child in _named(state.get("_modules"))]
    return result


def _named(group: Any) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in group.items() if isinstance(name, str)] if isinstance(group, dict) else []


def _meta(module: Inert) -> dict[Any, Any]:
    if module.name == _RECONSTRUCT and len(module.args) == 1 and isinstance(module.args[0], dict):
        return module.args[0]
    return {}


def _state(module: Any) -> dict[Any, Any] | None:
    """Attributes of a pickled module, whether pickled NVIDIA's way or as torch pickles whole modules."""
    if not isinstance(module, Inert):
        return None
    state = _meta(module).get("state", module.state)
    return state if isinstance(state, dict) and isinstance(state.get("_modules"), dict) else None


def module_children(module: Inert) -> dict[Any, Any]:
    """The modules inside a pickled module."""
    return (_state(module) or {})["_modules"]


def _class_name(module: Inert) -> str:
    name = _meta(module).get("class_name")
    return name if isinstance(name, str) else module.name.rpartition(".")[2]
