// Pictures that nodes have told of, and the last one that was made of what a node gives on.

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

/** Load a picture that a node has told of; null if there is none, or it is gone. */
export async function load(entry) {
  if (!entry) return null;
  const image = new Image();
  image.src = api.apiURL(`/view?${new URLSearchParams(entry)}`);
  return image.decode().then(
    () => image,
    () => null,
  );
}

/** Call back with what a node tells each time it has run. */
export function whenTold(node, heard) {
  const before = node.onExecuted;
  node.onExecuted = function (told, ...rest) {
    before?.call(this, told, ...rest);
    heard(told);
  };
}

/** The first picture shown behind a node, as it was told of; null if there is none. */
export function pictureAfter(node) {
  for (const next of after(node)) {
    const image = app.nodeOutputs?.[next.id]?.images?.[0];
    if (image) return image;
  }
  return null;
}

/** Call back after each run of a graph; returns what ends that. */
export function afterRuns(changed) {
  const heard = () => changed();
  api.addEventListener("executed", heard);
  return () => api.removeEventListener("executed", heard);
}
