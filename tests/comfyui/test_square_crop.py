"""SquareCrop's drawing."""

from __future__ import annotations

import numpy as np
import pytest
from artist import Node
from PIL import Image


def test_a_square_is_placed_over_the_file_it_is_cut_out_of(frontend, comfyui):
    folder = comfyui.base / "input"
    folder.mkdir(exist_ok=True)
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 128, 3), np.uint8)).save(folder / "wide.png")
    frontend.page.evaluate(
        """async () => {
            const {app, LiteGraph} = window;
            await app.refreshComboInNodes();
            app.graph.clear();
            const photo = LiteGraph.createNode("LoadImage"), crop = LiteGraph.createNode("SquareCrop");
            app.graph.add(photo);
            app.graph.add(crop);
            [photo.pos, crop.pos] = [[0, 0], [400, 0]];
            photo.connect(0, crop, "image");
            photo.widgets.find(each => each.name === "image").value = "wide.png";
        }"""
    )
    node: Node = frontend.shown_node("SquareCrop")
    node.type_value("square", 0.5)
    node.centre()
    node.click((100, 10))
    node.centre()
    node.until_it_shows_a_picture()
    width, height = node.size()
    wide = min(width - 12, 2 * (height - 12))
    left, top = (width - wide) / 2, (height - wide / 2) / 2

    def place(x: float, y: float) -> tuple[float, float]:
        return left + x * wide, top + y * wide / 2

    values = [node.widget_value(name) for name in ("x", "y", "square")]
    assert values == [0.5, 0.5, 0.5]
    node.drag(place(0.5, 0.5), place(0.65, 0.375))
    assert [node.widget_value(name) for name in ("x", "y")] == pytest.approx([0.7, 0.25], abs=0.03)
    node.drawing.press("-")
    assert node.widget_value("square") == pytest.approx(0.49)
