import assert from "node:assert/strict";
import test from "node:test";

import { cell, cellAt, described, dragged, family, gripAt, had, nudged } from "../../web/js/geometry/layers.js";

const names = ["b4.conv1", "b4.torgb", "b8.conv0", "b8.conv1", "b8.torgb"];
const box = { left: 10, top: 0, width: 200, height: 40 };

test("names say what layers are", () => {
  const layers = described(names);
  assert.deepEqual(layers.map(({ resolution }) => resolution), [4, 4, 8, 8, 8]);
  assert.deepEqual(layers.map(({ isTorgb }) => isTorgb), [false, true, false, false, true]);
  assert.deepEqual(layers.map(({ begins }) => begins), [true, false, true, false, false]);
});

test("a model has the layers up to its resolution", () => {
  const layers = described(names);
  assert.equal(had(layers, { resolution: 4, numbered: 0 }), 2);
  assert.equal(had(layers, { resolution: 8, numbered: 0 }), 5);
  assert.equal(had(layers, { resolution: 1024, numbered: 0 }), 5);
  assert.equal(had(layers, undefined), 5);
});

test("a model whose layers have numbers has the bar of these", () => {
  const all = [...names, "input", "L0", "L1", "L2", "L3", "L4"];
  const own = family(all, { resolution: 64, numbered: 4 }, "b4.conv1");
  assert.deepEqual(own, ["input", "L0", "L1", "L2", "L3", "L4"]);
  assert.deepEqual(family(all, { resolution: 64, numbered: 0 }, "L1"), names);
  assert.deepEqual(family(all, null, "L1"), own);
  assert.deepEqual(family(all, null, "b4.conv1"), names);
  const layers = described(own);
  assert.equal(had(layers, { resolution: 64, numbered: 4 }), 4);
  assert.deepEqual(layers.filter(({ begins }) => begins).map(({ label }) => label), ["in", "L0", "L4"]);
});

test("cells share the bar", () => {
  assert.deepEqual(cell(2, 5, box), { left: 90, width: 40 });
  assert.equal(cellAt(91, 5, box), 2);
  assert.equal(cellAt(-50, 5, box), 0);
  assert.equal(cellAt(900, 5, box), 4);
});

test("a press takes the nearer end, or all of the range", () => {
  assert.deepEqual(gripAt(1, 3, 52, 5, box), { end: "first", at: 1 });
  assert.deepEqual(gripAt(1, 3, 168, 5, box), { end: "last", at: 3 });
  assert.deepEqual(gripAt(1, 3, 110, 5, box), { end: "both", at: 2 });
  assert.deepEqual(gripAt(1, 3, 200, 5, box), { end: "last", at: 4 });
  assert.deepEqual(gripAt(1, 3, 20, 5, box), { end: "first", at: 0 });
});

test("ends move and don't pass each other; all of it stays on the bar", () => {
  const range = { first: 1, last: 3 };
  assert.deepEqual(dragged(range, { end: "first", at: 1 }, 100, 5, box), { first: 2, last: 3 });
  assert.deepEqual(dragged(range, { end: "first", at: 1 }, 999, 5, box), { first: 3, last: 3 });
  assert.deepEqual(dragged(range, { end: "last", at: 3 }, 0, 5, box), { first: 1, last: 1 });
  assert.deepEqual(dragged(range, { end: "both", at: 2 }, 999, 5, box), { first: 2, last: 4 });
  assert.deepEqual(dragged(range, { end: "both", at: 2 }, 60, 5, box), { first: 0, last: 2 });
});

test("keys move the last layer, with Shift the first, with Alt both", () => {
  const range = { first: 1, last: 3 };
  assert.deepEqual(nudged(range, 5, { key: "ArrowRight" }), { first: 1, last: 4 });
  assert.deepEqual(nudged(range, 5, { key: "ArrowLeft", shiftKey: true }), { first: 0, last: 3 });
  assert.deepEqual(nudged(range, 5, { key: "ArrowRight", altKey: true }), { first: 2, last: 4 });
  assert.deepEqual(nudged({ first: 0, last: 4 }, 5, { key: "ArrowRight", altKey: true }), { first: 0, last: 4 });
  assert.equal(nudged(range, 5, { key: "x" }), null);
});
