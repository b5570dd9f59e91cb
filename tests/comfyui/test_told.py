"""What drawings know of runs before the page was loaded, and of runs that found all done."""

from __future__ import annotations

import random

from artist import Node, opened

# At the left edge, where the map begins and no words are.
MAP = "canvas.getContext('2d').getImageData(12, canvas.height >> 1, 1, 1).data[3]"

SHOWN = """node.imgs?.[0]?.naturalWidth || document.querySelector(`[data-node-id="${node.id}"] img`)?.naturalWidth"""


def reload(frontend) -> None:
    """As F5 does; the frontend opens what was open."""
    page = frontend.page
    drafted = page.evaluate("() => window.app.graph.nodes.length")
    page.reload()
    page.wait_for_function("!!window.app?.extensionManager?.workflow?.activeWorkflow", timeout=90_000)
    page.wait_for_function("count => window.app.graph?.nodes.length === count", arg=drafted, timeout=90_000)


def test_a_feature_map_is_shown_when_a_run_finds_it_done(frontend):
    frontend.example("05_left_right_blend.json")
    frontend.run()
    # The same file opened anew is another workflow, of which nobody has told anything.
    node = opened(frontend, "05_left_right_blend.json", "GetFeatures")
    frontend.page.evaluate("() => { window.app.nodeOutputs = {}; }")
    frontend.run()
    node.until(f"{MAP} === 255")


def test_drawings_know_after_a_reload_what_they_knew(frontend):
    node = opened(frontend, "06_shift_blend.json", "ShiftBlend")
    node.type_value("shift_x", 0.21)
    frontend.run()
    node.until_it_shows_a_picture()
    # Noted for the draft that a reload opens.
    node.drawing.press("ArrowLeft")
    node.settle()
    reload(frontend)
    node = frontend.node("ShiftBlend")
    node.centre()
    node.until_it_shows_a_picture()
    cut = frontend.node("GetFeatures")
    cut.centre()
    cut.until(f"{MAP} === 255")


TEXT = "node.widgets.find(each => each.name === '$$node-text-preview')"
IGNORED = "demo/landscape_256.safetensors has no classes: class_idx 3 is ignored."


def size_of(node) -> list[float]:
    return node.page.evaluate("id => [...window.app.canvas.graph.getNodeById(id).size]", int(node.id))


def test_what_a_node_says_is_taken_away_when_it_no_longer_is_true(frontend):
    node = opened(frontend, "03_pad.json", "SampleLatent")
    before = size_of(node)
    node.type_value("class_idx", 3)
    frontend.run()
    node.until(f"{TEXT}?.value === '{IGNORED}'")
    # Undo makes the node anew, and what it said is still said.
    node.drawing.press("ArrowRight")
    node.settle()
    frontend.undo()
    node.until(f"{TEXT}?.value === '{IGNORED}'")
    node.settle()
    node.type_value("class_idx", -1)
    frontend.run()
    node.until(f"!{TEXT}")
    node.until(f"node.size[1] <= {before[1] + 0.5}")
    if frontend.page.evaluate("() => window.LiteGraph.vueNodesMode"):
        frontend.page.get_by_text(IGNORED).wait_for(state="hidden")


def test_what_a_node_said_is_there_after_a_reload_and_said_again_by_a_run_that_finds_it_done(frontend):
    node = opened(frontend, "03_pad.json", "SampleLatent")
    node.type_value("class_idx", 3)
    frontend.run()
    node.until(f"{TEXT}?.value === '{IGNORED}'")
    node.drawing.press("ArrowLeft")
    node.settle()
    reload(frontend)
    node = frontend.node("SampleLatent")
    node.until(f"{TEXT}?.value === '{IGNORED}'")
    # Of the same file opened anew nobody has told anything, until it runs.
    frontend.example("03_pad.json")
    node = frontend.node("SampleLatent")
    node.type_value("class_idx", 3)
    frontend.page.evaluate("() => { window.app.nodeOutputs = {}; }")
    node.until(f"!{TEXT}")
    frontend.run()
    node.until(f"{TEXT}?.value === '{IGNORED}'")


def test_what_a_node_in_a_subgraph_says_is_there_when_one_looks(frontend):
    frontend.example("03_pad.json")
    frontend.node("SampleLatent").type_value("class_idx", 3)
    frontend.convert_to_subgraph("SampleLatent", "GetFeatures")
    frontend.run()
    frontend.go_into_the_subgraph()
    node = frontend.shown_node("SampleLatent")
    node.until(f"{TEXT}?.value === '{IGNORED}'")
    # And on no other node of the same id.
    frontend.page.evaluate("() => window.app.canvas.setGraph(window.app.graph)")
    assert frontend.page.evaluate(f"() => !window.app.graph.nodes.some(node => node.widgets && {TEXT})")


def test_a_result_takes_the_place_of_the_picture_that_grew(frontend):
    """Else classic nodes go on showing what was last seen of it, and Nodes 2.0 both."""
    frontend.example("02_panorama.json")
    frontend.node("SampleLatentSequence").type_value("count", 12)
    frontend.node("SampleLatentSequence").type_value("seed", random.randrange(2**32))
    frontend.node("PanoramaFeatures").type_value("layer", "b4.conv1")
    renders = frontend.ids("Render")
    for render in renders:
        Node(frontend, render).type_value("tile_size", 32)
    frontend.page.evaluate("() => window.app.api.addEventListener('b_preview', () => { window.itGrew = true; })")
    frontend.run()
    assert frontend.page.evaluate("() => window.itGrew")
    for render in renders:
        node = Node(frontend, render)
        node.bring_to_the_middle()
        node.until(SHOWN)
        node.until("!(node.imgs ?? []).some(image => image.src.startsWith('blob:'))")
        node.until("""document.querySelectorAll(`[data-node-id="${node.id}"] img`).length <= 1""")
