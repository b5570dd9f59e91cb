"""The mask of DragPoints, painted in ComfyUI's own mask editor on the picture that the node shows."""

from __future__ import annotations

import io
import urllib.parse

import numpy as np
import pytest
from artist import Frontend, Node
from drags import Drags, dragged_seed, seed_picture
from mask_editor import MaskEditor
from PIL import Image

ITEM = "Paint what may move"
# A stroke from left to right through the eyes, and where it is in 64 rows and columns: well inside it, and far from it.
START, END = (0.3, 0.42), (0.7, 0.42)
INSIDE, OUTSIDE = np.s_[26:28, 22:42], np.s_[36:60, 4:60]
# Of what may not move so much light is left.
LEFT = 0.4


@pytest.fixture
def node(frontend: Frontend, comfyui) -> Drags:
    node = dragged_seed(frontend)
    node.until_it_shows(seed_picture(comfyui))
    return node


def items(node: Node) -> list[str]:
    """What the pack puts into the node's menu."""
    return node.page.evaluate(
        "id => window.app.collectNodeMenuItems(window.app.graph.getNodeById(id)).map(item => item?.content)", node.id
    )


def kinds(frontend: Frontend) -> list[str]:
    return sorted(node["type"] for node in frontend.saved()["nodes"])


def test_a_stroke_is_where_points_may_move(node, frontend, comfyui):
    node.choose(ITEM)
    editor = MaskEditor(node.page)
    assert editor.painted() == 0
    editor.stroke(START, END)
    assert 0.01 < editor.painted() < 0.1
    editor.save()
    (loader,) = frontend.ids("LoadImage")
    assert node.values("mask") == [[loader, 1]]
    # The drawing knows of the stroke before a run.
    node.leave()
    picture = seed_picture(comfyui)
    node.until_it_shows(np.where(painted(comfyui, frontend, loader)[..., None], picture, LEFT * picture))
    node.set_points((0.4, 0.42, 0.45, 0.42))
    node.type_value("steps", 4)
    frontend.run()
    # The run had the mask of the stroke, and nothing else.
    (entry,) = node.told("soat_mask")
    held = pixels(comfyui, entry)[..., 3]
    assert held[INSIDE].max() < 128 and held[OUTSIDE].min() == 255


def pixels(comfyui, entry: dict[str, str]) -> np.ndarray:
    """Of a file `[64, 64, 4]`."""
    content = comfyui.request(f"/view?{urllib.parse.urlencode(entry)}")
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGBA").resize((64, 64)), np.int16)


def painted(comfyui, frontend: Frontend, loader: str) -> np.ndarray:
    """Where the file that a Load Image has is transparent."""
    name = frontend.prompt()[loader]["inputs"]["image"].removesuffix(" [input]")
    alpha = pixels(comfyui, {"filename": name, "type": "input"})[..., 3]
    assert alpha[INSIDE].max() < 128 and alpha[OUTSIDE].min() == 255
    return alpha < 128


def test_painting_goes_on_with_the_mask_that_is_wired(node, frontend):
    node.choose(ITEM)
    editor = MaskEditor(node.page)
    editor.stroke(START, END)
    editor.save()
    before = kinds(frontend)
    node.choose(ITEM)
    editor = MaskEditor(node.page)
    first = editor.painted()
    assert first > 0.01
    editor.stroke((0.3, 0.8), (0.7, 0.8))
    assert editor.painted() > 1.5 * first
    editor.save()
    assert kinds(frontend) == before


def test_undo_takes_it_back_in_one_step(node, frontend):
    node.pull((0.3, 0.4), (0.5, 0.2))
    points, before = node.points(), kinds(frontend)
    node.choose(ITEM)
    MaskEditor(node.page).cancel()
    assert kinds(frontend) == sorted([*before, "LoadImage"])
    frontend.undo()
    node.page.wait_for_function("() => !window.app.graph.nodes.some(each => each.type === 'LoadImage')")
    assert kinds(frontend) == before and node.points() == points
    assert node.inputs()["mask"] == []


def test_a_mask_of_another_node_is_left_as_it_is(node, frontend):
    region = frontend.add("RegionMask", (-400, 450))
    frontend.connect(region.id, "mask", node.id, "mask")
    before = kinds(frontend)
    node.choose(ITEM)
    node.page.get_by_text("A mask is wired to this node already").wait_for()
    assert kinds(frontend) == before and node.values("mask") == [[region.id, 0]]
    # It is drawn after a run.
    node.leave()
    frontend.run()
    shown = node.shown()
    assert shown[32, 32].sum() > shown[2, 2].sum()


def test_without_a_picture_one_is_told_how_to_get_it(node, frontend):
    empty = Drags(frontend, frontend.add("DragPoints", (0, 800)).id)
    empty.centre()
    before = kinds(frontend)
    empty.choose(ITEM)
    empty.page.get_by_text("There is no picture to paint on yet").wait_for()
    assert kinds(frontend) == before


def test_without_a_mask_editor_nothing_is_offered(node):
    assert ITEM in items(node)
    hide = """() => {
        const {command} = window.app.extensionManager;
        window.soatCommands = Object.getOwnPropertyDescriptor(command, "commands");
        Object.defineProperty(command, "commands", {value: [], configurable: true});
    }"""
    node.page.evaluate(hide)
    try:
        assert ITEM not in items(node)
    finally:
        node.page.evaluate(
            "() => Object.defineProperty(window.app.extensionManager.command, 'commands', window.soatCommands)"
        )
    assert ITEM in items(node)
