"""The contract that saved workflows rely on: every node's id, inputs, defaults, choices and outputs.

    python docs/contract.py

Writes down what is new in tests/nodes/contract.json, and in node_list.json the ids, which ComfyUI's managers look up to
say which pack a workflow lacks. What was written down before never changes: new inputs and choices come at an end.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from soat.nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS

ROOT = Path(__file__).resolve().parents[1]
CONTRACT = ROOT / "tests" / "nodes" / "contract.json"
NODE_LIST = ROOT / "node_list.json"

Contract = dict[str, Any]


class BrokenContract(Exception):
    """A saved workflow would no longer mean what it meant."""


def declared() -> dict[str, Contract]:
    """What each node that ComfyUI shows declares now, by its id."""
    return {class_id: _of(NODE_CLASS_MAPPINGS[class_id]) for class_id in sorted(NODE_DISPLAY_NAME_MAPPINGS)}


def _of(node: Any) -> Contract:
    # In the order of their values in a workflow's file.
    inputs = {
        name: _entry(*entry) | ({"optional": True} if part == "optional" else {})
        for part in ("required", "optional")
        for name, entry in node.INPUT_TYPES().get(part, {}).items()
    }
    contract: Contract = {"inputs": inputs}
    if grows := getattr(node, "GROWS", None):
        contract["grows"] = [grows.names()[0], grows.names()[-1]]
    contract["outputs"] = dict(zip(node.RETURN_NAMES, node.RETURN_TYPES, strict=True))
    return contract


def _entry(kind: Any, options: dict[str, Any]) -> Contract:
    """An input's type; choices but for files, which differ from place to place."""
    if not isinstance(kind, list):
        return {"type": kind, **({"default": options["default"]} if "default" in options else {})}
    return {"default": options["default"], "choices": kind} if "default" in options else {"type": "file"}


def extended(recorded: dict[str, Contract], found: dict[str, Contract]) -> dict[str, Contract]:
    """The contract with what is new.

    Raises:
        BrokenContract: Something that was written down is gone, renamed, moved, or has another default.
    """
    return {**found, **{class_id: _extended(class_id, old, found.get(class_id)) for class_id, old in recorded.items()}}


def _extended(place: str, old: Any, new: Any) -> Any:
    """What is there now, where all that was there still is; what is new only at the end."""
    if isinstance(old, dict) and isinstance(new, dict):
        if list(new)[: len(old)] != list(old):
            raise BrokenContract(f"{place}: was {list(old)}, is {list(new)}. What is new comes after what was there.")
        return new | {name: _extended(f"{place}.{name}", value, new[name]) for name, value in old.items()}
    if place.endswith(".choices") and isinstance(new, list) and new[: len(old)] == old:
        return new
    if old != new or type(old) is not type(new):
        raise BrokenContract(f"{place}: was {old!r}, is {new!r}. Saved workflows rely on it.")
    return new


def node_list() -> dict[str, str]:
    """What a manager reads: each id, and what the node is for."""
    return {class_id: NODE_CLASS_MAPPINGS[class_id].DESCRIPTION for class_id in sorted(NODE_DISPLAY_NAME_MAPPINGS)}


def as_text(contracts: dict[str, Contract]) -> str:
    """JSON with a line for each input, so that a change is read at once."""
    nodes = []
    for class_id, contract in contracts.items():
        parts = []
        for part, entries in contract.items():
            if isinstance(entries, dict) and entries:
                lines = [f"      {json.dumps(name)}: {json.dumps(entry)}" for name, entry in entries.items()]
                parts.append(f"    {json.dumps(part)}: {{\n" + ",\n".join(lines) + "\n    }")
            else:
                parts.append(f"    {json.dumps(part)}: {json.dumps(entries)}")
        nodes.append(f"  {json.dumps(class_id)}: {{\n" + ",\n".join(parts) + "\n  }")
    return "{\n" + ",\n".join(nodes) + "\n}\n"


def main() -> None:
    recorded = json.loads(CONTRACT.read_text(encoding="utf-8")) if CONTRACT.exists() else {}
    CONTRACT.write_text(as_text(dict(sorted(extended(recorded, declared()).items()))), encoding="utf-8")
    NODE_LIST.write_text(json.dumps(node_list(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
