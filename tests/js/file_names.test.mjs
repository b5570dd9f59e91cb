import assert from "node:assert/strict";
import test from "node:test";

import { entryOf } from "../../web/js/lib/file_names.js";

test("a file's name says its folder and kind", () => {
  assert.deepEqual(entryOf("photo.png"), { filename: "photo.png", subfolder: "", type: "input" });
  assert.deepEqual(entryOf("a/b/photo 1.png [output]"), { filename: "photo 1.png", subfolder: "a/b", type: "output" });
});
