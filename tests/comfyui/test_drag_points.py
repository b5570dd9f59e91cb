"""DragPoints' drawing: arrows drawn by hand, and what a run shows of itself on it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from artist import Frontend
from drags import Drags, difference, dragged_seed, picture_of, seed_picture


def ends(*drags: tuple[float, float, float, float]) -> list[Any]:
    """Points as the node has them, as near as a hand is."""
    return [{"from": pytest.approx(each[:2], abs=0.011), "to": pytest.approx(each[2:], abs=0.011)} for each in drags]


@pytest.fixture
def node(frontend: Frontend) -> Drags:
    return dragged_seed(frontend)


def test_arrows_are_drawn_moved_and_removed(node, comfyui):
    node.until_it_shows(seed_picture(comfyui))
    assert node.points() == []
    node.pull((0.3, 0.4), (0.5, 0.2))
    node.pull((0.7, 0.7), (0.7, 0.9))
    assert node.points() == ends((0.3, 0.4, 0.5, 0.2), (0.7, 0.7, 0.7, 0.9))
    node.pull((0.5, 0.2), (0.6, 0.3))
    node.pull((0.7, 0.7), (0.8, 0.6))
    assert node.points() == ends((0.3, 0.4, 0.6, 0.3), (0.8, 0.6, 0.7, 0.9))
    node.click(node.place(0.3, 0.4))
    node.drawing.press("Delete")
    assert node.points() == ends((0.8, 0.6, 0.7, 0.9))
    # Beyond the picture an arrow ends at its edge; a click draws none.
    node.pull((0.2, 0.2), (-0.02, 0.3))
    node.click(node.place(0.4, 0.8))
    assert node.points() == ends((0.8, 0.6, 0.7, 0.9), (0.2, 0.2, 0.0, 0.3))
    # With nothing chosen the keys that remove a node don't reach it.
    node.drawing.press("Delete")
    node.drawing.press("Backspace")
    assert len(node.points()) == 2


def test_a_point_is_held_by_an_anchor(node):
    node.press_twice(0.5, 0.25)
    assert node.points() == ends((0.5, 0.25, 0.5, 0.25))
    node.pull((0.5, 0.25), (0.3, 0.5))
    (anchor,) = node.points()
    assert [anchor] == ends((0.3, 0.5, 0.3, 0.5)) and anchor["from"] == anchor["to"]
    node.page.keyboard.down("Shift")
    node.pull((0.3, 0.5), (0.3, 0.8))
    node.page.keyboard.up("Shift")
    assert node.points() == ends((0.3, 0.5, 0.3, 0.8))


def test_points_are_set_with_keys_alone(node):
    node.drawing.press("+")
    node.drawing.press("ArrowUp")
    node.drawing.press("Shift+ArrowRight")
    assert node.points() == [{"from": [0.6, 0.49], "to": [0.6, 0.49]}]
    node.drawing.press("Alt+ArrowDown")
    assert node.points() == [{"from": [0.6, 0.49], "to": [0.6, 0.5]}]
    node.drawing.press("Enter")
    node.drawing.press("ArrowLeft")
    assert node.points() == [{"from": [0.59, 0.49], "to": [0.6, 0.5]}]
    node.drawing.press("Backspace")
    assert node.points() == []


def test_undo_takes_back_one_arrow_an_anchor_and_a_removal(node, frontend):
    node.pull((0.3, 0.4), (0.5, 0.2))
    first = node.values("points")[0]
    node.press_twice(0.7, 0.7)
    both = node.values("points")[0]
    node.click(node.place(0.3, 0.4))
    node.drawing.press("Delete")
    for before in (both, first, "[]"):
        frontend.undo()
        node.until(f"node.widgets.find(each => each.name === 'points').value === {json.dumps(before)}")
    # What is drawn after it is drawn on the new node.
    node.until("node.widgets.some(each => each.element === canvas)")
    node.pull((0.2, 0.2), (0.4, 0.4))
    assert node.points() == ends((0.2, 0.2, 0.4, 0.4))


def test_points_are_saved_with_the_workflow_and_nothing_else_is(node, frontend, comfyui):
    node.pull((0.3, 0.4), (0.5, 0.2))
    points, saved = node.points(), frontend.saved()
    (entry,) = (each for each in saved["nodes"] if each["type"] == "DragPoints")
    assert [json.loads(value) for value in entry["widgets_values"] if str(value).startswith("[")] == [points]
    frontend.load(saved)
    node.centre()
    assert node.points() == points
    node.until_it_shows(seed_picture(comfyui))
    node.pull((0.5, 0.2), (0.5, 0.5))
    assert node.points() == ends((0.3, 0.4, 0.5, 0.5))


def test_of_lists_for_each_picture_the_first_is_drawn_on(node):
    other = [{"from": [0.5, 0.5], "to": [0.5, 0.25]}]
    node.type_value("points", json.dumps([[], other]))
    node.pull((0.3, 0.4), (0.5, 0.2))
    assert node.points() == [ends((0.3, 0.4, 0.5, 0.2)), other]
    # What can't be read is left to whoever typed it.
    node.type_value("points", "nose")
    node.pull((0.3, 0.4), (0.5, 0.2))
    node.press_twice(0.3, 0.4)
    assert node.values("points") == ["nose"]


def test_points_that_come_over_a_wire_are_shown_and_not_changed(node, frontend):
    said = json.dumps([{"from": [0.3, 0.3], "to": [0.6, 0.6]}])
    text = frontend.add("PrimitiveString", (-300, 500), value=said)
    frontend.connect(text.id, "STRING", node.id, "points")
    node.settle()
    before = node.shown()
    node.pull((0.6, 0.6), (0.8, 0.8))
    node.press_twice(0.2, 0.7)
    node.drawing.press("+")
    assert text.widget_value("value") == said
    text.type_value("value", "[]")
    node.leave()
    assert difference(node.shown(), before) > 1


# What a drawing shows in each frame of a run, and how often the node has told of its points.
WATCH = """([id]) => new Promise((done, failed) => {
    const {api, app} = {...window, api: window.app.api};
    const canvas = document.querySelector(`canvas[data-soat][data-node="${id}"]`);
    const seen = {told: 0, frames: new Set(), pictures: 0};
    const note = () => {
        seen.frames.add(canvas.toDataURL());
        const node = app.graph.getNodeById(id);
        seen.pictures += Boolean(node.imgs?.length || document.querySelector(`[data-node-id="${id}"] img`));
        seen.frame = requestAnimationFrame(note);
    };
    api.addEventListener("soat_drag", ({detail}) => { seen.told += detail.node === String(id); });
    api.addEventListener("execution_success", () => {
        cancelAnimationFrame(seen.frame);
        done({...seen, frames: seen.frames.size});
    }, {once: true});
    api.addEventListener("execution_error", event => failed(event.detail), {once: true});
    seen.frame = requestAnimationFrame(note);
    app.queuePrompt(0, 1);
})"""


def test_a_run_is_seen_in_the_drawing_and_what_it_reached(node, frontend, comfyui):
    node.type_value("stop_distance", 0.0)
    node.set_points((0.5, 0.5, 0.7, 0.5))
    node.leave()
    seen = frontend.page.evaluate(WATCH, [int(node.id)])
    assert seen["told"] >= 2 and seen["frames"] >= 3
    # ComfyUI's own picture of a node at work isn't there a second time.
    assert seen["pictures"] == 0
    before, after = (picture_of(comfyui, node.told(name)[0]) for name in ("soat_before", "soat_after"))
    assert difference(before, seed_picture(comfyui)) < 1 and difference(before, after) > 5
    node.until_it_shows(after)
    (told,) = node.told("soat_drag")
    assert (told["from"], told["to"]) == ([0.5, 0.5], [0.7, 0.5])
    missed = [256 * (a - b) for a, b in zip(told["reached"], told["to"], strict=True)]
    assert np.hypot(*missed) == pytest.approx(told["distance"], abs=1e-3)
    # To draw on it there is the picture that the drag begins with.
    node.page.mouse.move(node.box()["x"] + 20, node.box()["y"] + 20)
    node.until_it_shows(before)
    node.leave()
    node.until_it_shows(after)
    node.set_points((0.5, 0.5, 0.7, 0.6))
    node.until_it_shows(before)


def test_without_points_a_run_shows_the_picture_to_draw_on(node, frontend, comfyui):
    """Of a latent that no seed tells."""
    edit = frontend.add("TruncateLatent", (-200, 400))
    (model,) = frontend.ids("LoadStyleGAN")
    (sample,) = frontend.ids("SampleLatent")
    frontend.connect(model, "generator", edit.id, "generator")
    frontend.connect(sample, "latent", edit.id, "latent")
    frontend.connect(edit.id, "latent", node.id, "latent")
    edit.type_value("truncation_psi", 0.3)
    node.leave()
    frontend.run()
    node.until_it_shows(picture_of(comfyui, node.told("soat_before")[0]))
    assert difference(node.shown(), seed_picture(comfyui)) > 12
    assert node.told("soat_text") == [""]


# Stop as soon as the point has come so far, and wait for the run's end.
STOP = """([way]) => new Promise(done => {
    const {app} = window;
    app.api.addEventListener("soat_drag", ({detail}) => {
        const [{from, to}] = detail.values;
        if (Math.hypot(to[0] - from[0], to[1] - from[1]) > way) app.api.interrupt();
    });
    app.api.addEventListener("execution_success", () => done(), {once: true});
    app.queuePrompt(0, 1);
})"""


def test_a_stop_keeps_what_was_reached_and_the_run_goes_on(node, frontend, comfyui):
    node.type_value("stop_distance", 0.0)
    node.type_value("steps", 2000)
    node.type_value("patience", 2000)
    node.set_points((0.4, 0.4, 0.7, 0.6))
    node.leave()
    frontend.page.evaluate(STOP, [0.03])
    assert "stopped, the best so far" in node.told("soat_text")[0]
    after = picture_of(comfyui, node.told("soat_after")[0])
    assert difference(picture_of(comfyui, node.told("soat_before")[0]), after) > 1
    node.until_it_shows(after)
    (preview,) = frontend.ids("PreviewImage")
    (entry,) = frontend.page.evaluate("id => window.app.nodeOutputs[id].images", preview)
    assert difference(picture_of(comfyui, entry), after) < 1
