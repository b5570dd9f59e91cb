import assert from "node:assert/strict";
import test from "node:test";

import { cell, cellAt, described, dragged, family, gripAt, had, nudged, rangeOf } from "../../web/js/geometry/layers.js";

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
  assert.equal(had(layers, { resolution: 4, layers: names.slice(0, 2) }), 2);
  assert.equal(had(layers, { resolution: 8, layers: names }), 5);
  assert.equal(had(layers, { resolution: 16, layers: [...names, "b16.conv0", "b16.conv1", "b16.torgb"] }), 5);
  assert.equal(had(layers, undefined), 5);
});

test("a model whose layers have numbers has the bar of these", () => {
  const all = [...names, "input", "L0", "L1", "L2", "L3", "L4"];
  const numbered = { resolution: 64, layers: ["input", "L0_36_12", "L1_36_12", "L2_64_3"] };
  const own = family(all, numbered, "b4.conv1");
  assert.deepEqual(own, ["input", "L0", "L1", "L2", "L3", "L4"]);
  assert.deepEqual(family(all, { resolution: 8, layers: names }, "L1"), names);
  assert.deepEqual(family(all, null, "L1"), own);
  assert.deepEqual(family(all, null, "b4.conv1"), names);
  const layers = described(own);
  assert.equal(had(layers, numbered), 4);
  assert.deepEqual(layers.filter(({ begins }) => begins).map(({ label }) => label), ["in", "L0", "L4"]);
});

test("a model without an RGB skip has no torgb on its bar but the last", () => {
  const all = [...names, "b16.conv0", "b16.conv1", "b16.torgb", "b32.conv0", "b32.conv1", "b32.torgb", "input", "L0"];
  const orig = { resolution: 16, layers: ["b4.conv1", "b8.conv0", "b8.conv1", "b16.conv0", "b16.conv1", "b16.torgb"] };
  const shown = family(all, orig, "b4.conv1");
  // What only larger models have is seen through, as ever.
  assert.deepEqual(shown, [...orig.layers, "b32.conv0", "b32.conv1", "b32.torgb"]);
  assert.equal(had(described(shown), orig), 6);
  // A torgb that isn't there is, at a range's beginning, the layer after it; at its end, the one before.
  assert.deepEqual(rangeOf("b4.torgb", "b8.torgb", all, shown), { first: 1, last: 2 });
  assert.deepEqual(rangeOf("b4.conv1", "b4.torgb", all, shown), { first: 0, last: 0 });
  assert.deepEqual(rangeOf("b8.conv0", "b16.torgb", all, shown), { first: 1, last: 5 });
});

test("names of another kind of model, or of none, leave the end open", () => {
  const all = [...names, "input", "L0", "L1"];
  assert.deepEqual(rangeOf("L0", "L1", all, names), { first: 0, last: 4 });
  assert.deepEqual(rangeOf("b8.conv0", "nothing", all, ["input", "L0", "L1"]), { first: 0, last: 2 });
  assert.deepEqual(rangeOf("L0", "L0", all, ["input", "L0", "L1"]), { first: 1, last: 1 });
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
