"""Nodes are as large as they were, however they are made anew."""

from __future__ import annotations

from typing import Any

import pytest
from artist import Frontend

KINDS = [
    *("GetFeatures", "InterpolateFeatures", "LoadStyleGAN", "MixStyles", "PadExpand", "PanoramaFeatures"),
    *("SampleLatent", "SampleLatentSequence", "ShiftBlend", "StitchFeatures", "TruncateLatent", "EditLatent"),
    *("RegionMask", "SampleLatentGrid", "SelectLatents", "SquareCrop", "MergeGenerators"),
]
FRESH = """kinds => {
    const {app, LiteGraph} = window;
    app.graph.clear();
    // Else the frontend takes what it knows of the last graph's nodes for these, such as that one is ComfyUI's own.
    app.graph.state.lastNodeId = 1000;
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


# Vue nodes are as high as what is in them, which the graph is told some frames later.
SIZES = """async () => {
    const {app, LiteGraph} = window;
    for (let frame = 0; frame < 4; frame += 1) await new Promise(requestAnimationFrame);
    const isTold = ({id, size, flags}) => {
        const shown = document.querySelector(`[data-node-id="${id}"]`);
        return flags.collapsed || !shown || Math.abs(shown.offsetHeight - LiteGraph.NODE_TITLE_HEIGHT - size[1]) <= 1;
    };
    if (LiteGraph.vueNodesMode && !app.graph.nodes.every(isTold)) return null;
    return Object.fromEntries(app.graph.nodes.map(({id, type, size}) => [`${id} ${type}`, [...size].map(Math.round)]));
}"""


def sizes(frontend: Frontend) -> dict[str, Any]:
    """Of all nodes, when they have come to rest."""
    found: list[Any] = [None]
    while len(found) < 3 or found[-1] is None or found[-1] != found[-2] or found[-2] != found[-3]:
        found.append(frontend.page.evaluate(SIZES))
    return found[-1]


def change_and_undo(frontend: Frontend) -> None:
    changed = frontend.page.evaluate(CHANGE)
    frontend.undo()
    frontend.page.wait_for_function(HAS_VALUE, arg=changed)


def test_fresh_nodes_are_as_large_after_undo(frontend):
    """Nodes with a drawing were 12 px lower as long as they were fresh."""
    frontend.page.evaluate(FRESH, KINDS)
    frontend.page.evaluate(SHOW_ALL)
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
