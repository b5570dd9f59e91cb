import assert from "node:assert/strict";
import test from "node:test";

import { copies, dragged, edgesAt, frames } from "../../web/js/geometry/padding.js";

const box = { left: 0, top: 0, width: 300, height: 100 };
const pads = { left: 0.5, right: 1, top: 0, bottom: 0.25 };

test("both canvases fit the widget", () => {
  // 2.5 x 1.25 old canvases: as wide as they are high times two.
  const { outer, inner } = frames(pads, 1, box);
  assert.deepEqual(outer, { left: 50, top: 0, width: 200, height: 100 });
  assert.deepEqual(inner, { left: 90, top: 0, width: 80, height: 80 });
});

test("a wide picture keeps its ratio, alone and padded", () => {
  const { outer, inner } = frames({ left: 0.5, right: 0.5, top: 1, bottom: 0 }, 2, box);
  // Two pictures wide and two high, each twice as wide as high.
  assert.deepEqual(outer, { left: 50, top: 0, width: 200, height: 100 });
  assert.deepEqual(inner, { left: 100, top: 50, width: 100, height: 50 });
});

test("edges and corners are found near a point", () => {
  const { outer } = frames(pads, 1, box);
  assert.deepEqual(edgesAt(outer, { x: 52, y: 50 }), ["left"]);
  assert.deepEqual(edgesAt(outer, { x: 249, y: 95 }), ["right", "bottom"]);
  assert.deepEqual(edgesAt(outer, { x: 150, y: 50 }), []);
  assert.deepEqual(edgesAt(outer, { x: 10, y: 50 }), []);
});

test("an edge is dragged, never inwards, with Shift both", () => {
  const { inner } = frames(pads, 1, box);
  const from = { x: 250, y: 50 };
  assert.deepEqual(dragged(pads, ["right"], from, { x: 270, y: 99 }, inner), { right: 1.25 });
  assert.deepEqual(dragged(pads, ["right"], from, { x: 0, y: 0 }, inner), { right: 0 });
  assert.deepEqual(dragged(pads, ["right"], from, { x: 9000, y: 0 }, inner), { right: 16 });
  assert.deepEqual(dragged(pads, ["left", "bottom"], from, { x: 242, y: 58 }, inner, { shiftKey: true }), {
    left: 0.6,
    right: 0.6,
    bottom: 0.35,
    top: 0.35,
  });
});

test("what each mode puts where", () => {
  const centre = { x: 0, y: 0, width: 1, height: 1 };
  assert.deepEqual(copies("zeros", pads), [{ source: centre, target: centre, flipX: false, flipY: false }]);
  assert.deepEqual(copies("stretch", pads)[0].target, { x: -0.5, y: 0, width: 2.5, height: 1.25 });
  const mirrored = copies("reflect", pads);
  assert.equal(mirrored.length, 6);
  const right = mirrored.find(({ target }) => target.x === 1 && target.y === 0);
  assert.ok(right.flipX && !right.flipY);
  assert.ok(copies("circular", pads).every(({ flipX, flipY }) => !flipX && !flipY));
  const edges = copies("replicate", pads);
  assert.equal(edges.length, 6);
  const below = edges.find(({ target }) => target.y === 1 && target.x === 0);
  assert.deepEqual(below.source, { x: 0, y: 0.99, width: 1, height: 0.01 });
  assert.deepEqual(below.target, { x: 0, y: 1, width: 1, height: 0.25 });
});
