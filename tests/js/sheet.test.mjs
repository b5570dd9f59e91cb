import assert from "node:assert/strict";
import test from "node:test";

import { cell, chosen, firstOf, isOnSwitch, layout, partAt, starAt, starOf, starPoints, switchOf, toggled } from "../../web/js/geometry/sheet.js";

const box = { left: 6, top: 6, width: 332, height: 100 };

test("a seed's page begins at a multiple of its length", () => {
  assert.equal(firstOf(0, 12, 1000), 0);
  assert.equal(firstOf(11, 12, 1000), 0);
  assert.equal(firstOf(25, 12, 1000), 24);
  assert.equal(firstOf(5000, 12, 1000), 1000);
});

test("cells are squares, as large as the box lets them be", () => {
  const place = layout(12, box);
  assert.deepEqual(place, { columns: 6, rows: 2, side: 50, left: 22, top: 6 });
  assert.deepEqual(cell(0, place), { left: 22, top: 6, side: 50 });
  assert.deepEqual(cell(7, place), { left: 72, top: 56, side: 50 });
  assert.equal(layout(12, { ...box, height: 400 }).columns, 3);
});

test("a point is in a cell, or beside them", () => {
  assert.equal(partAt({ x: 23, y: 7 }, 12, box), 0);
  assert.equal(partAt({ x: 121, y: 105 }, 12, box), 7);
  assert.equal(partAt({ x: 10, y: 50 }, 12, box), "previous");
  assert.equal(partAt({ x: 330, y: 50 }, 12, box), "next");
  assert.equal(partAt({ x: 100, y: 300 }, 12, box), null);
});

test("with Shift a batch reaches from one seed to the other", () => {
  assert.deepEqual(chosen({ seed: 5, batch_size: 3 }, 9, false, 64), { seed: 9, batch_size: 3 });
  assert.deepEqual(chosen({ seed: 5, batch_size: 3 }, 9, true, 64), { seed: 5, batch_size: 5 });
  assert.deepEqual(chosen({ seed: 5, batch_size: 3 }, 6, true, 64), { seed: 5, batch_size: 2 });
  assert.deepEqual(chosen({ seed: 5, batch_size: 3 }, 2, true, 64), { seed: 2, batch_size: 6 });
  assert.deepEqual(chosen({ seed: 5, batch_size: 3 }, 500, true, 64), { seed: 5, batch_size: 64 });
});

test("a grid has the columns it is asked for", () => {
  const box = { left: 0, top: 0, width: 232, height: 100 };
  assert.deepEqual(layout(12, box, 3), { columns: 3, rows: 4, side: 25, left: 78.5, top: 0 });
  assert.equal(partAt({ x: 80, y: 30 }, 12, box, 3), 3);
});

test("a click picks an item, or leaves it out again; one is left", () => {
  assert.deepEqual(toggled([4, 2], 7), [4, 2, 7]);
  assert.deepEqual(toggled([4, 2, 4], 4), [2]);
  assert.deepEqual(toggled([4], 4), [4]);
});

test("a star is in the upper right corner of its cell, and leaves the middle free", () => {
  assert.deepEqual(starOf({ left: 22, top: 6, side: 50 }), { left: 53, top: 6, side: 18 });
  // Small and large cells: neither a needle nor half the picture.
  assert.equal(starOf({ left: 0, top: 0, side: 10 }).side, 8);
  assert.equal(starOf({ left: 0, top: 0, side: 300 }).side, 22);
  assert.equal(starAt({ x: 69, y: 8 }, 12, box), 0);
  assert.equal(starAt({ x: 54, y: 23 }, 12, box), 0);
  assert.equal(starAt({ x: 47, y: 31 }, 12, box), null);
  assert.equal(starAt({ x: 169, y: 58 }, 12, box), 8);
  assert.equal(starAt({ x: 330, y: 8 }, 12, box), null);
});

test("the switch is above the arrow at the right", () => {
  assert.deepEqual(switchOf(box), { left: 322, top: 6, side: 16 });
  assert.ok(isOnSwitch({ x: 330, y: 10 }, box) && isOnSwitch({ x: 330, y: 33 }, box));
  assert.ok(!isOnSwitch({ x: 330, y: 56 }, box) && !isOnSwitch({ x: 300, y: 10 }, box));
});

test("a star has five points, the first of them above, all inside its square", () => {
  const points = starPoints({ left: 10, top: 20, side: 20 });
  assert.equal(points.length, 10);
  assert.ok(Math.abs(points[0].x - 20) < 1e-9 && Math.abs(points[0].y - 21) < 1e-9);
  assert.ok(points.every(({ x, y }) => x > 10 && x < 30 && y > 20 && y < 40));
});
