"""What choosing a seed by its picture does besides."""

from __future__ import annotations

import json

from artist import EXAMPLES, cells


def test_a_chosen_seed_is_seen_to_be_fixed(frontend):
    workflow = json.loads((EXAMPLES / "00_start_here.json").read_text(encoding="utf-8"))
    (saved,) = (node for node in workflow["nodes"] if node["type"] == "SampleLatent")
    saved["widgets_values"][1] = "randomize"
    frontend.load(workflow)
    node = frontend.node("SampleLatent")
    node.centre()
    node.until_it_shows_a_picture()
    node.click(cells(node)[3])
    node.until("node.widgets.find(each => each.name === 'seed').linkedWidgets[0].value === 'fixed'")
    if frontend.page.evaluate("() => window.LiteGraph.vueNodesMode"):
        control = frontend.page.locator(f'[data-node-id="{node.id}"] [data-testid="value-control"]')
        control.locator('i[class*="pencil-off"]').wait_for()
        assert control.count() == 1
    # And it still is the node's drawing that is there.
    node.click(cells(node)[5])
    assert node.values("seed", "batch_size") == [5, 1]
