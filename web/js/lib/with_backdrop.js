// A drawing over the last picture that came of its node.

import { pictureAfter } from "./backdrop.js";
import { addDrawing } from "./drawing.js";
import { hear } from "./news.js";
import { load } from "./told.js";

/** `addDrawing`, and what is drawn below: { ratio() of width to height, draw(context, frame, colours), redraw() of it all }. */
export function withBackdrop(node, drawing) {
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
  hear(node, "outputs", async () => {
    const entry = pictureAfter(node);
    if (!entry || entry === shown) return;
    shown = entry;
    const next = await load(entry);
    if (entry !== shown) return;
    image = next;
    redraw();
  });
  return below;
}
