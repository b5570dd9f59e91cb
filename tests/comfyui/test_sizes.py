"""Nodes are as large as they were, however they are made anew."""

from __future__ import annotations

from typing import Any

import pytest
from artist import Frontend

KINDS = [
    *("GetFeatures", "InterpolateFeatures", "LoadStyleGAN", "MixStyles", "PadExpand", "PanoramaFeatures"),
    *("SampleLatent", "SampleLatentSequence", "ShiftBlend", "StitchFeatures", "TruncateLatent"),
]
# As Vue nodes these are up to 16 px higher for their inputs alone, which the frontend finds out some time later.
HIGHER_IN_VUE = ["EditLatent", "RegionMask", "SampleLatentGrid", "SelectLatents", "SquareCrop"]
FRESH = """kinds => {
    const {app, LiteGraph} = window;
    app.graph.clear();
    for (const [index, kind] of kinds.entries()) {
        const node = LiteGraph.createNode(kind);
        node.pos = [300 * (index % 5), 700 * Math.floor(index / 5)];
        app.graph.add(node);
    }
}"""
SHOW_ALL = """() => {
    const view = window.app.canvas.ds;
    view.scale = 0.6;
    [view.offset[0], view.offset[1]] = [100, 100];
    window.app.canvas.setDirty(true, true);
}"""
CHANGE = """() => {
    const {app} = window, {changeTracker} = app.extensionManager.workflow.activeWorkflow;
    changeTracker.captureCanvasState();
    const node = app.graph.nodes.find(each => each.widgets?.some(({value}) => typeof value === "number"));
    const widget = node.widgets.find(({value}) => typeof value === "number");
    const before = widget.value;
    widget.value = before + 1;
    widget.callback?.(widget.value);
    changeTracker.captureCanvasState();
    return [node.id, widget.name, before];
}"""
HAS_VALUE = """([id, name, value]) =>
    window.app.graph.getNodeById(id)?.widgets.find(widget => widget.name === name).value === value"""
FOLD = """folded => {
    for (const node of window.app.graph.nodes) if (Boolean(node.flags.collapsed) !== folded) node.collapse(true);
}"""


def sizes(frontend: Frontend) -> dict[str, Any]:
    """Of all nodes, when they have come to rest."""
    found: list[Any] = [None]
    while len(found) < 3 or found[-1] != found[-2] or found[-2] != found[-3]:
        found.append(
            frontend.page.evaluate(
                """async () => {
                    for (let frame = 0; frame < 4; frame += 1) await new Promise(requestAnimationFrame);
                    return Object.fromEntries(window.app.graph.nodes.map(
                        ({id, type, size}) => [`${id} ${type}`, [...size].map(Math.round)]));
                }"""
            )
        )
    return found[-1]


def change_and_undo(frontend: Frontend) -> None:
    changed = frontend.page.evaluate(CHANGE)
    frontend.undo()
    frontend.page.wait_for_function(HAS_VALUE, arg=changed)


def test_fresh_nodes_are_as_large_after_undo(frontend):
    """Nodes with a drawing were 12 px lower as long as they were fresh."""
    is_vue = frontend.page.evaluate("() => window.LiteGraph.vueNodesMode")
    frontend.page.evaluate(FRESH, KINDS if is_vue else KINDS + HIGHER_IN_VUE)
    frontend.page.evaluate(SHOW_ALL)
    # Vue nodes first have to find out.
    frontend.page.wait_for_function(
        "() => [...document.querySelectorAll('[data-soat=model] canvas')].some(canvas => canvas.height > 0)"
    )
    before = sizes(frontend)
    change_and_undo(frontend)
    assert sizes(frontend) == before
    frontend.load(frontend.saved())
    assert sizes(frontend) == before
    frontend.page.evaluate(FOLD, True)
    frontend.page.evaluate(FOLD, False)
    assert sizes(frontend) == before


# Whose nodes have room enough for both renderers.
@pytest.mark.parametrize("example", ["02_panorama.json", "06_shift_blend.json", "15_translate_the_sky.json"])
def test_nodes_of_a_template_are_as_large_after_undo_and_after_opening_it_again(example, frontend):
    frontend.example(example)
    before = sizes(frontend)
    change_and_undo(frontend)
    assert sizes(frontend) == before
    change_and_undo(frontend)
    assert sizes(frontend) == before
    frontend.load(frontend.saved())
    assert sizes(frontend) == before
    frontend.example(example)
    assert sizes(frontend) == before
    frontend.page.evaluate(FOLD, True)
    frontend.page.evaluate(FOLD, False)
    assert sizes(frontend) == before


def test_a_drawing_in_a_wider_node_is_no_higher(frontend):
    frontend.page.evaluate(FRESH, ["ShiftBlend"])
    node = frontend.shown_node("ShiftBlend")
    node.centre()
    before = sizes(frontend)
    frontend.page.evaluate("id => window.app.graph.getNodeById(id).setSize([700, 10])", int(node.id))
    (height,) = (height for _, height in sizes(frontend).values())
    assert height <= next(iter(before.values()))[1]
