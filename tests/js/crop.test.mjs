import assert from "node:assert/strict";
import test from "node:test";

import { dragged, gripAt, nudged, squareIn } from "../../web/js/geometry/crop.js";

// A picture twice as wide as high.
const frame = { left: 10, top: 20, width: 200, height: 100 };
const values = { x: 0.5, y: 0.5, square: 0.5 };

test("the square lies where its inputs say, of the room there is", () => {
  assert.deepEqual(squareIn(values, frame), { left: 85, top: 45, width: 50, height: 50 });
  assert.deepEqual(squareIn({ x: 1, y: 0, square: 1 }, frame), { left: 110, top: 20, width: 100, height: 100 });
});

test("a press takes a corner or the square", () => {
  assert.equal(gripAt(values, { x: 86, y: 44 }, frame), "nw");
  assert.equal(gripAt(values, { x: 110, y: 70 }, frame), "body");
  assert.equal(gripAt(values, { x: 20, y: 30 }, frame), null);
});

test("it is moved, and stays in the picture", () => {
  assert.deepEqual(dragged(values, "body", { x: 0, y: 0 }, { x: 30, y: -10 }, frame), { x: 0.7, y: 0.3 });
  assert.deepEqual(dragged(values, "body", { x: 0, y: 0 }, { x: -900, y: 900 }, frame), { x: 0, y: 1 });
  assert.deepEqual(dragged({ ...values, square: 1 }, "body", { x: 0, y: 0 }, { x: 20, y: 5 }, frame), { x: 0.7 });
});

test("a corner is dragged, the opposite one stays", () => {
  const after = { ...values, ...dragged(values, "se", { x: 0, y: 0 }, { x: 20, y: 3 }, frame) };
  const { left, top, width } = squareIn(after, frame);
  assert.equal(width, 70);
  assert.ok(Math.abs(left - 85) < 1 && Math.abs(top - 45) < 1);
  assert.equal(dragged(values, "nw", { x: 0, y: 0 }, { x: -500, y: 0 }, frame).square, 0.75);
  assert.equal(dragged(values, "nw", { x: 0, y: 0 }, { x: 500, y: 500 }, frame).square, 0.01);
});

test("keys move and resize it", () => {
  assert.deepEqual(nudged(values, "ArrowLeft"), { x: 0.49, y: 0.5 });
  assert.deepEqual(nudged(values, "ArrowDown", { shiftKey: true }), { x: 0.5, y: 0.6 });
  assert.deepEqual(nudged(values, "+"), { square: 0.51 });
  assert.equal(nudged(values, "x"), null);
});

test("another rectangle keeps its shape", () => {
  const tall = { x: 0.5, y: 0, square: 1, aspect: 0.5 };
  assert.deepEqual(squareIn(tall, frame), { left: 85, top: 20, width: 50, height: 100 });
  assert.deepEqual(squareIn({ x: 0, y: 0.5, square: 0.5, aspect: 4 }, frame), { left: 10, top: 57.5, width: 100, height: 25 });
  const after = { ...tall, ...dragged(tall, "se", { x: 0, y: 0 }, { x: 0, y: -40 }, frame) };
  assert.equal(after.square, 1);
  const smaller = { ...tall, ...dragged(tall, "se", { x: 0, y: 0 }, { x: -20, y: -40 }, frame) };
  const { left, top, width, height } = squareIn(smaller, frame);
  assert.deepEqual([top, width, height], [20, 30, 60]);
  assert.ok(Math.abs(left - 85) < 1);
  // No further than the picture goes.
  assert.equal(dragged({ ...smaller, y: 0 }, "se", { x: 0, y: 0 }, { x: 500, y: 500 }, frame).square, 1);
  assert.equal(gripAt(tall, { x: 110, y: 110 }, frame), "body");
  assert.equal(gripAt(tall, { x: 40, y: 70 }, frame), null);
});
