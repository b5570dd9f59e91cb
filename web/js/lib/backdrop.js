// The last picture that was made of what a node gives on.

import { api } from "../../../../scripts/api.js";
import { app } from "../../../../scripts/app.js";

// Behind these the canvas is what it was before them: what they show is what the node before them gave on.
const KEEPS_THE_CANVAS = new Set(["InterpolateFeatures", "MixStyles", "ShiftBlend", "Render"]);

function* after(node, seen = new Set()) {
  for (const output of node.outputs ?? [])
    for (const id of output.links ?? []) {
      const graph = node.graph ?? app.graph;
      const link = graph.links.get?.(id) ?? graph.links[id];
      const next = link && graph.getNodeById(link.target_id);
      if (!next || seen.has(next.id)) continue;
      seen.add(next.id);
      yield next;
      if (KEEPS_THE_CANVAS.has(next.comfyClass)) yield* after(next, seen);
    }
}

/** Where the first picture shown behind a node is to be had, or null. */
export function pictureAfter(node) {
  for (const next of after(node)) {
    const image = app.nodeOutputs?.[next.id]?.images?.[0];
    if (image) return api.apiURL(`/view?${new URLSearchParams(image)}`);
  }
  return null;
}

/** Call back after each run of a graph; returns what ends that. */
export function afterRuns(changed) {
  const heard = () => changed();
  api.addEventListener("executed", heard);
  return () => api.removeEventListener("executed", heard);
}
