"""The help pages as ComfyUI shows them: in a panel three hundred pixels wide, beside the graph."""

from __future__ import annotations

from typing import Any

import pytest
from soat.nodes import NODE_DISPLAY_NAME_MAPPINGS

SELECT = """kind => {
    const {app, LiteGraph} = window;
    app.graph.clear();
    const node = LiteGraph.createNode(kind), view = app.canvas.ds;
    // The view is whatever was left, and its toolbox must not lie under the tabs.
    view.scale = 1;
    [view.offset[0], view.offset[1]] = [0, 0];
    node.pos = [500, 400];
    app.graph.add(node);
    app.canvas.selectNode(node);
}"""
# Of the page, what is wider than the column it is in, and whether its picture is there.
WIDER = """() => {
    const page = document.querySelector(".node-help-content");
    const right = page.getBoundingClientRect().right + 1;
    return [...page.querySelectorAll("*")]
        .filter(each => each.getBoundingClientRect().right > right)
        .map(each => each.outerHTML.slice(0, 120));
}"""


@pytest.fixture(scope="module")
def panel(page) -> Any:
    page.reload()
    page.wait_for_function("!!(window.app?.graph && window.LiteGraph?.registered_node_types['Render'])", timeout=90_000)
    page.wait_for_function("!!window.app.extensionManager?.workflow?.activeWorkflow", timeout=90_000)
    page.evaluate(SELECT, "Render")
    page.get_by_test_id("info-button").click()
    page.locator(".node-help-content").wait_for()
    return page


@pytest.mark.parametrize("class_id", sorted(NODE_DISPLAY_NAME_MAPPINGS))
def test_nothing_of_a_page_is_cut_off(panel, class_id):
    panel.evaluate(SELECT, class_id)
    panel.wait_for_function(
        """([title, file]) => {
            const page = document.querySelector(".node-help-content");
            const picture = page?.querySelector("img");
            return page?.querySelector("h1")?.innerText === title && picture?.src.includes(file)
                && picture.complete && picture.naturalWidth > 0;
        }""",
        arg=[NODE_DISPLAY_NAME_MAPPINGS[class_id], f"{class_id}.jpg"],
    )
    assert panel.evaluate(WIDER) == []
