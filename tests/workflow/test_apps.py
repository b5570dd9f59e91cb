"""Seven templates are apps too: their few inputs and results are there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from soat.nodes import NODE_CLASS_MAPPINGS
from soat.nodes.core import HEADLESS_NODE_CLASSES

DRAWINGS = {
    "InterpolateFeatures": ("layers",),
    "PadExpand": ("canvas",),
    "PanoramaFeatures": ("strip",),
    "SampleLatent": ("seeds",),
    "SampleLatentSequence": ("related",),
    "SquareCrop": ("crop",),
}
CLASSES = {**NODE_CLASS_MAPPINGS, **HEADLESS_NODE_CLASSES}
TEMPLATES = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parents[2] / "example_workflows").glob("*.json"))
}
APPS = {name: workflow for name, workflow in TEMPLATES.items() if "linearData" in workflow["extra"]}


def test_there_are_seven():
    assert [name[:2] for name in APPS] == ["00", "02", "11", "14", "17", "22", "26"]


@pytest.mark.parametrize("name", APPS)
def test_an_app_names_what_is_there(name):
    workflow = APPS[name]
    nodes = {str(node["id"]): node for node in workflow["nodes"]}
    # Else the app would hide the graph, and the note, of a template just opened.
    assert workflow["extra"]["linearMode"] is False
    for node_id, widget, *_ in workflow["extra"]["linearData"]["inputs"]:
        # A drawing is a widget without a slot: tests/comfyui/test_apps.py sees that it is there.
        if widget in DRAWINGS.get(nodes[node_id]["type"], ()):
            continue
        assert [slot["link"] for slot in nodes[node_id]["inputs"] if slot.get("widget") == {"name": widget}] == [None]
    outputs = workflow["extra"]["linearData"]["outputs"]
    assert outputs and all(CLASSES[nodes[node_id]["type"]].OUTPUT_NODE for node_id in outputs)
