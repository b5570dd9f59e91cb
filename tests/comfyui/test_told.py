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
