"""What stands around every node's work: its defaults, no autocast of other packs, errors that say which node failed."""

from __future__ import annotations

from functools import wraps
from inspect import Parameter, signature
from typing import Any

from ...soat_backend.support.errors import SoatError
from ...soat_backend.support.runtime import without_autocast
from .comfyui import in_comfyui


def shield(node_class: type, node_id: str) -> None:
    """Give a node's work what stands around it.

    Inputs that aren't given have the defaults that INPUT_TYPES declares: a prompt may leave optional ones out, and
    whoever calls a node in Python any. An autocast of others is off. Errors' messages have the node's id in front.

    The library knows no nodes, so it can't name them. Of nodes within each other the outermost is named: it is the one
    that its user sees.
    """
    name = node_class.FUNCTION  # type: ignore[attr-defined]
    work = getattr(node_class, name)

    @wraps(work)
    def shielded(*args: Any, **inputs: Any) -> Any:
        expected = signature(work)
        undecided = {each.name for each in expected.parameters.values() if each.default is Parameter.empty}
        missing = undecided - expected.bind_partial(*args, **inputs).arguments.keys()
        if missing:
            inputs = {name: value for name, value in _defaults(node_class).items() if name in missing} | inputs
        try:
            with without_autocast():
                return work(*args, **inputs)
        except SoatError as error:
            error.where = node_id
            raise

    setattr(node_class, name, shielded)


def _defaults(node_class: Any) -> dict[str, Any]:
    """What INPUT_TYPES declares, as the node's function wants it."""
    declared = node_class.INPUT_TYPES()
    entries = {**declared.get("required", {}), **declared.get("optional", {})}
    values = {name: options["default"] for name, (_, options) in entries.items() if "default" in options}
    takes_lists = getattr(node_class, "INPUT_IS_LIST", False)
    return {name: [value] for name, value in values.items()} if takes_lists else values


def name_errors() -> None:
    """Have ComfyUI call our errors `soat.SoatError`: it imports packs under their path, and shows that with each."""
    if not in_comfyui():
        return  # Where errors travel between processes, and are found by their true names.
    errors: list[type[SoatError]] = [SoatError]
    for each in errors:
        errors += each.__subclasses__()
        each.__module__ = "soat"
