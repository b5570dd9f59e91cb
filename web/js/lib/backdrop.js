// The last picture that was made of what a node gives on.

import { app } from "../../../../scripts/app.js";
import { toldBy } from "./told.js";

// Behind these the canvas is what it was before them: what they show is what the node before them gave on.
const KEEPS_THE_CANVAS = new Set(["InterpolateFeatures", "MixStyles", "ShiftBlend", "Render", "Reroute"]);

function* after(node, seen = new Set()) {
  for (const output of node.outputs ?? [])
    for (const id of output.links ?? []) {
      const graph = node.graph ?? app.graph;
      const link = graph.links.get?.(id) ?? graph.links[id];
      const next = link && graph.getNodeById(link.target_id);
      if (!next || seen.has(next.id)) continue;
      seen.add(next.id);
      yield next;
      if (KEEPS_THE_CANVAS.has(next.comfyClass ?? next.type)) yield* after(next, seen);
    }
}

/** The first picture shown behind a node, as it was told of; null if there is none. */
export function pictureAfter(node) {
  for (const next of after(node)) {
    const image = toldBy(next)?.images?.[0];
    if (image) return image;
  }
  return null;
}
