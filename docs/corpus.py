"""Freezes this version's example workflows, and what they mean: what later versions must still open.

python docs/corpus.py      # adds to tests/workflow/corpus/VERSION.json

What is frozen stays as it is, though its template has changed since: it may have been shared. Templates that can't run
without a picture of one's own are left out.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from soat.nodes import NODE_CLASS_MAPPINGS
from soat.nodes.core import HEADLESS_NODE_CLASSES
from soat.soat_backend.support.errors import SoatError
from soat.soat_backend.workflow import read_workflow
from soat.soat_backend.workflow.node_types import NodeCatalog
from soat.soat_backend.workflow.validate import validate

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT / "tests" / "workflow" / "corpus"


def meaning(path: Path) -> dict[str, Any]:
    """Of each node its class and the value or link of each input.

    Raises:
        SoatError: The workflow can't run as it is.
    """
    catalog = NodeCatalog({**NODE_CLASS_MAPPINGS, **HEADLESS_NODE_CLASSES})
    graph = read_workflow(path, catalog)
    validate(graph, catalog)
    prompt = graph.to_prompt()
    return {key: {"class_type": node["class_type"], "inputs": node["inputs"]} for key, node in prompt.items()}


def main() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    version = re.search(r'^version = "([^"]+)"$', pyproject, flags=re.M)
    assert version, "pyproject.toml has no version"
    corpus = CORPUS / f"{version[1]}.json"
    frozen = json.loads(corpus.read_text(encoding="utf-8")) if corpus.exists() else {}
    for path in sorted((ROOT / "example_workflows").glob("*.json")):
        if path.stem in frozen:
            continue
        try:
            frozen[path.stem] = {"workflow": json.loads(path.read_text(encoding="utf-8")), "prompt": meaning(path)}
            print(f"{path.stem}: frozen")
        except SoatError as error:
            print(f"{path.stem}: left out, {error}")
    CORPUS.mkdir(exist_ok=True)
    text = json.dumps(frozen, ensure_ascii=False, separators=(",", ":"))
    corpus.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
