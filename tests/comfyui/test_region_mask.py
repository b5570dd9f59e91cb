"""RegionMask's drawing."""

from __future__ import annotations

import pytest
from artist import opened


def test_a_region_is_drawn_over_the_picture_made_with_it(frontend):
    node = opened(frontend, "15_translate_the_sky.json", "RegionMask")
    for name, value in {"x": 0.25, "y": 0.25, "width": 0.5, "height": 0.5}.items():
        node.type_value(name, value)
    node.click((100, 10))
    node.centre()
    frontend.run()
    node.until_it_shows_a_picture()
    width, height = node.size()
    inner_width, inner_height = 0.72 * (width - 12), 0.72 * (height - 12)
    side = min(inner_width, inner_height)
    left, top = (width - side) / 2, (height - side) / 2

    def place(x: float, y: float) -> tuple[float, float]:
        return left + x * side, top + y * side

    node.drag(place(0.5, 0.5), place(0.1, 0.6))
    assert node.values("x", "y", "width", "height") == pytest.approx([-0.15, 0.35, 0.5, 0.5], abs=0.02)
    node.drag(place(0.35, 0.85), place(0.5, 0.7))
    assert node.values("x", "y", "width", "height") == pytest.approx([-0.15, 0.35, 0.65, 0.35], abs=0.02)
    before = node.values("x")
    node.drawing.press("ArrowLeft")
    assert node.values("x") == pytest.approx([before[0] - 0.01])
