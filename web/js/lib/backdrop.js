// The last picture that was made of what a node gives on.

import { toldBy } from "./told.js";
import { here, isPassedBy, targetsOf } from "./wires.js";

// Behind these the canvas is what it was before them: what they show is what the node before them gave on.
const KEEPS_THE_CANVAS = new Set(["InterpolateFeatures", "MixStyles", "ShiftBlend", "Render"]);

function* after(place, seen = new Set()) {
  for (const next of targetsOf(place)) {
    const { node } = next;
    if (seen.has(node)) continue;
    seen.add(node);
    yield node;
    if (isPassedBy(node) || KEEPS_THE_CANVAS.has(node.comfyClass ?? node.type)) yield* after(next, seen);
  }
}

/** The first picture shown behind a node, as it was told of; null if there is none. */
export function pictureAfter(node) {
  for (const next of after(here(node))) {
    const image = toldBy(next)?.images?.[0];
    if (image) return image;
  }
  return null;
}
