"""Freezes this version's example workflows, and what they mean: what later versions must still open.

python docs/corpus.py      # writes tests/workflow/corpus/VERSION.json
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from soat.nodes import NODE_CLASS_MAPPINGS
from soat.nodes.core import HEADLESS_NODE_CLASSES
from soat.soat_backend.workflow import read_workflow
from soat.soat_backend.workflow.node_types import NodeCatalog

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT / "tests" / "workflow" / "corpus"


def meaning(path: Path) -> dict[str, Any]:
    """Of each node its class and the value or link of each input."""
    catalog = NodeCatalog({**NODE_CLASS_MAPPINGS, **HEADLESS_NODE_CLASSES})
    prompt = read_workflow(path, catalog).to_prompt()
    return {key: {"class_type": node["class_type"], "inputs": node["inputs"]} for key, node in prompt.items()}


def main() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    version = re.search(r'^version = "([^"]+)"$', pyproject, flags=re.M)
    assert version, "pyproject.toml has no version"
    frozen = {
        path.stem: {"workflow": json.loads(path.read_text(encoding="utf-8")), "prompt": meaning(path)}
        for path in sorted((ROOT / "example_workflows").glob("*.json"))
    }
    CORPUS.mkdir(exist_ok=True)
    text = json.dumps(frozen, ensure_ascii=False, separators=(",", ":"))
    (CORPUS / f"{version[1]}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
