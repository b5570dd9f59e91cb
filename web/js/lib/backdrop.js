// The last picture that was made of what a node gives on, or that it was given.

import { entryOf } from "./file_names.js";
import { toldBy } from "./told.js";
import { above, known } from "./upstream.js";
import { here, isPassedBy, targetsOf } from "./wires.js";

// Behind these the canvas is what it was before them: what they show is what the node before them gave on.
const KEEPS_THE_CANVAS = new Set(["InterpolateFeatures", "MixStyles", "RegionMask", "ShiftBlend", "Render"]);

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

/** The picture that an input gets: what the node before has shown, or the file it loads; null if it can't be told. */
export function pictureBefore(node, input) {
  const source = above(node, input);
  if (!source) return null;
  const told = toldBy(source.node)?.images?.[0];
  if (told) return told;
  const file = source.node.comfyClass === "LoadImage" ? known(source, "image") : undefined;
  return typeof file === "string" && file ? entryOf(file) : null;
}
