"""Workflows that were saved with this and with older versions of the pack still open, and mean what they meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from soat.nodes import NODE_CLASS_MAPPINGS
from soat.nodes.core import HEADLESS_NODE_CLASSES
from soat.soat_backend.workflow import read_workflow
from soat.soat_backend.workflow.node_types import NodeCatalog
from soat.soat_backend.workflow.validate import validate

FROZEN = {
    f"{path.stem} {name}": frozen
    for path in sorted((Path(__file__).parent / "corpus").glob("*.json"))
    for name, frozen in json.loads(path.read_text(encoding="utf-8")).items()
}


def test_there_is_a_corpus():
    assert len(FROZEN) >= 23


@pytest.mark.parametrize("name", FROZEN)
def test_a_frozen_workflow_means_the_same(name, tmp_path):
    path, frozen = tmp_path / "workflow.json", FROZEN[name]
    path.write_text(json.dumps(frozen["workflow"]), encoding="utf-8")
    catalog = NodeCatalog({**NODE_CLASS_MAPPINGS, **HEADLESS_NODE_CLASSES})
    graph = read_workflow(path, catalog)
    found = graph.to_prompt()
    assert found.keys() == frozen["prompt"].keys()
    for node_id, node in frozen["prompt"].items():
        assert found[node_id]["class_type"] == node["class_type"]
        # Inputs may have come since, but what was set is as it was.
        assert {key: found[node_id]["inputs"].get(key) for key in node["inputs"]} == node["inputs"]
    validate(graph, catalog)
