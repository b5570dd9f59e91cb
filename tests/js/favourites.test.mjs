import assert from "node:assert/strict";
import test from "node:test";

import { favouritesOf, toggleFavourite } from "../../web/js/lib/favourites.js";

const mountains = { checkpoint: "demo/landscape_256.safetensors", rng: "numpy" };
const faces = { checkpoint: "demo/portrait_256.safetensors", rng: "numpy" };

test("seeds are marked for each model and its random numbers, in order, and unmarked", () => {
  const node = { properties: {} };
  for (const seed of [17, 3, 40]) toggleFavourite(node, mountains, seed);
  toggleFavourite(node, faces, 3);
  toggleFavourite(node, { ...mountains, rng: "torch" }, 5);
  assert.deepEqual(favouritesOf(node, mountains), [17, 3, 40]);
  const before = node.properties.soat_favourites;
  toggleFavourite(node, mountains, 3);
  assert.deepEqual(favouritesOf(node, mountains), [17, 40]);
  assert.deepEqual(favouritesOf(node, faces), [3]);
  assert.deepEqual(favouritesOf(node, { ...mountains, rng: "torch" }), [5]);
  // What was there is left as it was.
  assert.equal(before.length, 5);
});

test("without a model nothing is marked, nor a seed that numbers can't tell", () => {
  const node = { properties: {} };
  toggleFavourite(node, { checkpoint: undefined, rng: "numpy" }, 3);
  toggleFavourite(node, mountains, 2 ** 60);
  assert.deepEqual(node.properties, {});
});

test("a stranger's workflow may have anything there", () => {
  for (const marks of [7, "3", null, [null, 5, { seed: "3" }, { ...mountains, seed: -1 }]])
    assert.deepEqual(favouritesOf({ properties: { soat_favourites: marks } }, mountains), []);
});
