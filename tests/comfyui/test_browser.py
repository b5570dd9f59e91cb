"""The example workflows and our pictures in ComfyUI's own frontend."""

from __future__ import annotations

import base64
import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from soat.nodes import host
from soat.soat_backend.workflow import Graph, execute, read_workflow

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "example_workflows").glob("*.json"))
EXPORT = "async () => (await window.app.graphToPrompt()).output"
LOAD = "workflow => window.app.loadGraphData(workflow)"
# What a drop of a file from the desktop does.
DROP = """([name, data]) => {
    const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name, {type: "image/png"}));
    document.querySelector("canvas#graph-canvas").dispatchEvent(
        new DragEvent("drop", {bubbles: true, cancelable: true, dataTransfer: transfer}));
}"""


def comparable(prompt: dict[str, Any]) -> dict[str, Any]:
    """A prompt without what only the frontend adds to nodes for its own use."""
    return {
        node_id: {"class_type": node["class_type"], "inputs": node["inputs"], "title": node["_meta"]["title"]}
        for node_id, node in prompt.items()
    }


def boxes(workflow: dict[str, Any]) -> dict[str, tuple[float, float, float, float]]:
    """Left, top (title bar included), right and bottom of every node."""
    return {
        f"{node['id']} {node['type']}": (
            node["pos"][0],
            node["pos"][1] - 30,
            node["pos"][0] + node["size"][0],
            node["pos"][1] + node["size"][1],
        )
        for node in workflow["nodes"]
    }


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


@pytest.mark.parametrize("workflow", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_means_the_same_in_the_frontend(workflow, page, catalog):
    page.evaluate(LOAD, json.loads(workflow.read_text()))
    expected = read_workflow(workflow, catalog).to_prompt()
    assert comparable(page.evaluate(EXPORT)) == comparable(expected)


FROZEN = [
    (f"{path.stem} {name}", frozen)
    for path in sorted((ROOT / "tests" / "workflow" / "corpus").glob("*.json"))
    for name, frozen in json.loads(path.read_text(encoding="utf-8")).items()
]


@pytest.mark.parametrize("frozen", [frozen for _, frozen in FROZEN], ids=[name for name, _ in FROZEN])
def test_a_workflow_of_this_or_an_older_version_means_what_it_meant(frozen, page):
    page.evaluate(LOAD, frozen["workflow"])
    found = page.evaluate(EXPORT)
    for node_id, node in frozen["prompt"].items():
        assert found[node_id]["class_type"] == node["class_type"]
        assert {name: found[node_id]["inputs"].get(name) for name in node["inputs"]} == node["inputs"]


@pytest.mark.parametrize("workflow", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_laid_out_to_be_read(workflow):
    data = json.loads(workflow.read_text())
    placed = boxes(data)
    assert not [(a, b) for a, b in combinations(placed, 2) if overlap(placed[a], placed[b])]
    assert [node["type"] for node in data["nodes"]].count("MarkdownNote") == 1
    assert data["groups"] and all(group["title"] for group in data["groups"])


def test_examples_are_offered_as_templates_with_pictures(comfyui):
    listed = comfyui.json("/api/workflow_templates")["soat-stylegan"]
    assert sorted(listed) == [path.stem for path in EXAMPLES]
    for name in listed:
        picture = comfyui.request(f"/api/workflow_templates/soat-stylegan/{name}.jpg")
        assert picture.startswith(b"\xff\xd8\xff") and len(picture) < 40_000


def test_a_headless_picture_dropped_on_the_frontend_brings_its_workflow(page, catalog, tmp_path, monkeypatch):
    monkeypatch.setattr(host.folders, "_chosen_folders", {"output": tmp_path})
    graph = read_workflow(ROOT / "example_workflows" / "06_shift_blend.json", catalog)
    (seed_node,) = (node for node in graph.nodes.values() if node.class_type == "SampleLatent")
    graph = graph.with_values({(seed_node.id, "seed"): 4711})
    picture = _run_and_take_first(graph, catalog, tmp_path)
    page.evaluate("window.app.graph.clear()")
    page.evaluate(DROP, [picture.name, base64.b64encode(picture.read_bytes()).decode()])
    page.wait_for_function("window.app.graph.nodes.length > 0")
    with Image.open(picture) as image:
        inside = json.loads(image.info["prompt"])
    assert inside[seed_node.id]["inputs"]["seed"] == 4711
    assert comparable(page.evaluate(EXPORT)) == comparable(inside)


def _run_and_take_first(graph: Graph, catalog: Any, output: Path) -> Path:
    entry = execute(graph, catalog).files[0]
    return output / entry["subfolder"] / entry["filename"]


def test_the_browser_had_nothing_to_complain_of_in_our_files(page):
    assert not [text for text in page.complaints if "soat" in text.lower()]
