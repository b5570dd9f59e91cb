"""Lays the templates out: every node in its column, the rows searched so that no wire crosses a node.

    python docs/layout.py [NAME ...]      # writes places, sizes and groups into example_workflows/*.json

What stands in which column is in docs/layouts.py; what a workflow has to look like is checked by
tests/workflow/test_layout.py, which uses the geometry here. Look at the result in ComfyUI before it is committed.
"""

from __future__ import annotations

import json
import math
import random
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

# The height a node needs below its title, 225 to 290 pixels wide, in Nodes 2.0, which needs more than the classic
# renderer: measured in ComfyUI 0.33, `node.size` after loading it too small.
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
    "InvertImage": 510,
    "JoinLatents": 138,
    "LatentWalk": 146,
    "LoadStyleGAN": 236,
    "MixStyles": 299,
    "PadExpand": 338,
    "PanImage": 198,
    "PanoramaFeatures": 355,
    "PasteBack": 146,
    "ProceduralImage": 182,
    "RegionMask": 338,
    "SampleLatent": 363,
    "SampleLatentGrid": 282,
    "SampleLatentSequence": 226,
    "SelectLatents": 94,
    "ShiftBlend": 467,
    "SquareCrop": 206,
    "StitchFeatures": 271,
    "TransformFeatures": 366,
}
# Nodes that show a picture, with room for it.
PICTURES = {
    "LoadImage": 290,
    "PreviewFeatures": 340,
    "PreviewImage": 210,
    "Render": 270,
    "SaveAnimation": 380,
    "SaveCanvas": 330,
    "SaveImage": 250,
    "SaveVideo": 380,
}
# What comes below a node only while it runs.
ROOM_BELOW = {"InvertImage": 250}

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
    """

    columns: list[list[int]]
    groups: dict[str, list[int]]
    width: int = 250
    sizes: dict[int, tuple[int, int]] | None = None
    gap: int = 60
    note: int = 470
    spans: dict[int, int] | None = None
    wider: dict[int, int] | None = None


class Search:
    """Looks for the heights of the nodes, by simulated annealing from a fixed seed."""

    def __init__(self, workflow: dict[str, Any], layout: Layout) -> None:
        self.workflow, self.layout = workflow, layout
        self.nodes = {node["id"]: node for node in workflow["nodes"]}
        left = 0.0
        lefts = []
        for column in layout.columns:
            for node_id in column:
                self._resize(self.nodes[node_id])
            widths = [self.nodes[i]["size"][0] for i in column if i not in (layout.spans or {})]
            lefts.append((left, max(widths, default=layout.width)))
            left += lefts[-1][1] + layout.gap + (layout.wider or {}).get(len(lefts) - 1, 0)
        for index, column in enumerate(layout.columns):
            for node_id in column:
                self.nodes[node_id]["pos"] = [int(lefts[index][0]), 0]
                span = (layout.spans or {}).get(node_id, 1)
                if span > 1:
                    end = sum(lefts[index + span - 1])
                    self.nodes[node_id]["size"][0] = int(end - lefts[index][0])
        self.group_of = {i: title for title, ids in layout.groups.items() for i in ids}
        self.ids = list(self.nodes)
        self.index = {node_id: k for k, node_id in enumerate(self.ids)}
        self._prepare()

    def _resize(self, node: dict[str, Any]) -> None:
        kind, own = node["type"], (self.layout.sizes or {}).get(node["id"])
        height = self.layout.note if kind == "MarkdownNote" else {**HEIGHTS, **PICTURES}.get(kind, 120)
        node["size"] = list(own or (280 if kind == "MarkdownNote" else self.layout.width, height))

    def _prepare(self) -> None:
        boxes = np.array([box(self.nodes[i]) for i in self.ids], float)
        self.left, self.right = boxes[:, 0], boxes[:, 2]
        self.heights = boxes[:, 3] - boxes[:, 1]
        links = self.workflow["links"]
        self.origins = np.array([self.index[link[1]] for link in links])
        self.targets = np.array([self.index[link[3]] for link in links])
        self.out_y = np.array([slot_places(self.nodes[link[1]])[1][link[2]] for link in links], float) + TITLE
        self.in_y = np.array([slot_places(self.nodes[link[3]])[0][link[4]] for link in links], float) + TITLE
        others = np.ones((len(links), len(self.ids)), bool)
        others[np.arange(len(links)), self.origins] = False
        others[np.arange(len(links)), self.targets] = False
        self.others = others
        self.members = [np.array([self.index[i] for i in ids]) for ids in self.layout.groups.values()]
        self.same_column = (self.left[:, None] < self.right[None]) & (self.left[None] < self.right[:, None])
        np.fill_diagonal(self.same_column, False)

    def cost(self, top: np.ndarray) -> float:
        """0 where everything is as it should be, but for the length of the wires."""
        bottom = top + self.heights
        room = np.minimum(bottom[:, None], bottom[None]) - np.maximum(top[:, None], top[None]) + 25
        cost = 4.0 * float((np.maximum(room, 0) * self.same_column).sum()) / 2
        cost += 6.0 * max(0.0, float(bottom.max() - top.min()) - LARGEST[1])
        cost += self._groups(top, bottom)
        y0, y1 = top[self.origins] + self.out_y, top[self.targets] + self.in_y
        x0, x1 = self.right[self.origins], self.left[self.targets]
        reach = 0.25 * np.hypot(x1 - x0, y1 - y0)
        t = np.linspace(0, 1, 30)
        w = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
        xs = np.outer(x0, w[0]) + np.outer(x0 + reach, w[1]) + np.outer(x1 - reach, w[2]) + np.outer(x1, w[3])
        ys = np.outer(y0, w[0] + w[1]) + np.outer(y1, w[2] + w[3])
        inside = (xs[:, None] > self.left[None, :, None] - 8) & (xs[:, None] < self.right[None, :, None] + 8)
        inside &= (ys[:, None] > top[None, :, None] - 12) & (ys[:, None] < bottom[None, :, None] + 12)
        cost += 60.0 * float(inside.sum(-1)[self.others].sum())
        return cost + 0.02 * float(np.abs(y1 - y0).sum()) + 0.004 * float(top.sum() - len(top) * top.min())

    def _groups(self, top: np.ndarray, bottom: np.ndarray) -> float:
        rects = [
            (
                self.left[m].min() - GROUP_SIDE,
                top[m].min() - (GROUP_TOP - TITLE) - 6,
                self.right[m].max() + GROUP_SIDE,
                bottom[m].max() + GROUP_SIDE + 6,
            )
            for m in self.members
        ]
        cost = 0.0
        for k, (left, up, right, down) in enumerate(rects):
            for other in rects[k + 1 :]:
                if left < other[2] and other[0] < right:
                    cost += 5.0 * max(0.0, min(down, other[3]) - max(up, other[1]))
            outside = np.ones(len(top), bool)
            outside[self.members[k]] = False
            beside = outside & (self.left < right) & (self.right > left)
            cost += 5.0 * float(np.maximum(np.minimum(bottom, down) - np.maximum(top, up), 0)[beside].sum())
        return cost

    def run(self, rounds: int, seed: int) -> tuple[float, np.ndarray]:
        rng = random.Random(seed)
        top = np.zeros(len(self.ids))
        for column in self.layout.columns:
            y = 0.0
            for node_id in column:
                top[self.index[node_id]] = y
                y += self.heights[self.index[node_id]] + 70
        now = best = self.cost(top)
        kept = top.copy()
        for step in range(rounds):
            heat = 400.0 * (1 - step / rounds) ** 3 + 0.3
            trial = top.copy()
            column = [self.index[i] for i in rng.choice(self.layout.columns)]
            chosen = rng.choice(column)
            if rng.random() < 0.15 and len(column) > 1:
                other = rng.choice(column)
                trial[chosen], trial[other] = trial[other], trial[chosen]
            elif rng.random() < 0.3:
                shift = 10 * rng.randint(-12, 12)
                for each in column:
                    trial[each] = max(0, trial[each] + shift)
            else:
                scale = 3 if rng.random() < 0.5 else 40
                trial[chosen] = min(max(0, trial[chosen] + 10 * rng.randint(-scale, scale)), 1100)
            then = self.cost(trial)
            if then < now or rng.random() < math.exp((now - then) / heat):
                top, now = trial, then
                if now < best:
                    best, kept = now, top.copy()
        return best, kept

    def place(self, top: np.ndarray) -> None:
        """Write places and groups into the workflow."""
        lowest = float(top.min())
        for node_id in self.ids:
            self.nodes[node_id]["pos"][1] = int(top[self.index[node_id]] - lowest)
        groups = []
        for title, ids in self.layout.groups.items():
            boxes = [box(self.nodes[i]) for i in ids]
            left, up = min(b[0] for b in boxes) - GROUP_SIDE, min(b[1] for b in boxes) - (GROUP_TOP - TITLE)
            right, down = max(b[2] for b in boxes) + GROUP_SIDE, max(b[3] for b in boxes) + GROUP_SIDE
            group = {
                "id": len(groups) + 1,
                "title": title,
                "bounding": [int(left), int(up), int(right - left), int(down - up)],
                "color": GROUP_COLOUR,
                "font_size": GROUP_FONT,
                "flags": {},
            }
            fitting = (right - left - 10) / (len(title) * LETTER)
            group["font_size"] = int(min(GROUP_FONT, fitting))
            groups.append(group)
        self.workflow["groups"] = groups
        extra = self.workflow.setdefault("extra", {})
        extra["ds"] = {"scale": round(fit_zoom(self.workflow["nodes"]), 3), "offset": [40, 100]}


def lay_out(workflow: dict[str, Any], layout: Layout, rounds: int = 12_000, tries: int = 8) -> float:
    """Place the nodes; what remains of the cost."""
    search = Search(workflow, layout)
    found = []
    for seed in range(tries):
        found.append(search.run(rounds, seed))
        if found[-1][0] < 60:
            break
    cost, top = min(found, key=lambda each: each[0])
    search.place(top)
    return cost


def main() -> None:
    sys.path.insert(0, str(Path(__file__).parent))
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
