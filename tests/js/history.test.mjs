import assert from "node:assert/strict";
import test from "node:test";

import { lastTold } from "../../web/js/lib/history.js";

const run = (workflow, outputs) => ({ prompt: [0, "id", {}, { extra_pnginfo: { workflow: { id: workflow } } }, []], outputs });

test("the last that each node of this workflow told", () => {
  const history = {
    a: run("ours", { 1: { soat_sizes: [1] }, "4:2": { images: [1] } }),
    b: run("theirs", { 1: { soat_sizes: [2] } }),
    c: run("ours", { 1: { soat_sizes: [3] } }),
    d: { prompt: [0, "id", {}, {}, []], outputs: { 1: {} } },
  };
  assert.deepEqual(lastTold(history, "ours"), { 1: { soat_sizes: [3] }, "4:2": { images: [1] } });
  assert.deepEqual(lastTold({}, "ours"), {});
});
