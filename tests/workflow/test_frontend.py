"""What is read from a workflow is what ComfyUI's own frontend makes of it.

Each file of the folder `frontend` is named after a version of the package comfyui-frontend-package, and holds workflows
with what `app.graphToPrompt` answered in a browser once `app.loadGraphData` had loaded them, with the packs KJNodes and
rgthree-comfy for those whose names begin with s. Only what doesn't change the answer was left out of the workflows.
The names say: v values on the nodes of subgraphs, p proxyWidgets, n subgraphs in subgraphs, i ids, m muted and bypassed
nodes, b what bypassed nodes pass on, r primitives and reroutes, w values of ordinary nodes, t titles, s virtual nodes
of other packs, a inputs that grow (17: as saved where they can't).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from soat.nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS
from soat.nodes.core import HEADLESS_DISPLAY_NAMES, HEADLESS_NODE_CLASSES
from soat.soat_backend.workflow.node_types import NodeCatalog
from soat.soat_backend.workflow.ui.format import read_ui_format

CASES = {
    f"{path.stem} {name}": case
    for path in sorted((Path(__file__).parent / "frontend").glob("*.json"))
    for name, case in json.loads(path.read_text(encoding="utf-8")).items()
}


@pytest.fixture(scope="module")
def catalog():
    return NodeCatalog(
        {**NODE_CLASS_MAPPINGS, **HEADLESS_NODE_CLASSES}, {**NODE_DISPLAY_NAME_MAPPINGS, **HEADLESS_DISPLAY_NAMES}
    )


def test_there_are_cases():
    assert len(CASES) >= 110


@pytest.mark.parametrize("name", CASES)
def test_a_workflow_reads_as_in_the_frontend(name, catalog):
    workflow, expected = CASES[name]["workflow"], CASES[name]["prompt"]
    found = read_ui_format(workflow, catalog).to_prompt()
    for node_id, node in expected.items():
        # Widgets may have come since; a link more would be wrong.
        inputs = found[node_id]["inputs"]
        found[node_id]["inputs"] = {
            key: value for key, value in inputs.items() if key in node["inputs"] or isinstance(value, list)
        }
    assert found == expected
