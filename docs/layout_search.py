"""Looks for the heights of a template's nodes in their columns: docs/layout.py."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
from layout import (
    BEFORE_TITLE,
    FILL,
    GROUP_COLOUR,
    GROUP_FONT,
    GROUP_SIDE,
    GROUP_TOP,
    HEIGHTS,
    LARGEST,
    LETTER,
    MARGIN,
    PICTURES,
    TITLE,
    USUAL_LETTER,
    WINDOW,
    Layout,
    box,
    fit_zoom,
    minimap_corner,
    slot_places,
)

# Of each wire, looked at while searching.
POINTS = 30


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
            for node_id, (place, (width, height)) in kept.items():
                needed = self._needed(self.nodes[node_id])
                self.nodes[node_id].update(pos=place, size=[width, max(height, needed)])
        self._prepare()

    def _resize(self, node: dict[str, Any]) -> None:
        own = (self.layout.sizes or {}).get(node["id"])
        height = self.layout.note if node["type"] == "MarkdownNote" else self._needed(node) or 120
        node["size"] = list(own or (280 if node["type"] == "MarkdownNote" else self.layout.width, height))

    @staticmethod
    def _needed(node: dict[str, Any]) -> int:
        return {**HEIGHTS, **PICTURES}.get(node["type"], 0)

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
        self.same_column = (self.left[:, None] < self.right[None]) & (self.left[None] < self.right[:, None])
        np.fill_diagonal(self.same_column, False)
        t = np.linspace(0, 1, POINTS)
        self.shares = (1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3
        self._prepare_groups()

    def _prepare_groups(self) -> None:
        """The sides of the groups, and what lies above or below which: what stays as nodes move up and down."""
        groups = [[self.index[i] for i in ids] for ids in self.layout.groups.values()]
        self.members = np.array([i for group in groups for i in group])
        self.firsts = np.cumsum([0, *(len(group) for group in groups)])[:-1]
        left = np.array([self.left[group].min() for group in groups]) - GROUP_SIDE
        right = np.array([self.right[group].max() for group in groups]) + GROUP_SIDE
        self.group_left = left
        lengths = np.array([len(title) for title in self.layout.groups])
        self.title_widths = lengths * USUAL_LETTER * GROUP_FONT + BEFORE_TITLE
        self.groups_meet = np.triu((left[:, None] < right[None]) & (left[None] < right[:, None]), 1)
        self.strangers = (self.left[None] < right[:, None]) & (self.right[None] > left[:, None])
        for group, beside in zip(groups, self.strangers, strict=True):
            beside[group] = False

    def cost(self, top: np.ndarray) -> float:
        """0 where everything is as it should be, but for the length of the wires."""
        bottom = top + self.heights
        room = np.minimum(bottom[:, None], bottom[None]) - np.maximum(top[:, None], top[None]) + 25
        cost = 4.0 * float((np.maximum(room, 0) * self.same_column).sum()) / 2
        cost += 6.0 * max(0.0, float(bottom.max() - top.min()) - LARGEST[1])
        up = np.minimum.reduceat(top[self.members], self.firsts) - (GROUP_TOP - TITLE) - 6
        down = np.maximum.reduceat(bottom[self.members], self.firsts) + GROUP_SIDE + 6
        meet = np.minimum(down[:, None], down[None]) - np.maximum(up[:, None], up[None])
        cost += 5.0 * float(np.maximum(meet, 0)[self.groups_meet].sum())
        meet = np.minimum(bottom[None], down[:, None]) - np.maximum(top[None], up[:, None])
        cost += 5.0 * float(np.maximum(meet, 0)[self.strangers].sum())
        highest, lowest = float(top.min()), float(bottom.max())
        extent = float(self.right.max() - self.left.min()) + 2 * MARGIN, lowest - highest + 2 * MARGIN
        zoom = min(FILL * side / length for side, length in zip(WINDOW, extent, strict=True))
        x, y = minimap_corner(float(self.right.max() + self.left.min()) / 2, (highest + lowest) / 2, zoom)
        cost += 2.0 * float(np.maximum(bottom - y, 0)[self.right > x].sum())
        return cost + self._wires(top, bottom, up) + 0.004 * float(top.sum() - len(top) * top.min())

    def _wires(self, top: np.ndarray, bottom: np.ndarray, group_top: np.ndarray) -> float:
        y0, y1 = top[self.origins] + self.out_y, top[self.targets] + self.in_y
        x0, x1 = self.right[self.origins], self.left[self.targets]
        reach = 0.25 * np.hypot(x1 - x0, y1 - y0)
        a, b, c, d = self.shares
        xs = np.outer(x0, a + b) + np.outer(x1, c + d) + np.outer(reach, b - c)
        ys = np.outer(y0, a + b) + np.outer(y1, c + d)
        xs, ys = xs[:, None], ys[:, None]
        inside = (xs > self.left[None, :, None] - 8) & (xs < self.right[None, :, None] + 8)
        inside &= (ys > top[None, :, None] - 12) & (ys < bottom[None, :, None] + 12)
        left, up = self.group_left[None, :, None], group_top[None, :, None]
        over = (xs > left + BEFORE_TITLE) & (xs < left + self.title_widths[None, :, None])
        over &= (ys > up - 4) & (ys < up + 1.4 * GROUP_FONT + 4)
        crossed = float(inside.sum(-1)[self.others].sum()) + float(over.sum())
        return 1800.0 / POINTS * crossed + 0.02 * float(np.abs(y1 - y0).sum())

    def _beginning(self) -> np.ndarray:
        """Tops: those of the file, or the nodes of each column one below the other."""
        if self.layout.by_hand:
            return np.array([self.nodes[node_id]["pos"][1] for node_id in self.ids], float)
        top = np.zeros(len(self.ids))
        for column in self.layout.columns:
            y = 0.0
            for node_id in column:
                top[self.index[node_id]] = y
                y += self.heights[self.index[node_id]] + 70
        return top

    def run(self, rounds: int, seed: int) -> tuple[float, np.ndarray]:
        rng = random.Random(seed)
        hottest = 10.0 if self.layout.by_hand else 400.0
        top = self._beginning()
        top -= top.min()
        now = best = self.cost(top)
        kept = top.copy()
        for step in range(rounds):
            heat = hottest * (1 - step / rounds) ** 3 + 0.3
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
            fitting = (right - left - BEFORE_TITLE) / (len(title) * LETTER)
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
