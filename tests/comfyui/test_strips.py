"""Strips of many pictures."""

from __future__ import annotations

from artist import Node, opened


def test_one_of_eight_pictures_is_dragged_whatever_the_blends(frontend):
    node = opened(frontend, "08_hand_picked_panorama.json", "PanoramaFeatures")
    chosen = Node(frontend, frontend.ids("SelectLatents")[0])
    chosen.type_value("items", "0, 1, 2, 3, 4, 5, 6, 7")
    width, height = node.size()
    tile = (width - 12) / 8
    foot = 6 + (height - 12 - 16 + tile) / 2
    # Between the blends' edges, and on the names whatever they are.
    for blend, down in ((0.4, height / 2 - 8), (1.0, foot + 8)):
        chosen.type_value("items", "0, 1, 2, 3, 4, 5, 6, 7")
        node.type_value("blend_width", blend)
        node.settle()
        node.drag((6 + 1.5 * tile, down), (6 + 6.5 * tile, down))
        assert chosen.values("items") == ["0, 2, 3, 4, 5, 6, 1, 7"]
        assert node.values("blend_width") == [blend]
