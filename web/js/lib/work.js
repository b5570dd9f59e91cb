// What a node shows of its work in its drawing: the picture that it has sent last, and what it told with it.

import { api } from "../../../../scripts/api.js";
import { keepOffNode } from "./live_picture.js";
import { announce } from "./news.js";
import { executionIds } from "./wires.js";

/** By what runs call a node: what it has told, and { image, values } that are shown. */
const works = new Map();

/** What a node of the pack tells with each picture, as `told_now` of nodes/host sends it. */
const EVENTS = ["soat_drag"];

for (const event of EVENTS)
  api.addEventListener(event, ({ detail: { node, values } }) => works.set(node, { ...works.get(node), values }));

api.addEventListener("b_preview_with_metadata", async ({ detail: { blob, nodeId } }) => {
  const told = works.get(nodeId);
  if (!told) return;
  // After the frontend, which hears of it later, has put it there.
  await null;
  keepOffNode(nodeId);
  const image = await createImageBitmap(blob).catch(() => null);
  if (!image || !works.has(nodeId)) return;
  works.set(nodeId, { ...works.get(nodeId), shown: { image, values: told.values } });
  announce("work");
});

// After a run that succeeded the result takes its place, once it is there.
for (const event of ["execution_start", "execution_error", "execution_interrupted"])
  api.addEventListener(event, () => {
    works.clear();
    announce("work");
  });

/** What a node shows of its work: { image, values }; null if it isn't at work. News of it is "work". */
export function workOf(node) {
  for (const id of executionIds(node)) if (works.get(id)?.shown) return works.get(id).shown;
  return null;
}

/** The node has its result. */
export function endWork(node) {
  for (const id of executionIds(node)) works.delete(id);
}
