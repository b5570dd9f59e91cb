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
SMALLEST_ZOOM = 0.65
TITLE = 30
LARGEST = tuple(FILL * side / SMALLEST_ZOOM - 2 * MARGIN for side in WINDOW)

# The height a node has below its title, 225 to 300 pixels wide: at least what the more demanding renderer makes of it, mostly
# Nodes 2.0, measured in ComfyUI 0.33 as `node.size` after loading it too small.
HEIGHTS = {
    "AlignFace": 210,
    "AnimateValue": 218,
    "ConvertLatent": 106,
    "CreateVideo": 140,
    "EditLatent": 411,
    "GetFeatures": 299,
    "GridFeatures": 274,
    "ImageScaleBy": 110,
    "InterpolateFeatures": 347,
    "InvertImage": 454,
    "JoinLatents": 138,
    "LatentWalk": 146,
    "LoadStyleGAN": 236,
    "MixStyles": 299,
    "PadExpand": 362,
    "PanImage": 198,
    "PanoramaFeatures": 355,
    "PasteBack": 146,
    "ProceduralImage": 182,
    "RegionMask": 338,
    "SampleLatent": 363,
    "SampleLatentGrid": 310,
    "SampleLatentSequence": 254,
    "SelectLatents": 122,
    "ShiftBlend": 494,
    "SquareCrop": 218,
    "StitchFeatures": 271,
    "TransformFeatures": 366,
}
# Nodes that show a picture, with the room they take for it after a run: 232 pixels below their inputs in Nodes 2.0.
PICTURES = {
    "LoadImage": 330,
    "PreviewFeatures": 366,
    "PreviewImage": 302,
    "Render": 318,
    "SaveAnimation": 438,
    "SaveCanvas": 378,
    "SaveImage": 302,
    "SaveVideo": 358,
}
# What comes below a node once it has run, in the classic renderer: the picture as far as it was found.
ROOM_BELOW = {"InvertImage": 270}

GROUP_SIDE, GROUP_TOP, GROUP_FONT = 15, 70, 24
GROUP_COLOUR = "#3f789e"
# A title's width in units of its font's size, of the sans-serif the frontend draws it with: no text is as wide.
LETTER = 0.58

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


def overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def group_box(group: dict[str, Any]) -> Box:
    x, y, width, height = group["bounding"]
    return x, y, x + width, y + height


def title_width(group: dict[str, Any]) -> float:
    """At most so wide is a group's title, with the space before it."""
    return len(group["title"]) * LETTER * group.get("font_size", 24) + 10


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
        by_hand: Whether the nodes stand where the file has them, moved by hand where the search found nothing as good.
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
        zoom = fit_zoom(workflow["nodes"])
        print(f"{name}: zoom {zoom:.2f}, crossed {crossings(workflow)}, cost {cost:.0f}", flush=True)


if __name__ == "__main__":
    main()
