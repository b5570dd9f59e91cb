"""The drawings on nodes, dragged in both renderers."""

from __future__ import annotations

import os
import random
import re
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from artist import COLOURS, EXAMPLES, ROOT, Frontend, Node, cells, opened
from PIL import Image
from soat.nodes import host
from soat.soat_backend.workflow import execute
from soat.soat_backend.workflow.api_format import read_api_format

SAVED: dict[str, Any] = {}  # By the first renderer.


def square(node: Node) -> tuple[float, float, float]:
    """Left, top and side of the largest square in a drawing's box."""
    width, height = node.size()
    side = min(width, height) - 12
    return (width - side) / 2, (height - side) / 2, side


def test_a_region_is_moved_resized_drawn_and_its_copy_too(frontend):
    node = opened(frontend, "06_shift_blend.json", "ShiftBlend")
    for name, value in {"x": 0.25, "y": 0.25, "width": 0.5, "height": 0.5, "shift_x": 0.2, "shift_y": 0.0}.items():
        node.type_value(name, value)
    left, top, side = square(node)

    def place(x: float, y: float) -> tuple[float, float]:
        return left + x * side, top + y * side

    node.drag(place(0.4, 0.6), place(0.5, 0.5))
    assert node.values("x", "y", "width", "height") == pytest.approx([0.35, 0.15, 0.5, 0.5], abs=0.011)
    node.drag(place(0.85, 0.65), place(0.65, 0.45))
    assert node.values("x", "y", "width", "height") == pytest.approx([0.35, 0.15, 0.3, 0.3], abs=0.011)
    node.drag(place(0.7, 0.3), place(0.3, 0.8))
    assert node.values("shift_x", "shift_y") == pytest.approx([-0.2, 0.5], abs=0.011)
    node.drag(place(0.7, 0.7), place(0.9, 0.95))
    assert node.values("x", "y", "width", "height") == pytest.approx([0.7, 0.7, 0.2, 0.25], abs=0.011)
    before = node.values("x")
    node.drawing.press("ArrowLeft")
    assert node.values("x") == pytest.approx([before[0] - 0.01])


def test_the_last_picture_is_still_there_after_undo(frontend):
    """Undo makes all nodes anew."""
    node = opened(frontend, "06_shift_blend.json", "ShiftBlend")
    frontend.run()
    node.until_it_shows_a_picture()
    before = node.values("x")
    node.drawing.press("ArrowLeft")
    assert node.values("x") != before
    frontend.undo()
    node.until(f"node.widgets.find(each => each.name === 'x').value === {before[0]}")
    node.until("node.widgets.some(each => each.element === canvas)")
    node.until_it_shows_a_picture()
    # And it is the new node's drawing that is there.
    node.drawing.press("ArrowRight")
    assert node.values("x") == pytest.approx([before[0] + 0.01])


def test_the_last_picture_lies_behind_a_region_in_a_subgraph_too(frontend):
    frontend.example("06_shift_blend.json")
    frontend.page.evaluate(
        """() => {
            const {app} = window, kinds = ["ShiftBlend", "Render", "SaveImage"];
            const blend = app.graph.nodes.find(node => node.type === "ShiftBlend");
            const behind = [blend];
            const target = id => app.graph.getNodeById(app.graph.links.get(id).target_id);
            for (const node of behind)
                for (const output of node.outputs) behind.push(...(output.links ?? []).map(target));
            const {node} = app.graph.convertToSubgraph(new Set(behind));
            app.canvas.openSubgraph(node.subgraph, node);
        }"""
    )
    frontend.page.wait_for_function("() => window.app.canvas.graph.nodes.some(node => node.type === 'ShiftBlend')")
    frontend.run()
    frontend.page.evaluate(
        """() => {
            const {canvas} = window.app, node = canvas.graph.nodes.find(node => node.type === "ShiftBlend");
            canvas.ds.scale = 1;
            [canvas.ds.offset[0], canvas.ds.offset[1]] = [600 - node.pos[0], 100 - node.pos[1]];
            canvas.setDirty(true, true);
        }"""
    )
    frontend.page.wait_for_function(
        f"() => [...document.querySelectorAll('canvas[data-soat=region]')].some(canvas => ({COLOURS})(canvas) > 1000)"
    )


def test_a_strip_follows_what_it_is_made_of(frontend):
    node = opened(frontend, "02_panorama.json", "PanoramaFeatures")
    node.type_value("blend_width", 0.4)
    frontend.node("SampleLatentSequence").type_value("count", 2)
    node.settle()
    width, height = node.size()
    tile = min((width - 12) / 2, height - 12 - 16)
    # The one seam there is now lies in the middle.
    node.drag((width / 2 + 0.2 * tile, height / 2), (width / 2 + 0.4 * tile, height / 2))
    assert node.values("blend_width") == pytest.approx([0.8], abs=0.04)


def test_half_a_change_is_none(frontend):
    """A corner moves x and width; if x comes over a wire, neither."""
    node = opened(frontend, "06_shift_blend.json", "ShiftBlend")
    for name, value in {"x": 0.25, "y": 0.25, "width": 0.5, "height": 0.5, "shift_x": 0.2, "shift_y": 0.0}.items():
        node.type_value(name, value)
    frontend.page.evaluate(
        """id => {
            const {app, LiteGraph} = window, node = app.graph.getNodeById(id);
            const value = LiteGraph.createNode("AnimateValue");
            app.graph.add(value);
            value.connect(0, node, "x");
        }""",
        int(node.id),
    )
    left, top, side = square(node)
    node.drag((left + 0.25 * side, top + 0.25 * side), (left + 0.4 * side, top + 0.25 * side))
    assert node.values("width") == [0.5]
    node.drag((left + 0.75 * side, top + 0.75 * side), (left + 0.65 * side, top + 0.65 * side))
    assert node.values("y", "height") == pytest.approx([0.25, 0.4], abs=0.011)


def test_a_canvas_is_widened_undone_saved_and_opened_again(frontend):
    node = opened(frontend, "03_pad.json", "PadExpand")
    for name in ("left", "right", "top", "bottom"):
        node.type_value(name, 0.0)
    width, height = node.size()
    side = min(width, height) - 28
    right, middle = (width + side) / 2, height / 2
    node.settle()
    start = node.values("left", "right")
    node.drag((right, middle), (right + side * 0.5, middle))
    assert node.values("left", "right", "top", "bottom") == pytest.approx([0.0, 0.5, 0.0, 0.0], abs=0.02)
    dragged = node.values("right")
    workflow = frontend.saved()
    frontend.load(workflow)
    assert frontend.node("PadExpand").values("right") == dragged
    frontend.load(workflow)
    node = frontend.node("PadExpand")
    node.centre()
    node.drawing.press("ArrowLeft")
    assert node.values("left") == [0.05]
    frontend.undo()
    frontend.page.wait_for_function(
        f"() => window.app.graph.getNodeById({node.id}).widgets.find(each => each.name === 'left').value === 0"
    )
    assert start == [0.0, 0.0]


def saved_pictures(frontend: Frontend, server: Any) -> dict[str, np.ndarray]:
    """Run, and what each SaveImage has written."""
    frontend.run()
    told = frontend.page.evaluate("() => ({...window.app.nodeOutputs})")
    entries = {node_id: told[node_id]["images"][0] for node_id in frontend.ids("SaveImage")}
    paths = {key: server.base / "output" / each["subfolder"] / each["filename"] for key, each in entries.items()}
    return {key: np.asarray(Image.open(path), np.int16) for key, path in paths.items()}


# Of an example and a node: from where to where a drag goes, in parts of the drawing.
DRAGS = [
    ("06_shift_blend.json", "ShiftBlend", (0.78, 0.7), (0.66, 0.5)),
    ("03_pad.json", "PadExpand", (0.92, 0.5), (0.7, 0.5)),
    ("05_left_right_blend.json", "InterpolateFeatures", (0.6, 0.75), (0.2, 0.75)),
    ("02_panorama.json", "PanoramaFeatures", (0.2605, 0.5), (0.3, 0.5)),
]


@pytest.mark.parametrize(("example", "kind", "start", "end"), DRAGS, ids=[kind for _, kind, _, _ in DRAGS])
def test_what_is_dragged_is_what_is_rendered(
    example, kind, start, end, frontend, comfyui, catalog, tmp_path, monkeypatch
):
    node = opened(frontend, example, kind)
    if kind == "InterpolateFeatures":
        node.type_value("last_layer", "b64.torgb")
    if kind == "PanoramaFeatures":
        node.type_value("blend_width", 0.5)
    before, values = saved_pictures(frontend, comfyui), frontend.prompt()[node.id]
    width, height = node.size()
    node.drag((start[0] * width, start[1] * height), (end[0] * width, end[1] * height))
    assert frontend.prompt()[node.id] != values
    after = saved_pictures(frontend, comfyui)
    # What the prompt says, made without ComfyUI.
    monkeypatch.setattr(host.folders, "_chosen_folders", {"output": tmp_path})
    prompt = {
        key: {"class_type": each["class_type"], "inputs": each["inputs"]} for key, each in frontend.prompt().items()
    }
    report = execute(read_api_format(prompt), catalog)
    changed = 0
    for node_id, ui in report.ui.items():
        (entry,) = ui["images"]
        expected = np.asarray(Image.open(tmp_path / entry["subfolder"] / entry["filename"]), np.int16)
        assert np.abs(expected - after[node_id]).max() <= 1
        changed += before[node_id].shape != expected.shape or np.abs(before[node_id] - expected).max() > 8
    assert changed >= 1


def test_a_range_of_layers_is_dragged(frontend):
    node = opened(frontend, "14_translation.json", "InterpolateFeatures")
    node.type_value("first_layer", "b8.conv0")
    node.type_value("last_layer", "b64.torgb")
    width, height = node.size()
    layer = (width - 12) / 29

    def place(index: float) -> tuple[float, float]:
        return 6 + index * layer, height * 0.75

    node.drag(place(14), place(8.5))
    assert node.values("first_layer", "last_layer") == ["b8.conv0", "b32.conv0"]
    node.drag(place(2), place(4.5))
    assert node.values("first_layer", "last_layer") == ["b8.torgb", "b32.conv0"]
    node.drag(place(6.5), place(7.5))
    assert node.values("first_layer", "last_layer") == ["b16.conv0", "b32.conv1"]
    node.drawing.press("ArrowRight")
    assert node.values("first_layer", "last_layer") == ["b16.conv0", "b32.torgb"]


def test_the_last_picture_lies_behind_a_region(frontend):
    node = opened(frontend, "06_shift_blend.json", "ShiftBlend")
    node.settle()
    assert node.colours() < 1000
    frontend.run()
    node.until_it_shows_a_picture()


def test_the_graph_is_zoomed_and_moved_over_a_drawing(frontend):
    node = opened(frontend, "03_pad.json", "PadExpand")
    view = "() => [window.app.canvas.ds.scale, ...window.app.canvas.ds.offset]"
    before = frontend.page.evaluate(view)
    box = node.drawing.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    frontend.page.mouse.move(*middle)
    frontend.page.mouse.wheel(0, -200)
    frontend.page.wait_for_function("() => window.app.canvas.ds.scale > 1.05")
    node.centre()
    assert frontend.page.evaluate(view) == before
    frontend.page.mouse.move(*middle)
    frontend.page.mouse.down(button="middle")
    frontend.page.mouse.move(middle[0] + 60, middle[1] + 40)
    frontend.page.mouse.up(button="middle")
    node.settle()
    scale, across, down = frontend.page.evaluate(view)
    assert (scale, across - before[1], down - before[2]) == (1, pytest.approx(60), pytest.approx(40))
    assert node.values("left", "right") == [0.5, 0.5]


def test_a_seed_is_chosen_by_its_picture(frontend):
    node = opened(frontend, "00_start_here.json", "SampleLatent")
    node.until_it_shows_a_picture()
    places = cells(node)
    control = "node.widgets.find(each => each.name === 'seed').linkedWidgets[0]"
    node.until(f"{control}.value = 'randomize'")
    node.click(places[3])
    assert node.values("seed", "batch_size") == [3, 1]
    node.until(f"{control}.value === 'fixed'")
    node.click(places[6], modifiers=["Shift"])
    assert node.values("seed", "batch_size") == [3, 4]
    node.drawing.press("ArrowRight")
    assert node.values("seed") == [4]
    node.click((node.size()[0] - 8, node.size()[1] / 2))
    node.until_it_shows_a_picture()
    node.click(places[0])
    assert node.values("seed") == [12]
    frontend.undo()
    node.until("node.widgets.find(each => each.name === 'seed').value !== 12")


def test_seeds_are_shown_when_asked_for(frontend):
    node = opened(frontend, "03_pad.json", "SampleLatent")
    before = node.values("seed")
    assert node.colours() < 1000
    node.click((100, 40))
    node.until_it_shows_a_picture()
    assert node.values("seed") == before
    (kept,) = (each for each in frontend.saved()["nodes"] if each["id"] == int(node.id))
    assert kept["properties"]["soat_contact_sheet"] is True


def test_a_model_says_what_it_is_or_why_it_is_refused(frontend, comfyui):
    node = opened(frontend, "00_start_here.json", "LoadStyleGAN", drawn=False)
    told = "256 x 256 px, trained on procedural:landscape, SOAT safetensors, 4.6 MB"
    node.until(f"canvas.textContent.startsWith('{told}')")
    node.until(f"({COLOURS})(canvas.querySelector('canvas')) > 1000")
    broken = comfyui.base / "models" / "stylegan" / "broken.pt"
    broken.parent.mkdir(parents=True, exist_ok=True)
    broken.write_bytes(b"no checkpoint")
    node.type_value("checkpoint", "broken.pt")
    node.until("canvas.textContent.startsWith('broken.pt: This is a text file')")
    node.until("canvas.querySelector('canvas').height === 0")
    node.type_value("checkpoint", "demo/portrait_256.safetensors")
    node.until("canvas.textContent.startsWith('256 x 256 px')")
    broken.unlink()
    # The browser notes that the server refused.
    refused = re.compile("status of 400 .*/soat/(model|samples)")
    frontend.page.complaints[:] = [text for text in frontend.page.complaints if not refused.search(text)]


# At the left edge of a node as high as any, where the map begins and no words are.
MAP = "canvas?.getContext('2d').getImageData(8, canvas.height >> 1, 1, 1).data[3]"


def test_a_feature_map_and_a_picture_are_shown_after_a_run(frontend):
    node = opened(frontend, "05_left_right_blend.json", "GetFeatures")
    node.until(f"{MAP} === 0")
    # ComfyUI tells nothing of what it has from an earlier run.
    node.type_value("noise_seed", random.randrange(2**32))
    frontend.run()
    node.until(f"{MAP} === 255")
    for render in frontend.ids("Render"):
        told = frontend.page.evaluate("id => window.app.nodeOutputs[id]", render)
        assert [entry["type"] for entry in told["images"]] == ["temp"]


def test_pictures_of_a_panorama_are_reordered_and_their_blends_dragged(frontend):
    node = opened(frontend, "08_hand_picked_panorama.json", "PanoramaFeatures")
    node.type_value("blend_width", 0.4)
    node.settle()
    width, height = node.size()
    tile = min((width - 12) / 5, height - 12)
    left, middle = (width - 5 * tile) / 2, height / 2

    def place(at: float) -> tuple[float, float]:
        return left + at * tile, middle

    node.drag(place(0.8), place(0.6))
    assert node.values("blend_width") == pytest.approx([0.8], abs=0.05)
    node.type_value("blend_width", 0.4)
    node.drag(place(0.5), place(2.5))
    chosen = Node(frontend, frontend.ids("SelectLatents")[0])
    assert chosen.values("items") == ["3, 2, 13, 9, 15"]
    node.drawing.press("ArrowRight")
    assert node.values("blend_width") == [0.45]


def test_two_stitched_maps_change_places(frontend):
    node = opened(frontend, "23_day_and_night.json", "StitchFeatures")
    node.type_value("direction", "vertical")
    node.type_value("blend_width", 0.2)
    node.settle()
    before = node.values("features_a", "features_b")
    width, height = node.size()
    tile = min(width - 12, (height - 12) / 2)
    node.drag((width / 2, height / 2 - 0.7 * tile), (width / 2, height / 2 + 0.7 * tile))
    assert node.values("features_b", "features_a") == before
    assert before[0] != before[1]


@pytest.mark.parametrize("example", sorted(path.name for path in EXAMPLES.glob("*.json")))
def test_a_workflow_saved_in_one_renderer_is_the_same_in_the_other(example, frontend):
    if example not in SAVED:
        frontend.example(example)
        SAVED[example] = frontend.saved(), frontend.prompt()
        return
    workflow, prompt = SAVED[example]
    frontend.load(workflow)
    assert frontend.prompt() == prompt
    again = frontend.saved()
    for before, after in zip(workflow["nodes"], again["nodes"], strict=True):
        assert (before["id"], before["pos"], before["properties"]) == (after["id"], after["pos"], after["properties"])
    assert again["links"] == workflow["links"]


@pytest.mark.parametrize("example", sorted(path.name for path in EXAMPLES.glob("*.json")))
def test_examples_have_room_for_the_drawings(example, frontend):
    """With the sizes that nodes really have, none lies over another."""
    frontend.example(example)
    frontend.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    nodes = frontend.page.evaluate(
        """() => window.app.graph.nodes.map(node =>
            [`${node.id} ${node.type}`, [...node.pos], [...node.size]])"""
    )
    boxes = {name: (x, y - 30, x + width, y + height) for name, (x, y), (width, height) in nodes}

    def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
        return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]

    assert not [pair for pair in combinations(boxes, 2) if overlap(boxes[pair[0]], boxes[pair[1]])]


PICTURE = f"canvas && ({COLOURS})(canvas) > 1000"
SHOWN_BY_COMFYUI = """(node.imgs?.length && node.imgs.every(each => each.complete && each.naturalWidth))
    || document.querySelector(`[data-node-id="${node.id}"] img`)?.naturalWidth"""
# What there is to see of a node after a run, if not only its inputs.
READY = {
    "LoadStyleGAN": f"canvas && ({COLOURS})(canvas.querySelector('canvas')) > 1000",
    "SampleLatent": PICTURE,
    "PreviewFeatures": SHOWN_BY_COMFYUI,
    "ShiftBlend": PICTURE,
    "WarpFeatures": PICTURE,
    "Render": SHOWN_BY_COMFYUI,
    "PanoramaFeatures": PICTURE,
    "StitchFeatures": PICTURE,
    "GetFeatures": f"{MAP} === 255",
}
SCREENSHOTS = [
    ("00_start_here", "LoadStyleGAN"),
    ("00_start_here", "SampleLatent"),
    ("00_start_here", "PreviewFeatures"),
    ("06_shift_blend", "ShiftBlend"),
    ("06_shift_blend", "Render"),
    ("38_pull_a_mountain", "WarpFeatures"),
    ("03_pad", "PadExpand"),
    ("03_pad", "GetFeatures"),
    ("14_translation", "InterpolateFeatures"),
    ("08_hand_picked_panorama", "PanoramaFeatures"),
    ("23_day_and_night", "StitchFeatures"),
    ("21_attribute_transfer", "MixStyles"),
]


@pytest.mark.skipif("SOAT_SCREENSHOTS" not in os.environ, reason="set SOAT_SCREENSHOTS to take docs/screenshots anew")
@pytest.mark.parametrize(("example", "kind"), SCREENSHOTS)
def test_screenshots(example, kind, frontend, request):
    frontend.example(f"{example}.json")
    for cut in frontend.ids("GetFeatures"):
        # Only what runs tells of itself.
        Node(frontend, cut).type_value("noise_seed", random.randrange(2**32))
    frontend.run()
    node = frontend.show(frontend.ids(kind)[0])
    node.bring_to_the_middle()
    node.settle()
    node.until(READY.get(kind, "true"))
    renderer = request.node.callspec.params["frontend"]
    node.picture(ROOT / "docs" / "screenshots" / f"{kind}_{renderer}.jpg")


def test_wires_have_colours_of_their_own_under_every_palette(frontend, comfyui):
    colours = """() => ["SOAT_GENERATOR", "SOAT_LATENT", "SOAT_FEATURES"].map(type => [
        window.app.canvas.constructor.link_type_colors[type],
        window.app.canvas.default_connection_color_byType[type],
        getComputedStyle(document.documentElement).getPropertyValue(`--color-datatype-${type}`).trim()])"""
    before = frontend.page.evaluate(colours)
    assert all(len(set(each)) == 1 for each in before) and len({each[0] for each in before}) == 3
    for palette in ("light", "dark"):
        frontend.page.evaluate(
            "palette => window.app.extensionManager.setting.set('Comfy.ColorPalette', palette)", palette
        )
        frontend.page.wait_for_function(
            f"before => JSON.stringify(({colours})()) === JSON.stringify(before)", arg=before
        )


def test_an_error_is_shown_on_its_node(frontend):
    frontend.example("03_pad.json")
    node = frontend.node("SampleLatent")
    node.type_value("truncation_cutoff", 3)
    # From another file, the layer's name is none that can be chosen: the server refuses it before anything runs.
    cut = frontend.node("GetFeatures")
    cut.type_value("layer", "b3.conv1")
    refused = frontend.page.evaluate(
        """async () => {
            await window.app.queuePrompt(0, 1);
            return Object.keys(window.app.lastNodeErrors ?? {});
        }"""
    )
    assert refused == [cut.id]
    cut.type_value("layer", "b8.conv1")
    pad = frontend.node("PadExpand")
    pad.type_value("mode", "circular")
    render = Node(frontend, frontend.ids("Render")[0])
    render.type_value("tile_size", 0)
    frontend.run()
    assert not frontend.page.evaluate("() => Object.keys(window.app.lastNodeErrors ?? {})")


def test_a_failure_while_running_is_shown_on_its_node(frontend, comfyui):
    """Codes of another generator, which only the run can know."""
    frontend.example("03_pad.json")
    node = frontend.node("SampleLatent")
    node.type_value("batch_size", 2)
    frontend.page.evaluate(
        """() => {
            const select = window.LiteGraph.createNode("SelectLatents");
            window.app.graph.add(select);
            const [sample] = window.app.graph.nodes.filter(each => each.type === "SampleLatent");
            const [cut] = window.app.graph.nodes.filter(each => each.type === "GetFeatures");
            sample.connect(0, select, "latent");
            select.connect(0, cut, "latent");
            select.widgets.find(each => each.name === "items").value = "7";
        }"""
    )
    detail = frontend.run_until("execution_error")
    assert detail["node_type"] == "SelectLatents" and "7" in detail["exception_message"]


def test_a_large_canvas_is_shown_while_it_grows_and_interrupted(frontend):
    frontend.example("02_panorama.json")
    sequence = frontend.node("SampleLatentSequence")
    sequence.type_value("seed", random.randrange(2**32))
    sequence.type_value("count", 1000)
    frontend.node("PanoramaFeatures").type_value("layer", "b4.conv1")
    for render in frontend.ids("Render"):
        Node(frontend, render).type_value("tile_size", 64)
    # "b_preview": a picture of what there is.
    detail = frontend.run_until("execution_interrupted", when="b_preview", then="window.app.api.interrupt()")
    assert detail["node_type"] == "Render"


def test_drawings_are_sharp_and_dragged_by_touch(browser, comfyui):
    context = browser.new_context(viewport={"width": 1600, "height": 900}, device_scale_factor=2, has_touch=True)
    page = context.new_page()
    page.goto(comfyui.url)
    page.wait_for_function("!!window.app?.extensionManager?.workflow?.activeWorkflow", timeout=90_000)
    node = opened(Frontend(page), "03_pad.json", "PadExpand")
    width, height = node.size()
    node.until("canvas.width === 2 * canvas.clientWidth && canvas.height === 2 * canvas.clientHeight")
    for name in ("left", "right", "top", "bottom"):
        node.type_value(name, 0.0)
    # Undo leads back to what was loaded.
    node.frontend.load(node.frontend.saved())
    node = node.frontend.node("PadExpand")
    node.centre()
    side, box = min(width, height) - 28, node.drawing.bounding_box()
    right, middle = box["x"] + (width + side) / 2, box["y"] + height / 2
    session = context.new_cdp_session(page)

    def touch(kind: str, *fingers: float) -> None:
        points = [{"x": right + at * side, "y": middle, "id": index} for index, at in enumerate(fingers)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    steps = "window.app.extensionManager.workflow.activeWorkflow.changeTracker.undoQueue.length"
    before = page.evaluate(steps)
    touch("touchStart", 0.0)
    touch("touchMove", 0.25)
    touch("touchMove", 0.5)
    touch("touchEnd")
    node.settle()
    assert node.values("left", "right", "top", "bottom") == pytest.approx([0.0, 0.5, 0.0, 0.0], abs=0.03)
    # Noted at once: who works by touch has no key whose press would note it.
    assert page.evaluate(steps) == before + 1
    node.frontend.undo()
    node.until("node.widgets.find(each => each.name === 'right').value === 0")
    node.centre()
    node.until("canvas.width === 2 * canvas.clientWidth")
    touch("touchStart", 0.0)
    touch("touchMove", 0.3)
    node.settle()
    assert node.values("right")[0] > 0.1
    # Two fingers zoom the graph; the drag was not meant.
    touch("touchStart", 0.3, -1.0)
    touch("touchMove", 0.4, -1.2)
    touch("touchEnd")
    node.settle()
    assert node.values("left", "right", "top", "bottom") == [0.0, 0.0, 0.0, 0.0]
    context.close()


# What our nodes hold on to: listeners of the server's messages and of the window, and observers of sizes.
COUNTING = """() => {
    const held = new Map();
    const key = (...parts) => parts.map(part => {
        if (!(part instanceof Object)) return part;
        if (!held.ids) held.ids = new WeakMap();
        if (!held.ids.has(part)) held.ids.set(part, Math.random());
        return held.ids.get(part);
    }).join();
    for (const target of [window.app.api, window, document]) {
        const [add, remove] = [target.addEventListener, target.removeEventListener];
        target.addEventListener = function (kind, heard, ...rest) {
            if (heard) held.set(key(target, kind, heard), "listeners");
            return add.call(this, kind, heard, ...rest);
        };
        target.removeEventListener = function (kind, heard, ...rest) {
            if (heard) held.delete(key(target, kind, heard));
            return remove.call(this, kind, heard, ...rest);
        };
    }
    const {observe, unobserve, disconnect} = ResizeObserver.prototype;
    ResizeObserver.prototype.observe = function (element, ...rest) {
        held.set(key(this, element), this);
        return observe.call(this, element, ...rest);
    };
    ResizeObserver.prototype.unobserve = function (element) {
        held.delete(key(this, element));
        return unobserve.call(this, element);
    };
    ResizeObserver.prototype.disconnect = function () {
        for (const [each, observer] of [...held]) if (observer === this) held.delete(each);
        return disconnect.call(this);
    };
    window.soatHeld = held;
}"""


def test_what_is_removed_leaves_nothing(frontend):
    before = len(frontend.page.complaints)
    frontend.page.evaluate("() => window.app.graph.clear()")
    frontend.page.evaluate(COUNTING)
    kinds = ["ShiftBlend", "PadExpand", "InterpolateFeatures", "SampleLatent", "LoadStyleGAN", "GetFeatures"]
    kinds += ["PanoramaFeatures", "StitchFeatures", "MixStyles", "Render"]
    held = frontend.page.evaluate(
        """async kinds => {
            const frames = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
            const held = [];
            for (let round = 0; round < 3; round += 1) {
                const nodes = [...Array(50).keys()].map(index => {
                    const node = window.LiteGraph.createNode(kinds[index % kinds.length]);
                    node.pos = [300 * (index % 10), 450 * Math.floor(index / 10)];
                    window.app.graph.add(node);
                    return node;
                });
                await frames();
                // As copying makes them: never in a graph, never removed.
                for (const node of nodes) node.clone();
                for (const node of nodes) window.app.graph.remove(node);
                await frames();
                held.push(window.soatHeld.size);
            }
            return held;
        }""",
        kinds,
    )
    frontend.page.wait_for_function("() => !document.querySelector('[data-soat]')")
    # Whatever the frontend itself sets up now and then, five nodes of a kind leave nothing.
    assert held[2] - held[1] < 5
    assert not [text for text in frontend.page.complaints[before:] if "soat" in text.lower()]
