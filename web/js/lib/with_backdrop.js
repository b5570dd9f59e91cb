// A drawing over the last picture that came of its node, or that it was given.

import { pictureAfter } from "./backdrop.js";
import { addDrawing } from "./drawing.js";
import { hear } from "./news.js";
import { load } from "./told.js";

/** `addDrawing`, and what is drawn below, which `find(node)` tells of: { ratio() of width to height, draw(context, frame, colours), redraw() of it all }. */
export function withBackdrop(node, drawing, find = pictureAfter) {
  let image = null;
  let shown = null;
  const below = {
    ratio: () => (image ? image.naturalWidth / image.naturalHeight : 1),
    draw(context, { left, top, width, height }, colours) {
      context.fillStyle = colours.background;
      context.fillRect(left, top, width, height);
      if (image) context.drawImage(image, left, top, width, height);
      context.strokeStyle = colours.line;
      context.strokeRect(left + 0.5, top + 0.5, width - 1, height - 1);
    },
  };
  const redraw = addDrawing(node, drawing);
  below.redraw = redraw;
  async function look() {
    const entry = find(node);
    if (!entry || isSame(entry, shown)) return;
    shown = entry;
    const next = await load(entry);
    if (entry !== shown) return;
    image = next;
    redraw();
  }
  hear(node, "outputs", look);
  // A file is there without a run.
  if (find !== pictureAfter) hear(node, "inputs", look);
  return below;
}

/** What a run tells is another picture each time, though files of the same name may come again; a file that was chosen is one. */
function isSame(entry, shown) {
  if (entry === shown) return true;
  return entry.type === "input" && JSON.stringify(entry) === JSON.stringify(shown);
}
