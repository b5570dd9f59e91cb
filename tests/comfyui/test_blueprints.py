"""Our subgraph blueprints as the node library offers them: placed, connected, run, and gone into."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from artist import Frontend
from PIL import Image, ImageSequence
from soat.nodes import host
from soat.soat_backend.workflow import execute, read_workflow

FOLDER = Path(__file__).parents[2] / "subgraphs"
FILES = sorted(FOLDER.glob("*.json"))
IN_BOTH_RENDERERS = ("Sample panorama", "Translate")
EMPTY = {"version": 0.4, "last_node_id": 0, "last_link_id": 0, "nodes": [], "links": []}
# So that it doesn't take long.
SMALL = {"count": 3, "steps": 5, "frames": 2}


def given(name: str) -> dict[str, Any]:
    """What the file gives to the node that stands for the subgraph."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))["nodes"][0]


def widgets(frontend: Frontend, node_id: str) -> dict[str, Any]:
    """What a node shows: its values by their labels."""
    return dict(
        frontend.page.evaluate(
            "id => window.app.graph.getNodeById(id).widgets.map(({label, name, value}) => [label || name, value])",
            node_id,
        )
    )


def set_widget(frontend: Frontend, node_id: str, name: str, value: Any) -> None:
    frontend.page.evaluate(
        """([id, name, value]) => {
            const widget = window.app.graph.getNodeById(id).widgets.find(each => each.name === name);
            widget.value = value;
            widget.callback?.(value);
        }""",
        [node_id, name, value],
    )


def place(frontend: Frontend, name: str) -> str:
    """The blueprint alone on the canvas, with all that it needs connected to it; its id."""
    frontend.load(EMPTY)
    node_id = frontend.place_from_the_library(name)
    slots = [slot["name"] for slot in given(name)["inputs"] if "widget" not in slot]
    is_face = "photo" in name.lower() and name != "Wide photo"
    if "generator" in slots:
        model = "portrait_256" if is_face else "landscape_256"
        generator = frontend.add("LoadStyleGAN", checkpoint=f"demo/{model}.safetensors").id
        frontend.connect(generator, "generator", node_id, "generator")
    for slot in {"its sibling", "second"} & set(slots):
        sibling = "portrait_comic_256" if is_face else "landscape_neon_256"
        second = frontend.add("LoadStyleGAN", checkpoint=f"demo/{sibling}.safetensors").id
        frontend.connect(second, "generator", node_id, slot)
    if "photo" in slots:
        photo = frontend.add("ProceduralImage", scene="portrait" if is_face else "landscape", size="256").id
        frontend.connect(photo, "image", node_id, "photo")
    if "latent" in slots:
        latent = frontend.add("SampleLatent").id
        frontend.connect(generator, "generator", latent, "generator")
        frontend.connect(latent, "latent", node_id, "latent")
    return node_id


def save_all(frontend: Frontend, name: str, node_id: str) -> None:
    """A node that saves at each picture and film that comes out; of a code, its picture."""
    for index, slot in enumerate(given(name)["outputs"]):
        save = {"IMAGE": ("SaveImage", "images"), "VIDEO": ("SaveVideo", "video")}.get(slot["type"])
        if save:
            saver = frontend.add(save[0], filename_prefix=f"blueprint {index}").id
            frontend.connect(node_id, slot["name"], saver, save[1])


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as file:
        return np.stack([np.asarray(frame.convert("RGB"), np.int16) for frame in ImageSequence.Iterator(file)])


def check(name, frontend, comfyui, catalog, tmp_path, monkeypatch) -> None:
    node_id = place(frontend, name)
    assert widgets(frontend, node_id) == given(name)["widgets_values_named"]
    for label, value in SMALL.items():
        if label in widgets(frontend, node_id):
            set_widget(frontend, node_id, label, value)
    save_all(frontend, name, node_id)
    workflow = frontend.saved()
    prompt_id = frontend.run_until("execution_success")["prompt_id"]
    outputs = comfyui.json(f"/history/{prompt_id}")[prompt_id]["outputs"]
    in_comfyui = sorted(
        comfyui.base / "output" / entry["subfolder"] / entry["filename"]
        for told in outputs.values()
        for entry in told.get("images", [])
        if entry["type"] == "output" and entry["filename"].endswith(".png")
    )
    path = tmp_path / "workflow.json"
    path.write_text(json.dumps(workflow), encoding="utf-8")
    monkeypatch.setattr(host.folders, "_chosen_folders", {"output": tmp_path, "input": comfyui.base / "input"})
    entries = execute(read_workflow(path, catalog), catalog).files
    headless = sorted(
        tmp_path / entry["subfolder"] / entry["filename"] for entry in entries if entry["filename"].endswith(".png")
    )
    assert len(in_comfyui) == len(headless) >= 1
    for theirs, ours in zip(in_comfyui, headless, strict=True):
        assert pixels(theirs).std() > 10
        assert np.abs(pixels(theirs) - pixels(ours)).max() <= 1


@pytest.mark.parametrize("name", [path.stem for path in FILES if path.stem not in IN_BOTH_RENDERERS])
def test_it_is_placed_and_runs(name, page, comfyui, catalog, tmp_path, monkeypatch):
    check(name, Frontend(page), comfyui, catalog, tmp_path, monkeypatch)


@pytest.mark.parametrize("name", IN_BOTH_RENDERERS)
def test_it_is_placed_and_runs_in_both_renderers(name, frontend, comfyui, catalog, tmp_path, monkeypatch):
    check(name, frontend, comfyui, catalog, tmp_path, monkeypatch)


def test_the_range_of_layers_is_dragged_inside(frontend):
    """And is written to the node around it, where it is chosen."""
    node_id = place(frontend, "Translate")
    frontend.go_into_the_subgraph()
    node = frontend.shown_node("InterpolateFeatures")
    node.centre()
    width, height = node.size()
    layer = (width - 12) / 29
    node.drag((6 + 0.5, 0.75 * height), (6 + 6.5 * layer, 0.75 * height))
    assert widgets(frontend, node_id)["first_layer"] == "b16.conv1"


def test_the_canvas_is_dragged_inside(frontend):
    node_id = place(frontend, "Wide photo")
    frontend.go_into_the_subgraph()
    node = frontend.shown_node("PadExpand")
    node.centre()
    width, height = node.size()
    side = min((width - 28) / 2, height - 28)
    node.drag((width / 2 + side, height / 2), (width / 2 + 1.25 * side, height / 2))
    assert widgets(frontend, node_id)["right"] == 0.75


def test_pictures_of_the_seed_chosen_outside_are_shown_inside(frontend):
    node_id = place(frontend, "Sample panorama")
    frontend.go_into_the_subgraph()
    node = frontend.shown_node("SampleLatentSequence")
    node.centre()
    node.click((60, 12))
    node.until_it_shows_a_picture()
    node.drawing.focus()
    frontend.page.keyboard.press("ArrowRight")
    assert widgets(frontend, node_id)["seed"] == 33
