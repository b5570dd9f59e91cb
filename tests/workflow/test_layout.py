"""Every template opens large enough to be read: in ComfyUI's fit, with nothing over anything else."""

from __future__ import annotations

import importlib.util
import json
import sys
from itertools import combinations
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "example_workflows").glob("*.json"))


def _load_layout():
    spec = importlib.util.spec_from_file_location("layout", ROOT / "docs" / "layout.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["layout"] = module  # Its dataclasses look it up.
    spec.loader.exec_module(module)
    return module


layout = _load_layout()


@pytest.fixture(params=TEMPLATES, ids=lambda path: path.stem)
def template(request):
    return json.loads(request.param.read_text(encoding="utf-8"))


def test_it_opens_at_65_per_cent_or_more(template):
    assert layout.fit_zoom(template["nodes"]) >= 0.65


def test_the_zoom_is_the_one_of_comfyui():
    """As measured in ComfyUI 0.33, in a window of 1600 x 1000: 00_start_here as it was."""
    corners = [
        {"pos": [0, 0], "size": [350, 560], "type": "MarkdownNote"},
        {"pos": [1160, 948], "size": [290, 320], "type": "Render"},
        {"pos": [1530, 508], "size": [420, 320], "type": "SaveImage"},
    ]
    assert layout.fit_zoom(corners) == pytest.approx(0.5690440060698028)


def test_no_node_lies_over_another_or_where_it_shows_something(template):
    boxes = {node["id"]: layout.box(node) for node in template["nodes"]}
    assert not [pair for pair in combinations(boxes, 2) if layout.overlap(*(boxes[each] for each in pair))]


def test_nodes_have_the_room_they_need(template):
    """Else the frontend makes them larger as it opens the template, and they lie over others after all."""
    needed = {**layout.HEIGHTS, **layout.PICTURES}
    for node in template["nodes"]:
        assert node["size"][0] >= 225
        assert node["size"][1] >= needed.get(node["type"], 0), node["type"]


def test_no_wire_crosses_a_node(template):
    assert layout.crossings(template) == []


def test_no_wire_crosses_a_title(template):
    assert layout.crossed_titles(template) == []


def test_wires_lead_to_the_right(template):
    nodes = {node["id"]: node for node in template["nodes"]}
    for _, origin, _, target, _, _ in template["links"]:
        assert nodes[origin]["pos"][0] + nodes[origin]["size"][0] < nodes[target]["pos"][0]


def test_groups_hold_whole_nodes_and_their_titles(template):
    rects = [layout.group_box(group) for group in template["groups"]]
    assert rects and not [pair for pair in combinations(rects, 2) if layout.overlap(*pair)]
    for group, rect in zip(template["groups"], rects, strict=True):
        assert group["title"] and layout.title_width(group) <= group["bounding"][2]
        assert group["font_size"] >= 15
        held = 0
        for node in template["nodes"]:
            left, top, right, bottom = layout.box(node)
            is_inside = rect[0] <= left and rect[1] <= top and right <= rect[2] and bottom <= rect[3]
            assert is_inside or not layout.overlap(rect, (left, top, right, bottom))
            held += is_inside
        assert held


def test_a_wire_is_drawn_as_comfyui_draws_it():
    points = layout.wire((0.0, 0.0), (300.0, 400.0), 3)
    # Half way between ends that leave and arrive level.
    assert points[1].tolist() == pytest.approx([150.0, 200.0])
    quarter = layout.wire((0.0, 0.0), (300.0, 400.0), 5)[1]
    assert quarter.tolist() == pytest.approx([3 * 0.5625 * 0.25 * 125 + 3 * 0.75 * 0.0625 * 175 + 300 / 64, 62.5])


def test_a_wire_over_a_node_is_found():
    def node(node_id, x, y):
        slot = {"name": "image", "type": "IMAGE"}
        return {"id": node_id, "type": "X", "pos": [x, y], "size": [100, 100], "inputs": [slot], "outputs": [slot]}

    nodes = [node(1, 0, 0), node(2, 200, 0), node(3, 400, 0)]
    workflow = {"nodes": nodes, "links": [[1, 1, 0, 3, 0, "IMAGE"]]}
    assert layout.crossings(workflow) == [(1, 3, 2)]
    nodes[1]["pos"][1] = 60
    assert layout.crossings(workflow) == []
