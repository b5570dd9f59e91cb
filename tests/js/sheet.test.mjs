import assert from "node:assert/strict";
import test from "node:test";

import { cell, chosen, firstOf, layout, partAt, toggled } from "../../web/js/geometry/sheet.js";

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
