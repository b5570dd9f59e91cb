import assert from "node:assert/strict";
import test from "node:test";

import { anchored, dragged, format, gripAt, isSame, kept, keyed, MOST, parse } from "../../web/js/geometry/drags.js";

const frame = { left: 10, top: 20, width: 200, height: 200 };
const at = (x, y) => ({ x: frame.left + x * frame.width, y: frame.top + y * frame.height });
const drags = [
  { from: { x: 0.25, y: 0.5 }, to: { x: 0.5, y: 0.5 } },
  { from: { x: 0.75, y: 0.25 }, to: { x: 0.75, y: 0.25 } },
];
const text = '[{"from":[0.25,0.5],"to":[0.5,0.5]},{"from":[0.75,0.25],"to":[0.75,0.25]}]';

test("what is written is read", () => {
  assert.deepEqual(parse(text), { drags, others: null });
  assert.equal(format(drags), text);
  assert.deepEqual(parse(" "), { drags: [], others: null });
  assert.deepEqual(parse("[]"), { drags: [], others: null });
  assert.equal(format([]), "[]");
});

test("of lists for each picture the first is drawn, and the others stay", () => {
  const others = [[{ from: [0.5, 0.5], to: [0.5, 0.25] }], []];
  const said = parse(JSON.stringify([JSON.parse(text), ...others]));
  assert.deepEqual(said, { drags, others });
  assert.equal(format([], said.others), JSON.stringify([[], ...others]));
});

test("what says no drags is none, and is not taken for an empty list", () => {
  const wrong = ["nose", "{}", "3", '[{"from": [0, 0]}]', '[{"from": [0, 0], "to": [0]}]', '[{"from": [0, "1"], "to": [0, 0]}]', "[[1]]"];
  for (const each of wrong) assert.equal(parse(each), null, each);
});

test("lists are the same but for what a node rounds", () => {
  const rounded = drags.map(({ from, to }) => ({ from: { ...from, x: from.x + 0.00001 }, to }));
  assert.ok(isSame(drags, rounded));
  assert.ok(!isSame(drags, drags.slice(1)));
  assert.ok(!isSame(drags, [drags[0], { ...drags[1], to: { x: 0.751, y: 0.25 } }]));
});

test("a press takes hold of the nearest end, else a new drag begins in the picture", () => {
  assert.deepEqual(gripAt(drags, at(0.25, 0.5), frame), { index: 0, end: "from" });
  assert.deepEqual(gripAt(drags, at(0.47, 0.5), frame), { index: 0, end: "to" });
  assert.deepEqual(gripAt(drags, at(0.75, 0.27), frame), { index: 1, end: "whole" });
  assert.deepEqual(gripAt(drags, at(0.1, 0.9), frame), { end: "new" });
  assert.equal(gripAt(drags, at(-0.1, 0.9), frame), null);
});

test("pulling on a free place draws an arrow, to thousandths and in the picture; a click draws none", () => {
  const added = dragged(drags, { end: "new" }, at(0.1, 0.9), at(0.1234, 1.4), frame);
  assert.deepEqual(added, [...drags, { from: { x: 0.1, y: 0.9 }, to: { x: 0.123, y: 1 } }]);
  assert.equal(dragged(drags, { end: "new" }, at(0.1, 0.9), at(0.11, 0.9), frame), drags);
  const many = Array.from({ length: MOST }, (_, k) => ({ from: { x: k / 40, y: 0 }, to: { x: 0, y: 1 } }));
  assert.equal(dragged(many, { end: "new" }, at(0.9, 0.9), at(0.5, 0.5), frame), many);
});

test("either end is moved alone, by as much as the hand", () => {
  const moved = (end) => dragged(drags, { index: 0, end }, at(0.4, 0.4), at(0.5, 0.3), frame)[0];
  assert.deepEqual(moved("to"), { from: { x: 0.25, y: 0.5 }, to: { x: 0.6, y: 0.4 } });
  assert.deepEqual(moved("from"), { from: { x: 0.35, y: 0.4 }, to: { x: 0.5, y: 0.5 } });
});

test("an anchor stays one when it is moved; with Shift its target is pulled out of it", () => {
  const grip = { index: 1, end: "whole" };
  const moved = dragged(drags, grip, at(0.75, 0.25), at(0.5, 0.75), frame);
  assert.deepEqual(moved, [drags[0], { from: { x: 0.5, y: 0.75 }, to: { x: 0.5, y: 0.75 } }]);
  const pulled = dragged(drags, grip, at(0.75, 0.25), at(0.5, 0.75), frame, { shiftKey: true });
  assert.deepEqual(pulled[1], { from: { x: 0.75, y: 0.25 }, to: { x: 0.5, y: 0.75 } });
});

test("an anchor is set where nothing is yet", () => {
  assert.deepEqual(anchored(drags, at(0.1, 0.9), frame)[2], { from: { x: 0.1, y: 0.9 }, to: { x: 0.1, y: 0.9 } });
  assert.equal(anchored(drags, at(0.25, 0.5), frame), drags);
  assert.equal(anchored(drags, at(1.1, 0.5), frame), drags);
});

test("keys move the chosen end by a hundredth or a tenth, with Alt the other", () => {
  const chosen = { index: 0, end: "to" };
  assert.deepEqual(keyed(drags, chosen, "ArrowUp").drags[0].to, { x: 0.5, y: 0.49 });
  assert.deepEqual(keyed(drags, chosen, "ArrowLeft", { shiftKey: true }).drags[0].to, { x: 0.4, y: 0.5 });
  assert.deepEqual(keyed(drags, chosen, "ArrowRight", { altKey: true }).drags[0], { from: { x: 0.26, y: 0.5 }, to: { x: 0.5, y: 0.5 } });
  const pulled = keyed(drags, { index: 1, end: "whole" }, "ArrowLeft", { altKey: true });
  assert.deepEqual(pulled.drags[1], { from: { x: 0.75, y: 0.25 }, to: { x: 0.74, y: 0.25 } });
  assert.deepEqual(pulled.chosen, { index: 1, end: "to" });
  assert.equal(keyed(drags, null, "ArrowUp"), null);
  assert.equal(keyed(drags, chosen, "a"), null);
});

test("keys remove, add and choose", () => {
  assert.deepEqual(keyed(drags, { index: 0, end: "from" }, "Delete"), { drags: [drags[1]], chosen: null });
  assert.deepEqual(keyed(drags, null, "Backspace"), { drags, chosen: null });
  const one = keyed(drags, null, "+");
  assert.deepEqual(one.drags[2], { from: { x: 0.5, y: 0.5 }, to: { x: 0.5, y: 0.5 } });
  assert.deepEqual(one.chosen, { index: 2, end: "whole" });
  assert.deepEqual(keyed(one.drags, null, "+").drags[3].from, { x: 0.55, y: 0.5 });
  let chosen = null;
  const seen = Array.from({ length: 4 }, () => ({ chosen } = keyed(drags, chosen, "Enter")).chosen).map(({ index, end }) => `${index} ${end}`);
  assert.deepEqual(seen, ["0 from", "0 to", "1 whole", "0 from"]);
  assert.deepEqual(keyed([], null, "Enter"), { drags: [], chosen: null });
});

test("what is chosen is what is still there", () => {
  assert.equal(kept(drags, { index: 2, end: "to" }), null);
  assert.deepEqual(kept(drags, { index: 1, end: "to" }), { index: 1, end: "whole" });
  assert.deepEqual(kept(drags, { index: 0, end: "whole" }), { index: 0, end: "to" });
});
