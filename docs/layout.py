"""Lays the templates out: every node in its column, the rows searched so that no wire crosses a node.

    python docs/layout.py [NAME ...]      # writes places, sizes and groups into example_workflows/*.json

What stands in which column is in docs/layouts.py; what a workflow has to look like is checked by
tests/workflow/test_layout.py, which uses the geometry here. Look at the result in ComfyUI before it is committed.
"""

from __future__ import annotations

import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

EXAMPLES = Path(__file__).resolve().parents[1] / "example_workflows"

# ComfyUI fits a template into three quarters of the window: 0.75 * side / (side of all nodes + 2 * 10).
WINDOW, FILL, MARGIN = (1600, 1000), 0.75, 10
# Left and upper edge of the map of the graph in the corner of WINDOW.
MINIMAP = (1343, 742)
SMALLEST_ZOOM = 0.65
TITLE = 30
LARGEST = tuple(FILL * side / SMALLEST_ZOOM - 2 * MARGIN for side in WINDOW)

# The height a node has below its title, 225 to 300 pixels wide: at least what the renderer that needs more makes of it,
# mostly Nodes 2.0, measured in ComfyUI 0.33 as `node.size` after loading it too small.
HEIGHTS = {
    "AlignFace": 210,
    "AnimateValue": 218,
    "AudioValue": 520,
    "ConvertLatent": 106,
    "CreateVideo": 140,
    "DragPoints": 642,
    "EditLatent": 434,
    "GetFeatures": 275,
    "GridFeatures": 274,
    "ImagePadForOutpaint": 218,
    "ImageScaleBy": 110,
    "InterpolateFeatures": 320,
    "InvertImage": 522,
    "JoinLatents": 138,
    "LatentWalk": 166,
    "LearnDirection": 390,
    "LoadStyleGAN": 236,
    "MixStyles": 299,
    "PadExpand": 362,
    "PanImage": 198,
    "PanoramaFeatures": 355,
    "PasteBack": 146,
    "ProceduralImage": 182,
    "ProceduralSound": 158,
    "RegionMask": 338,
    "SampleLatent": 350,
    "SampleLatentGrid": 310,
    "SampleLatentSequence": 254,
    "SaveDirection": 170,
    "SelectLatents": 130,
    "ShiftBlend": 494,
    "SquareCrop": 254,
    "StitchFeatures": 271,
    "StitchMany": 345,
    "StylizeGenerator": 374,
    "TransformFeatures": 366,
    "WarpFeatures": 446,
}
# Nodes that show a picture, with the room they take for it after a run: 232 pixels below their inputs in Nodes 2.0.
PICTURES = {
    "LoadImage": 330,
    "PreviewFeatures": 366,
    "PreviewImage": 302,
    "Render": 338,
    "RenderWalk": 540,
    "SaveAnimation": 438,
    "SaveCanvas": 378,
    "SaveImage": 302,
    "SaveVideo": 358,
}
# What comes below a node once it has run: in the classic renderer the picture as far as it was found; a line of text.
ROOM_BELOW = {"DragPoints": 60, "InvertImage": 270, "SaveDirection": 44}

GROUP_SIDE, GROUP_TOP, GROUP_FONT, BEFORE_TITLE = 15, 70, 24, 8
GROUP_COLOUR = "#3f789e"
# A title's width in units of its font's size, of the sans-serif the frontend draws it with: no text is as wide.
LETTER = 0.58
# As wide as they are on average, and a little more.
USUAL_LETTER = 0.48

Box = tuple[float, float, float, float]  # left, top, right, bottom


def box(node: dict[str, Any]) -> Box:
    """A node with its title and with the room it needs below."""
    (x, y), (width, height) = node["pos"][:2], node["size"][:2]
    return x, y - TITLE, x + width, y + height + ROOM_BELOW.get(node["type"], 0)


def fit_zoom(nodes: list[dict[str, Any]]) -> float:
    """The zoom at which ComfyUI opens a template in WINDOW."""
    boxes = [(x, y - TITLE, x + w, y + h) for (x, y, *_), (w, h, *_) in ((n["pos"], n["size"]) for n in nodes)]
    left, top, right, bottom = (
        pick(each) for pick, each in zip((min, min, max, max), zip(*boxes, strict=True), strict=True)
    )
    extent = (right - left + 2 * MARGIN, bottom - top + 2 * MARGIN)
    return min(FILL * side / max(length, 300) for side, length in zip(WINDOW, extent, strict=True))


def under_the_minimap(nodes: list[dict[str, Any]]) -> list[Any]:
    """Ids of nodes that the map in the window's corner lies over when a template has been opened."""
    boxes = {n["id"]: (x, y - TITLE, x + w, y + h) for n in nodes for (x, y), (w, h) in [(n["pos"], n["size"])]}
    left, top, right, bottom = zip(*boxes.values(), strict=True)
    x, y = minimap_corner((min(left) + max(right)) / 2, (min(top) + max(bottom)) / 2, fit_zoom(nodes))
    return [node_id for node_id, where in boxes.items() if where[2] > x and where[3] > y]


def minimap_corner(x: float, y: float, zoom: float) -> tuple[float, float]:
    """The left upper corner of the map, in the graph, where `x` and `y` are in the middle of the window."""
    return x + (MINIMAP[0] - WINDOW[0] / 2) / zoom, y + (MINIMAP[1] - WINDOW[1] / 2) / zoom


def overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def group_box(group: dict[str, Any]) -> Box:
    x, y, width, height = group["bounding"]
    return x, y, x + width, y + height


def title_width(group: dict[str, Any], letter: float = LETTER) -> float:
    """At most so wide is a group's title, with the space before it."""
    return len(group["title"]) * letter * group.get("font_size", 24) + BEFORE_TITLE


def title_box(group: dict[str, Any]) -> Box:
    """Where a group's title is written."""
    x, y = group["bounding"][:2]
    return x + BEFORE_TITLE, y, x + title_width(group, USUAL_LETTER), y + 1.4 * group.get("font_size", 24)


def slot_places(node: dict[str, Any]) -> tuple[list[float], list[float]]:
    """Heights of a node's inputs and outputs over its `pos`: sockets first, then the inputs that are widgets."""
    sockets = [slot for slot in node.get("inputs", []) if not slot.get("widget")]
    rows = max(len(sockets), len(node.get("outputs", [])))
    widgets = iter(range(1000))
    plain = iter(range(1000))
    ins = [
        rows * 20 + 24 * next(widgets) + 18 if slot.get("widget") else 20 * next(plain) + 14
        for slot in node.get("inputs", [])
    ]
    return ins, [20 * index + 14 for index in range(len(node.get("outputs", [])))]


def wire(start: tuple[float, float], end: tuple[float, float], count: int = 48) -> np.ndarray:
    """Points `[count, 2]` on a wire as ComfyUI draws it: a cubic Bézier curve that leaves and arrives level."""
    t = np.linspace(0.0, 1.0, count)[:, None]
    reach = 0.25 * math.dist(start, end)
    points = [np.array(p, float) for p in (start, (start[0] + reach, start[1]), (end[0] - reach, end[1]), end)]
    weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
    return sum(weight * point for weight, point in zip(weights, points, strict=True))


def wires(workflow: dict[str, Any]) -> list[tuple[Any, Any, np.ndarray]]:
    """Of each link the ids of its nodes and its course."""
    nodes = {node["id"]: node for node in workflow["nodes"]}
    found = []
    for _, origin, slot, target, target_slot, _ in workflow["links"]:
        a, b = nodes[origin], nodes[target]
        start = (a["pos"][0] + a["size"][0], a["pos"][1] + slot_places(a)[1][slot])
        end = (b["pos"][0], b["pos"][1] + slot_places(b)[0][target_slot])
        found.append((origin, target, wire(start, end)))
    return found


def points_inside(points: np.ndarray, where: Box, margin: float = 0.0) -> int:
    left, top, right, bottom = where
    inside = (points[:, 0] > left - margin) & (points[:, 0] < right + margin)
    inside &= (points[:, 1] > top - margin) & (points[:, 1] < bottom + margin)
    return int(inside.sum())


def crossings(workflow: dict[str, Any], margin: float = 0.0) -> list[tuple[Any, Any, Any]]:
    """(origin, target, the node that lies on their wire) of every such wire."""
    boxes = {node["id"]: box(node) for node in workflow["nodes"]}
    return [
        (origin, target, other)
        for origin, target, points in wires(workflow)
        for other, where in boxes.items()
        if other not in (origin, target) and points_inside(points, where, margin)
    ]


def crossed_titles(workflow: dict[str, Any]) -> list[tuple[Any, Any, str]]:
    """(origin, target, the title their wire is drawn over) of every such wire."""
    return [
        (origin, target, group["title"])
        for origin, target, points in wires(workflow)
        for group in workflow["groups"]
        if points_inside(points, title_box(group))
    ]


@dataclass(frozen=True)
class Layout:
    """Where the nodes of a template stand.

    Attributes:
        columns: Ids from left to right, in each column from top to bottom; the search changes their order.
        groups: Titles and what they hold.
        width: Of a node, unless `sizes` has another.
        sizes: Width and height of single nodes.
        gap: Between columns.
        note: Height of the note.
        spans: How many columns a node is wide (the note).
        wider: By how much more the gap behind a column is, by its number: where wires go steeply.
        by_hand: Whether the search begins with the places of the file, moved by hand, and stays near them: where it
            finds nothing as good by itself.
    """

    columns: list[list[int]]
    groups: dict[str, list[int]]
    width: int = 250
    sizes: dict[int, tuple[int, int]] | None = None
    gap: int = 60
    note: int = 470
    spans: dict[int, int] | None = None
    wider: dict[int, int] | None = None
    by_hand: bool = False


def main() -> None:
    sys.path.insert(0, str(Path(__file__).parent))
    from layout_search import lay_out
    from layouts import LAYOUTS

    for name in sys.argv[1:] or sorted(LAYOUTS):
        path = EXAMPLES / f"{name}.json"
        workflow = json.loads(path.read_text(encoding="utf-8"))
        cost = lay_out(workflow, LAYOUTS[name])
        path.write_text(json.dumps(workflow, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        zoom, crossed = fit_zoom(workflow["nodes"]), crossings(workflow) + crossed_titles(workflow)
        print(f"{name}: zoom {zoom:.2f}, crossed {crossed}, cost {cost:.0f}", flush=True)


if __name__ == "__main__":
    main()
