"""Inputs of any number: ComfyUI's frontend adds a socket each time the last is connected. Its V3 calls that Autogrow.

Only classes of V3 can have them, and nodes of this pack are plain classes that need no ComfyUI. So a node that grows
declares a `Growing`, and a class of V3 is made around it where V3 is there and able. Elsewhere it has a few sockets of
the same names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ...soat_backend.support.errors import SoatError
from .comfyui import in_comfyui, v3

_FIXED = 5  # Sockets where they can't grow.
MOST = 50


@dataclass(frozen=True)
class Growing:
    """An input of any number of wires; prompts and files call its sockets `name.prefix0`, `name.prefix1`, ...

    Attributes:
        name: Of the whole.
        prefix: What each socket is called, before its number.
        socket: How one is declared, `(type, options)`.
    """

    name: str
    prefix: str
    socket: tuple[str, dict[str, Any]]

    def names(self) -> list[str]:
        """Of all sockets there may be."""
        return [f"{self.name}.{self.prefix}{number}" for number in range(MOST)]

    def fixed(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """Sockets for INPUT_TYPES, which can't grow."""
        return dict.fromkeys(self.names()[:_FIXED], self.socket)

    def given(self, inputs: Mapping[str, Any], node: str) -> dict[str, Any]:
        """What is connected, by what its socket is called on the node, in the sockets' order; others are passed over.

        Raises:
            SoatError: Nothing is connected, or a name is none of a socket's.
        """
        names = self.names()
        unknown = sorted(inputs.keys() - set(names))
        if unknown:
            raise SoatError(
                f"{node} has no input {unknown[0]!r}: it takes up to {MOST}, {names[0]} to {names[-1]}. Split "
                "them over two of these nodes, and join what they give in a third."
            )
        connected = [name for name in names if inputs.get(name) is not None]
        if not connected:
            raise SoatError(
                f"{node}: nothing is connected. It needs at least one wire of type {self.socket[0]}: connect one to "
                f"{self.prefix}0."
            )
        return {name.removeprefix(f"{self.name}."): inputs[name] for name in connected}


def as_v3(class_id: str, node_class: Any, display_name: str) -> type:
    """A class of ComfyUI's V3 around a node that declares `GROWS`; the node itself where there is no such V3."""
    io = v3() if in_comfyui() else None
    if io is None:
        return node_class
    growing: Growing = node_class.GROWS

    def define_schema(cls: Any) -> Any:
        described = {
            "node_id": class_id,
            "display_name": display_name,
            "category": node_class.CATEGORY,
            "description": node_class.DESCRIPTION,
            "search_aliases": list(node_class.SEARCH_ALIASES),
            "has_intermediate_output": getattr(node_class, "HAS_INTERMEDIATE_OUTPUT", False),
            "inputs": _inputs(io, node_class),
            "outputs": [
                io.Custom(kind).Output(display_name=name, tooltip=tooltip)
                for kind, name, tooltip in zip(
                    node_class.RETURN_TYPES, node_class.RETURN_NAMES, node_class.OUTPUT_TOOLTIPS, strict=True
                )
            ],
        }
        known = {field.name for field in fields(io.Schema)}
        return io.Schema(**{name: value for name, value in described.items() if name in known})

    def execute(cls: Any, **inputs: Any) -> Any:
        sockets = inputs.pop(growing.name, None) or {}
        named = {f"{growing.name}.{socket}": value for socket, value in sockets.items()}
        return getattr(node_class(), node_class.FUNCTION)(**inputs, **named)

    parts = {"define_schema": classmethod(define_schema), "execute": classmethod(execute)}
    return type(node_class.__name__, (io.ComfyNode,), {"__doc__": node_class.__doc__, **parts})


def _inputs(io: Any, node_class: Any) -> list[Any]:
    """What INPUT_TYPES declares, the sockets that can't grow replaced by those that can."""
    growing: Growing = node_class.GROWS
    # Each is optional: a row may begin at its second socket, and what is missing is told by the node.
    socket = _input(io, growing.prefix, *growing.socket, optional=True)
    template = io.Autogrow.TemplatePrefix(input=socket, prefix=growing.prefix, min=1, max=MOST)
    declared = [io.Autogrow.Input(growing.name, template=template, tooltip=growing.socket[1]["tooltip"])]
    fixed = growing.fixed()
    for part, entries in node_class.INPUT_TYPES().items():
        own = {name: entry for name, entry in entries.items() if name not in fixed}
        declared += [_input(io, name, *entry, optional=part == "optional") for name, entry in own.items()]
    return declared


def _input(io: Any, name: str, kind: Any, options: dict[str, Any], *, optional: bool) -> Any:
    """An input of V3 that ComfyUI and its frontend are told of exactly as of this one."""
    if isinstance(kind, list):
        kind, options = "COMBO", {**options, "options": kind}
    return io.Custom(kind).Input(name, optional=optional, extra_dict=options)
