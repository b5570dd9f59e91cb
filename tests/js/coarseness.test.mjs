import assert from "node:assert/strict";
import test from "node:test";

import { nextSide } from "../../web/js/geometry/coarseness.js";

test("a picture that is soon made stays whole", () => {
  assert.equal(nextSide(0, 0, 40), 0);
  assert.equal(nextSide(0, 0, 200), 0);
});

test("a slow one is followed by a coarse one, the coarser the slower it was", () => {
  assert.equal(nextSide(0, 0, 510), 512);
  assert.equal(nextSide(0, 0, 2400), 256);
  assert.equal(nextSide(0, 0, 60000), 64);
  assert.equal(nextSide(256, 256, 600), 128);
  assert.equal(nextSide(64, 64, 5000), 64);
});

test("a coarse one that is soon made is followed by a finer one", () => {
  assert.equal(nextSide(128, 128, 50), 256);
  assert.equal(nextSide(512, 512, 10), 0);
  assert.equal(nextSide(128, 128, 150), 128);
});

test("a whole picture after values have rested changes nothing, unless it was soon made", () => {
  assert.equal(nextSide(128, 0, 2400), 128);
  assert.equal(nextSide(128, 0, 400), 128);
  assert.equal(nextSide(128, 0, 200), 0);
  assert.equal(nextSide(512, 0, 50), 0);
});

test("pictures that take twice as long with each side don't go to and fro", () => {
  for (const unit of [1, 3, 8, 20, 45]) {
    const took = { 0: 16 * unit, 512: 8 * unit, 256: 4 * unit, 128: 2 * unit, 64: unit };
    let side = 0;
    const seen = [];
    for (let run = 0; run < 12; run += 1) seen.push((side = nextSide(side, side, took[side])));
    assert.equal(new Set(seen.slice(6)).size, 1, `${unit} ms: ${seen}`);
  }
});
