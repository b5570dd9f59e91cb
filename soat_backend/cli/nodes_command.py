"""`soat nodes`: what there is to build workflows from."""

from __future__ import annotations

import argparse
import json
from typing import Any

from ..support.errors import SoatError, choices_text
from ..workflow.node_types import InputSpec, NodeCatalog, NodeType
from .pack import NodePack
from .run_command import use_folders

_LISTED_CHOICES = 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("node", nargs="*", help="only these nodes")
    parser.add_argument("--json", action="store_true", help="as JSON, for programs")
    parser.add_argument("--models", metavar="DIR", help="where checkpoints are (SOAT_MODELS, else ./models)")
    parser.add_argument("--input", metavar="DIR", help="where pictures come from (SOAT_INPUT, else ./input)")


def run(args: argparse.Namespace, pack: NodePack) -> None:
    """Print the nodes.

    Raises:
        SoatError: A node asked for doesn't exist.
    """
    use_folders(args, pack)
    catalog = NodeCatalog(pack.classes)
    for name in args.node:
        if name not in catalog:
            raise SoatError(f"There is no node {name!r}: {choices_text(catalog, name, limit=40)}.")
    described = {name: _describe(catalog[name], pack) for name in args.node or catalog}
    if args.json:
        print(json.dumps(described, indent=2, default=str))
        return
    print("\n\n".join(_as_text(name, node) for name, node in described.items()))


def _describe(node_type: NodeType, pack: NodePack) -> dict[str, Any]:
    cls = node_type.cls
    names = getattr(cls, "RETURN_NAMES", node_type.return_types)
    inputs = {spec.name: _describe_input(spec) for spec in node_type.inputs.values()}
    if grows := getattr(cls, "GROWS", None):
        first, *others = grows.names()
        inputs = {name: each for name, each in inputs.items() if name not in others}
        inputs[first]["up_to"] = others[-1]
    return {
        "display_name": pack.display_names.get(node_type.class_type, node_type.class_type),
        "category": getattr(cls, "CATEGORY", ""),
        "description": getattr(cls, "DESCRIPTION", ""),
        "inputs": inputs,
        "outputs": [{"name": name, "type": kind} for name, kind in zip(names, node_type.return_types, strict=False)],
        "saves_or_shows": node_type.is_output,
    }


def _describe_input(spec: InputSpec) -> dict[str, Any]:
    described: dict[str, Any] = {"type": spec.type, "required": spec.required}
    if spec.is_widget:
        described["default"] = spec.default
    if spec.choices is not None:
        described["choices"] = list(spec.choices)
    for option in ("min", "max", "step", "tooltip"):
        if option in spec.options:
            described[option] = spec.options[option]
    return described


def _as_text(name: str, node: dict[str, Any]) -> str:
    lines = [f"{name}  ({node['display_name']})"]
    if node["description"]:
        lines.append(f"  {node['description']}")
    for input_name, described in node["inputs"].items():
        others = f" to {described['up_to']}" if "up_to" in described else ""
        lines.append(f"  in   {input_name}{others}: {_input_text(described)}")
        if described.get("tooltip"):
            lines.append(f"         {described['tooltip']}")
    lines += [f"  out  {output['name']}: {output['type']}" for output in node["outputs"]]
    return "\n".join(lines)


def _input_text(described: dict[str, Any]) -> str:
    parts = [str(described["type"])]
    if "choices" in described:
        choices = [str(choice) for choice in described["choices"]]
        more = f", and {len(choices) - _LISTED_CHOICES} more" if len(choices) > _LISTED_CHOICES else ""
        parts = [f"one of {', '.join(choices[:_LISTED_CHOICES])}{more}" if choices else "one of none yet"]
    if "default" in described:
        parts.append(f"default {described['default']!r}")
    if "min" in described or "max" in described:
        parts.append(f"{described.get('min', 'any')} to {described.get('max', 'any')}")
    if not described["required"]:
        parts.append("optional")
    return ", ".join(parts)
