"""The panel of a node's properties, which ComfyUI keeps open beside the graph: nodes with drawings stay as they are."""

from __future__ import annotations

import pytest
from artist import COLOURS, opened


@pytest.fixture
def panel(frontend):
    """It is open, beside the graph."""
    is_open = 'open => window.app.extensionManager.setting.set("Comfy.RightSidePanel.IsOpen", open)'
    frontend.page.evaluate(is_open, True)
    yield frontend.page.get_by_test_id("properties-panel")
    frontend.page.evaluate(is_open, False)


def select(node):
    node.page.evaluate("id => window.app.canvas.selectNode(window.app.graph.getNodeById(id))", int(node.id))


def test_a_drawing_stays_as_wide_as_its_node(frontend, panel):
    node = opened(frontend, "08_hand_picked_panorama.json", "PanoramaFeatures")
    before = node.size()
    select(node)
    panel.locator("canvas").first.wait_for()
    assert node.size() == before


def test_the_panel_shows_the_drawing_too(frontend, panel):
    node = opened(frontend, "08_hand_picked_panorama.json", "PanoramaFeatures")
    frontend.run()
    node.until_it_shows_a_picture()
    select(node)
    frontend.page.wait_for_function(
        f"""() => [...document.querySelectorAll('[data-testid="properties-panel"] canvas')]
            .some(canvas => ({COLOURS})(canvas) > 1000)"""
    )
