"""The example workflows say the same in each of the ways their format says it, and know every input of their nodes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from soat.nodes import NODE_CLASS_MAPPINGS

WORKFLOWS = sorted((Path(__file__).parents[2] / "example_workflows").glob("*.json"))


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.stem)
def nodes(request):
    return json.loads(request.param.read_text(encoding="utf-8"))["nodes"]


def test_values_by_name_are_the_values(nodes):
    """Older frontends read one, newer ones the other."""
    for node in nodes:
        if "widgets_values_named" in node:
            assert list(node["widgets_values_named"].values()) == node["widgets_values"], node["id"]


def test_nodes_have_every_input_they_have_now(nodes):
    for node in nodes:
        if node["type"] in NODE_CLASS_MAPPINGS and node["type"] != "SaveImage":
            types = NODE_CLASS_MAPPINGS[node["type"]].INPUT_TYPES()
            declared = [*types.get("required", {}), *types.get("optional", {})]
            # The frontend puts wires before widgets.
            assert sorted(each["name"] for each in node["inputs"]) == sorted(declared), (node["type"], node["id"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_two_nodes_have_one_id_in_subgraphs_either(path):
    """Else ComfyUI gives new ones as it opens the file, and pictures of headless runs name other nodes."""
    workflow = json.loads(path.read_text(encoding="utf-8"))
    levels = [workflow, *workflow.get("definitions", {}).get("subgraphs", [])]
    ids = [node["id"] for level in levels for node in level["nodes"]]
    assert len(set(ids)) == len(ids) and max(ids) <= workflow["last_node_id"]
