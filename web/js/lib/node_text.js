// What a node says of its last run, as a text on it: ComfyUI's own, the one that shows words of nodes at work. It is taken away
// again when there is nothing to say, and is there again after a reload.

import { api } from "../../../../scripts/api.js";
import { app } from "../../../../scripts/app.js";
import { makeRoom } from "./element.js";
import { hear } from "./news.js";
import { toldBy } from "./told.js";

const NAME = "$$node-text-preview";
const textOn = (node) => node.widgets?.find(({ name }) => name === NAME);

// How high a node was before its text came; by what it told, since undo makes nodes anew, as high as they are with it.
const heights = new WeakMap();

/** Show what a node tells as `soat_text`, one text for each of its runs, each once. */
export function showTextOf(node) {
  let last;

  function show(told) {
    const there = textOn(node);
    const height = heights.get(told) ?? (there && heights.get(last)) ?? node.size[1];
    const text = [...new Set(told.soat_text.filter(Boolean))].join("\n");
    if (text) {
      heights.set(told, height);
      // What the frontend does with words of a node that works: it makes what shows them.
      api.dispatchCustomEvent("progress_text", { nodeId: String(node.id), text });
    } else if (there) {
      node.removeWidget(there);
      node.setSize([node.size[0], Math.min(height, node.size[1])]);
      makeRoom(node);
      node.setDirtyCanvas(true, true);
    }
  }

  hear(node, "outputs", () => {
    const told = toldBy(node);
    // The frontend finds nodes by their ids in the graph that is shown.
    if (!told?.soat_text || told === last || node.graph !== app.canvas?.graph) return;
    show(told);
    last = told;
  });
}
