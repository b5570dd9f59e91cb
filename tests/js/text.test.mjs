import assert from "node:assert/strict";
import test from "node:test";

import { lines } from "../../web/js/geometry/text.js";

const width = (text) => text.length;

test("a text is broken between words, and what is too much goes on in the last line", () => {
  assert.deepEqual(lines("one two three", 7, 5, width), ["one two", "three"]);
  assert.deepEqual(lines("one two three", 3, 2, width), ["one", "two three"]);
  assert.deepEqual(lines("unbreakable", 3, 2, width), ["unbreakable"]);
  assert.deepEqual(lines("", 3, 2, width), [""]);
});
