"""Looks for the heights of a template's nodes in their columns: docs/layout.py."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
from layout import (
    GROUP_COLOUR,
    GROUP_FONT,
    GROUP_SIDE,
    GROUP_TOP,
    HEIGHTS,
    LARGEST,
    LETTER,
    PICTURES,
    TITLE,
    Layout,
    box,
    fit_zoom,
    slot_places,
)


class Search:
    """Looks for the heights of the nodes, by simulated annealing from a fixed seed."""

    def __init__(self, workflow: dict[str, Any], layout: Layout) -> None:
        kept = {node["id"]: (node["pos"], node["size"]) for node in workflow["nodes"]}
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
        if layout.by_hand:
            for node_id, (place, size) in kept.items():
                self.nodes[node_id].update(pos=place, size=size)
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
    if layout.by_hand:
        top = np.array([search.nodes[node_id]["pos"][1] for node_id in search.ids], float)
        search.place(top)
        return search.cost(top)
    found = []
    for seed in range(tries):
        found.append(search.run(rounds, seed))
        if found[-1][0] < 60:
            break
    cost, top = min(found, key=lambda each: each[0])
    search.place(top)
    return cost
