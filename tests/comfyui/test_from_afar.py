"""Drawings are seen from afar too, where the classic renderer leaves out texts and elements."""

from __future__ import annotations

import io

import numpy as np
import pytest
from artist import opened
from PIL import Image


def view_from_afar(frontend, node, scale: float = 0.4) -> Image.Image:
    """The node's drawing as it looks when the graph is zoomed out."""
    place = frontend.page.evaluate(
        """([id, scale]) => {
            const {canvas} = window.app, node = canvas.graph.getNodeById(id);
            const widget = node.widgets.find(each => each.type === "soat_drawing");
            canvas.ds.scale = scale;
            [canvas.ds.offset[0], canvas.ds.offset[1]] = [1000 - node.pos[0], 600 - node.pos[1]];
            canvas.setDirty(true, true);
            return [node.pos[0] + canvas.ds.offset[0], node.pos[1] + widget.y + canvas.ds.offset[1],
                node.size[0], widget.computedHeight ?? 0].map(value => value * scale);
        }""",
        [int(node.id), scale],
    )
    node.settle()
    left, top, width, height = place
    rest = frontend.page.locator("#graph-canvas").bounding_box()
    clip = {"x": left + rest["x"], "y": top + rest["y"], "width": width, "height": max(height, 20)}
    return Image.open(io.BytesIO(frontend.page.screenshot(clip=clip))).convert("RGB")


def colours(picture: Image.Image) -> int:
    return len(np.unique(np.asarray(picture).reshape(-1, 3), axis=0))


DRAWN = [("06_shift_blend.json", "ShiftBlend"), ("03_pad.json", "PadExpand"), ("00_start_here.json", "LoadStyleGAN")]


@pytest.mark.parametrize(("example", "kind"), DRAWN)
def test_a_drawing_is_seen_from_afar(example, kind, frontend):
    node = opened(frontend, example, kind, drawn=False)
    if kind == "ShiftBlend":
        node.centre()
        frontend.run()
        node.until_it_shows_a_picture()
    if kind == "LoadStyleGAN":
        node.until("canvas.querySelector('canvas')?.width > 300")
    if frontend.page.evaluate("() => window.LiteGraph.vueNodesMode"):
        pytest.skip("Vue nodes show elements from afar by themselves")
    assert colours(view_from_afar(frontend, node)) > 200


def test_what_changes_is_seen_from_afar(frontend):
    node = opened(frontend, "03_pad.json", "PadExpand", drawn=False)
    if frontend.page.evaluate("() => window.LiteGraph.vueNodesMode"):
        pytest.skip("Vue nodes show elements from afar by themselves")
    before = view_from_afar(frontend, node)
    node.type_value("right", 3.0)
    node.settle()
    after = view_from_afar(frontend, node)
    assert np.abs(np.asarray(before, np.int16) - np.asarray(after, np.int16)).mean() > 5
