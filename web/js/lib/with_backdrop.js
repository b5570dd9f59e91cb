// A drawing over the last picture that came of its node, or that it was given.

import { pictureAfter } from "./backdrop.js";
import { addDrawing } from "./drawing.js";
import { hear } from "./news.js";
import { firstPicture, PAUSE } from "./server.js";
import { load } from "./told.js";

/**
 * `addDrawing`, and what is drawn below, of which `find(node)` tells where it is (see backdrop.js): { image() or null, ratio() of
 * its width to its height, draw(context, frame, colours), redraw() of it all }.
 */
export function withBackdrop(node, drawing, find = pictureAfter) {
  const redraw = addDrawing(node, drawing);
  const image = watchPicture(node, find, redraw);
  return {
    image,
    ratio: () => (image() ? image().width / image().height : 1),
    draw(context, { left, top, width, height }, colours) {
      context.fillStyle = colours.background;
      context.fillRect(left, top, width, height);
      if (image()) context.drawImage(image(), left, top, width, height);
      context.strokeStyle = colours.line;
      context.strokeRect(left + 0.5, top + 0.5, width - 1, height - 1);
    },
    redraw,
  };
}

/** A function that tells the picture which `find(node)` leads to, or null; changed() is called when it is another one. */
export function watchPicture(node, find, changed) {
  let image = null;
  let shown = null;
  const looksBefore = find !== pictureAfter;

  async function look() {
    const entry = find(node);
    // A picture of what comes after stays until the next run; of what was before and no longer is, nothing does.
    if (isSame(entry, shown) || (!entry && !looksBefore)) return;
    shown = entry;
    const next = await fetched(entry, () => entry === shown);
    if (entry !== shown) return;
    image = next;
    changed();
  }
  hear(node, "outputs", look);
  if (!looksBefore) return () => image;
  // Files and seeds are there without a run.
  hear(node, "inputs", look);
  hear(node, "files", () => {
    shown = null;
    look();
  });
  return () => image;
}

/** An entry's picture, loaded; null if there is none. isWanted: whether it still is, after a while. */
async function fetched(entry, isWanted) {
  if (!entry?.address) return load(entry);
  await new Promise((done) => setTimeout(done, PAUSE));
  // Load StyleGAN and Sample Latent say why.
  return isWanted() ? firstPicture(entry).catch(() => null) : null;
}

/** What a run tells is another picture each time, though files of the same name may come again; what was chosen is one. */
function isSame(entry, shown) {
  if (entry === shown) return true;
  const wasChosen = entry?.type === "input" || entry?.address;
  return Boolean(wasChosen) && JSON.stringify(entry) === JSON.stringify(shown);
}
