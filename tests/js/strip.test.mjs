import assert from "node:assert/strict";
import test from "node:test";

import { draggedBlend, elongation, gripAt, moved, nameAt, picks, seams, tileAt, tiles } from "../../web/js/geometry/strip.js";

test("pictures share the row by their sizes", () => {
  assert.deepEqual(tiles([1, 3]), [
    { begin: 0, end: 0.25 },
    { begin: 0.25, end: 1 },
  ]);
});

test("a row is as long as its sizes beside what they are across", () => {
  assert.equal(elongation([1, 1, 1]), 3);
  assert.equal(elongation([4, 8]), 3);
  // Three people side by side, each twice as high as wide.
  assert.equal(elongation([1, 1, 1], 2), 1.5);
});

test("seams lie between them, and at the ends of a closed row", () => {
  assert.deepEqual(seams([1, 3], false), [{ at: 0.25, narrower: 0.25 }]);
  assert.deepEqual(
    seams([1, 1, 1, 1], true).map(({ at }) => at),
    [0.25, 0.5, 0.75, 0, 1],
  );
  assert.deepEqual(seams([1], true), []);
});

test("a blend's edge is taken before the picture below it", () => {
  const four = [1, 1, 1, 1];
  assert.deepEqual(gripAt(0.12, four, false, 1, 0.02), { seam: { at: 0.25, narrower: 0.25 } });
  assert.deepEqual(gripAt(0.25, four, false, 1, 0.02), { tile: 1 });
  assert.deepEqual(gripAt(0.26, four, false, 0, 0.02), { seam: { at: 0.25, narrower: 0.25 } });
  assert.deepEqual(gripAt(0.97, four, true, 0.24, 0.02), { seam: { at: 1, narrower: 0.25 } });
  assert.equal(gripAt(1.2, four, false, 1, 0.02), null);
});

test("short pictures can be taken hold of between blends' edges, and by their names", () => {
  const eight = Array(8).fill(1);
  // 33 pixels each, with a reach of 7.
  assert.deepEqual(gripAt(0.15, eight, false, 0.4, 0.027), { seam: { at: 0.125, narrower: 0.125 } });
  assert.deepEqual(gripAt(0.1875, eight, false, 0.4, 0.027), { tile: 1 });
  assert.deepEqual(nameAt(0.15, eight), { tile: 1 });
  assert.equal(nameAt(1.01, eight), null);
});

test("a dragged edge sets the blend on both sides of the seam", () => {
  const seam = { at: 0.25, narrower: 0.25 };
  assert.equal(draggedBlend(seam, 0.375, 2), 1);
  assert.equal(draggedBlend(seam, 0.1, 2), 1.2);
  assert.equal(draggedBlend(seam, 0.25, 2), 0);
  assert.equal(draggedBlend(seam, 5, 2), 2);
});

test("a picture moves to another place", () => {
  assert.equal(tileAt(0.6, [1, 1, 1]), 1);
  assert.equal(tileAt(7, [1, 1, 1]), 2);
  assert.equal(tileAt(-1, [1, 1, 1]), 0);
  assert.deepEqual(moved([4, 5, 6, 7], 0, 2), [5, 6, 4, 7]);
  assert.deepEqual(moved([4, 5, 6, 7], 3, 0), [7, 4, 5, 6]);
});

test("picks are read as far as they can be told", () => {
  assert.deepEqual(picks("3, 0,7"), [3, 0, 7]);
  assert.deepEqual(picks("2:5, 1", 12), [2, 3, 4, 1]);
  assert.deepEqual(picks("9:64", 12), [9, 10, 11]);
  assert.equal(picks("0:4", undefined), null);
  for (const text of ["::-1", "-1", "a", "", undefined]) assert.equal(picks(text, 12), null);
});

test("billions of picks are refused at once", () => {
  assert.equal(picks("0:4000000000", 5000000000), null);
  assert.equal(picks("0:4000000000"), null);
  assert.deepEqual(picks("0:4000000000", 3), [0, 1, 2]);
});
