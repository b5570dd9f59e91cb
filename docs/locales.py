"""The English texts of all nodes for ComfyUI's frontend, out of the nodes themselves, and what translations lack.

    python docs/locales.py

Writes locales/en/nodeDefs.json. The other languages are translated from it by hand; a node that one of them lacks is
shown in English.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from soat.nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS

LOCALES = Path(__file__).resolve().parents[1] / "locales"
FILE = "nodeDefs.json"


def english() -> dict[str, Any]:
    """Of each node that ComfyUI shows: its name, description, inputs and outputs, with their tooltips."""
    return {class_id: _of(NODE_CLASS_MAPPINGS[class_id], name) for class_id, name in NODE_DISPLAY_NAME_MAPPINGS.items()}


def _of(node: type, display_name: str) -> dict[str, Any]:
    declared = node.INPUT_TYPES()
    inputs = {**declared["required"], **declared.get("optional", {})}
    texts = {name: {"name": name, "tooltip": options["tooltip"]} for name, (_, options) in inputs.items()}
    if grows := getattr(node, "GROWS", None):
        texts = _with_growing(texts, grows)
    outputs = zip(node.RETURN_NAMES, node.OUTPUT_TOOLTIPS, strict=True)
    return {
        "display_name": display_name,
        "description": node.DESCRIPTION,
        "inputs": texts,
        "outputs": {str(slot): {"name": name, "tooltip": tip} for slot, (name, tip) in enumerate(outputs)},
    }


def _with_growing(texts: dict[str, Any], grows: Any) -> dict[str, Any]:
    """Inputs that grow as the frontend looks for them: the whole, and sockets with an underscore for the dot."""
    first = texts[grows.names()[0]]
    own = {name: text for name, text in texts.items() if "." not in name}
    sockets = {
        name.replace(".", "_"): {**text, "name": name.split(".")[1]} for name, text in texts.items() if "." in name
    }
    return {**own, grows.name: {**first, "name": grows.name}, **sockets}


def paths(texts: Any, prefix: str = "") -> dict[str, str]:
    """Every text by where it is: `SampleLatent.inputs.seed.tooltip`."""
    if isinstance(texts, str):
        return {prefix: texts}
    parts = ((f"{prefix}.{name}" if prefix else name, value) for name, value in texts.items())
    return {path: text for place, value in parts for path, text in paths(value, place).items()}


def untranslated(found: dict[str, Any]) -> list[str]:
    """The nodes of which a language says nothing."""
    return sorted(NODE_DISPLAY_NAME_MAPPINGS.keys() - found.keys())


def translatable(found: dict[str, Any]) -> dict[str, Any]:
    """The English texts of the nodes of which a language says something."""
    return {class_id: texts for class_id, texts in english().items() if class_id in found}


def main() -> None:
    (LOCALES / "en").mkdir(parents=True, exist_ok=True)
    text = json.dumps(english(), indent=2, ensure_ascii=False) + "\n"
    (LOCALES / "en" / FILE).write_text(text, encoding="utf-8")
    for path in sorted(LOCALES.glob(f"*/{FILE}")):
        found = json.loads(path.read_text(encoding="utf-8"))
        for class_id in untranslated(found):
            print(f"{path.parent.name} lacks {class_id}")
        wanted, has = paths(translatable(found)), paths(found)
        for place in sorted(wanted.keys() - has.keys()):
            print(f"{path.parent.name} lacks {place}")
        for place in sorted(has.keys() - wanted.keys()):
            print(f"{path.parent.name} has {place}, which is no longer there")


if __name__ == "__main__":
    main()
