import assert from "node:assert/strict";
import test from "node:test";

import { BEYOND, dragged, gripAt, gripPoints, nudged } from "../../web/js/geometry/region.js";

const frame = { left: 10, top: 20, width: 200, height: 100 };
const values = { x: 0.25, y: 0.25, width: 0.5, height: 0.5, shift_x: 0.25, shift_y: 0, feather: 0.1 };
const at = (x, y) => ({ x: frame.left + x * frame.width, y: frame.top + y * frame.height });

test("grips lie at the corners and the arrow's tip", () => {
  assert.deepEqual(gripPoints(values), {
    shift: { x: 0.75, y: 0.5 },
    nw: { x: 0.25, y: 0.25 },
    ne: { x: 0.75, y: 0.25 },
    sw: { x: 0.25, y: 0.75 },
    se: { x: 0.75, y: 0.75 },
  });
});

test("a press takes hold of what is there", () => {
  assert.equal(gripAt(values, at(0.75, 0.5), frame), "shift");
  assert.equal(gripAt(values, at(0.25, 0.75), frame), "sw");
  assert.equal(gripAt(values, at(0.4, 0.4), frame), "body");
  assert.equal(gripAt(values, at(0.05, 0.9), frame), "new");
});

test("the region is moved, and stays on the canvas", () => {
  assert.deepEqual(dragged(values, "body", at(0.4, 0.4), at(0.5, 0.3), frame), { x: 0.35, y: 0.15 });
  assert.deepEqual(dragged(values, "body", at(0.4, 0.4), at(2, -3), frame), { x: 0.5, y: 0 });
});

test("a corner moves, the opposite one stays, also when they change places", () => {
  const larger = dragged(values, "se", at(0.75, 0.75), at(0.95, 0.85), frame);
  assert.deepEqual(larger, { x: 0.25, y: 0.25, width: 0.7, height: 0.6 });
  const turned = dragged(values, "se", at(0.75, 0.75), at(0.1, 0.15), frame);
  assert.deepEqual(turned, { x: 0.1, y: 0.15, width: 0.15, height: 0.1 });
});

test("a drag outside draws a new region, never one too small to take hold of", () => {
  assert.deepEqual(dragged(values, "new", at(0.9, 0.1), at(0.7, 0.4), frame), { x: 0.7, y: 0.1, width: 0.2, height: 0.3 });
  const point = dragged(values, "new", at(1.5, 0.1), at(1.5, 0.1), frame);
  assert.deepEqual(point, { x: 0.98, y: 0.1, width: 0.02, height: 0.02 });
});

test("the arrow is the shift, at most one canvas far", () => {
  assert.deepEqual(dragged(values, "shift", at(0.75, 0.5), at(0.5, 0.75), frame), { shift_x: 0, shift_y: 0.25 });
  assert.deepEqual(dragged(values, "shift", at(0.75, 0.5), at(9, -9), frame), { shift_x: 1, shift_y: -1 });
});

test("keys move by a hundredth or a tenth, with Alt the copy", () => {
  assert.deepEqual(nudged(values, "ArrowLeft"), { x: 0.24, y: 0.25 });
  assert.deepEqual(nudged(values, "ArrowDown", { shiftKey: true }), { x: 0.25, y: 0.35 });
  assert.deepEqual(nudged(values, "ArrowUp", { altKey: true }), { shift_x: 0.25, shift_y: -0.01 });
  assert.deepEqual(nudged(values, "+"), { x: 0.24, y: 0.24, width: 0.52, height: 0.52 });
  assert.deepEqual(nudged(values, "-"), { x: 0.26, y: 0.26, width: 0.48, height: 0.48 });
  assert.deepEqual(nudged({ ...values, x: 0, y: 0, width: 1, height: 1 }, "+"), { x: 0, y: 0, width: 1, height: 1 });
  assert.equal(nudged(values, "a"), null);
});

test("a region without a copy may reach beyond the canvas, as far as the inputs go", () => {
  const region = { x: 0.25, y: 0.25, width: 0.5, height: 0.5 };
  assert.deepEqual(Object.keys(gripPoints(region)), ["nw", "ne", "sw", "se"]);
  assert.equal(gripAt(region, at(0.5, 0.5), frame), "body");
  assert.deepEqual(dragged(region, "body", at(0.4, 0.4), at(0, 0.9), frame, BEYOND), { x: -0.15, y: 0.75 });
  assert.deepEqual(dragged(region, "body", at(0.4, 0.4), at(-9, 9), frame, BEYOND), { x: -1, y: 1 });
  assert.deepEqual(dragged(region, "nw", at(0.25, 0.25), at(-0.15, 0.05), frame, BEYOND), { x: -0.15, y: 0.05, width: 0.9, height: 0.7 });
  assert.deepEqual(dragged(region, "se", at(0.75, 0.75), at(9, 9), frame, BEYOND), { x: 0.25, y: 0.25, width: 2, height: 2 });
  assert.deepEqual(nudged(region, "ArrowLeft", { altKey: true }, BEYOND), { x: 0.24, y: 0.25 });
});
