// A drawing over the last picture that came of its node.

import { afterRuns, load, pictureAfter } from "./backdrop.js";
import { addDrawing } from "./drawing.js";

/** `addDrawing`, and what is drawn below: { ratio() of width to height, image() or null, draw(context, frame, colours) }. */
export function withBackdrop(node, drawing) {
  let image = null;
  let shown = null;
  const below = {
    ratio: () => (image ? image.naturalWidth / image.naturalHeight : 1),
    image: () => image,
    draw(context, { left, top, width, height }, colours) {
      context.fillStyle = colours.background;
      context.fillRect(left, top, width, height);
      if (image) context.drawImage(image, left, top, width, height);
      context.strokeStyle = colours.line;
      context.strokeRect(left + 0.5, top + 0.5, width - 1, height - 1);
    },
  };
  const { redraw, onRemoved } = addDrawing(node, drawing);
  onRemoved(
    afterRuns(async () => {
      const entry = pictureAfter(node);
      const named = JSON.stringify(entry);
      if (!entry || named === shown) return;
      shown = named;
      const next = await load(entry);
      if (named !== shown) return;
      image = next;
      redraw();
    }),
  );
  return below;
}
