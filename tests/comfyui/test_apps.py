"""The templates that carry an app, as ComfyUI's app mode shows them, and drawings in its list of inputs."""

from __future__ import annotations

import json

import pytest
from app_mode import App
from artist import EXAMPLES, cells

# The input that is changed, and the sizes of the pictures that the run then gives.
RUNS = {
    "00_start_here": (("2", "truncation_psi", 0.5), [(512, 256)]),
    "02_panorama": (("2", "count", 3), [(768, 256)] * 2),
    "11_latent_walk": (("3", "frames", 2), [(256, 256)]),
    "14_translation": (("3", "seed", 3), [(512, 512)] * 6),
    "17_invert_and_panorama": (("4", "steps", 20), [(256, 256), (768, 256)]),
    "22_face_in_a_photo": (("5", "steps", 20), [(256, 256)] * 3),
    "26_your_own_photo": (("4", "steps", 20), [(512, 256)]),
}
APPS = [path.stem for path in sorted(EXAMPLES.glob("*.json")) if "linearData" in json.loads(path.read_text())["extra"]]


@pytest.mark.parametrize("name", APPS)
def test_an_app_runs_with_an_input_that_was_changed_there(name, frontend):
    app = App(frontend, f"{name}.json")
    (node_id, label, value), sizes = RUNS[name]
    app.type(node_id, label, value)
    assert app.run() == sizes
    assert app.colours() > 1000
    inputs = [node["inputs"].get(label) for key, node in frontend.prompt().items() if key.split(":")[0] == node_id]
    assert value in inputs


@pytest.mark.parametrize("name", APPS)
def test_an_app_shows_all_its_inputs(name, frontend):
    app = App(frontend, f"{name}.json")
    listed = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))["extra"]["linearData"]["inputs"]
    assert app.items() == [(node_id, label) for node_id, label, *_ in listed]
    for node_id, label in app.items():
        app.item(node_id, label).get_by_test_id("node-widget").wait_for()


def test_a_seed_is_chosen_on_the_sheet_in_an_app(frontend):
    app = App(frontend, "00_start_here.json")
    sheet = app.drawing("2", "seeds")
    sheet.until_it_shows_a_picture()
    sheet.click(cells(sheet)[3])
    assert sheet.values("seed") == [3]
    assert app.typed("2", "seed") == "3"
    assert app.run() == [(512, 256)]


def test_an_edge_is_dragged_in_an_app_and_taken_back_and_dragged_again(frontend):
    """Undo makes the node anew, and with it the drawing."""
    app = App(frontend, "00_start_here.json")
    for wider in (1.0, 0.75):
        canvas = app.drawing("4", "canvas")
        canvas.until("canvas.width === canvas.clientWidth && canvas.height === canvas.clientHeight")
        drag_the_right_edge(canvas, 0.5, wider)
        assert canvas.values("left", "right") == [0.5, wider]
        assert float(app.typed("4", "right")) == wider
        frontend.undo()
        frontend.page.wait_for_function("() => window.app.rootGraph.getNodeById(4).widgets[1].value === 0.5")


def drag_the_right_edge(node, right, to):
    """Of a canvas of half a picture more at the left; it is drawn as large as its room allows."""
    width, height = node.size()
    side = min((width - 28) / (1.5 + right), height - 28)
    start = width / 2 + (1.5 + right) * side / 2
    node.drag((start, height / 2), (start + (to - right) * side, height / 2))


def test_a_drawing_goes_back_to_its_node_when_the_app_is_left(frontend):
    app = App(frontend, "00_start_here.json")
    app.drawing("2", "seeds").until_it_shows_a_picture()
    app.leave()
    sheet = frontend.node("SampleLatent")
    sheet.centre()
    sheet.until_it_shows_a_picture()
    sheet.click(cells(sheet)[5])
    assert sheet.values("seed") == [5]


def test_the_wheel_over_a_drawing_scrolls_an_app(frontend):
    """And not the graph behind it."""
    app = App(frontend, "00_start_here.json")
    app.drawing("2", "seeds").drawing.hover()
    before = frontend.page.evaluate("() => window.app.canvas.ds.scale")
    frontend.page.mouse.wheel(0, 200)
    frontend.page.wait_for_function(
        """() => document.querySelector('[data-testid="linear-widgets"]').scrollTop > 100"""
    )
    assert frontend.page.evaluate("() => window.app.canvas.ds.scale") == before


def test_a_drawing_has_its_own_height_in_an_app(frontend):
    """Whatever the node looked like in the graph: half as much again as the least on a node."""
    app = App(frontend, "14_translation.json")
    for node_id, name, least in (("3", "seeds", 112), ("8", "layers", 110)):
        node = app.drawing(node_id, name)
        node.until(f"canvas.clientHeight === {1.5 * least}")
