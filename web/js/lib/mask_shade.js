// What a mask leaves out, as a shade over a drawing's picture: of a mask painted on a file before a run, of others as the last run
// had them.

import { entryOf } from "./file_names.js";
import { hear } from "./news.js";
import { load, toldBy } from "./told.js";
import { above, known } from "./upstream.js";

const SHADE = "rgba(0, 0, 0, 0.6)";

/**
 * The shade of what a node's input leaves out: { draw(context, frame) }, nothing where no mask is wired.
 *
 * The node tells of it as `soat_mask`, a picture that is transparent where the mask is 1, as files are that ComfyUI's mask editor
 * has saved. redraw(): called when there is another.
 */
export function maskShade(node, input, redraw) {
  let shown;
  let shade = null;

  async function look() {
    const entry = maskAt(node, input);
    if (isSame(entry, shown)) return;
    shown = entry;
    const image = await load(entry);
    if (entry !== shown) return;
    shade = image && shadeOf(image);
    redraw();
  }
  hear(node, "inputs", look);
  hear(node, "outputs", look);
  return {
    draw(context, { left, top, width, height }) {
      if (shade) context.drawImage(shade, left, top, width, height);
    },
  };
}

function maskAt(node, input) {
  const source = above(node, input);
  if (!source) return null;
  const file = source.node.comfyClass === "LoadImage" ? known(source, "image") : undefined;
  return typeof file === "string" && file ? entryOf(file) : (toldBy(node)?.soat_mask?.[0] ?? null);
}

/** A file is the same if it is called so, and what a run tells only if it is of that run. */
function isSame(entry, shown) {
  return entry === shown || (entry?.type === "input" && JSON.stringify(entry) === JSON.stringify(shown));
}

function shadeOf(image) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: image.width, height: image.height });
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = SHADE;
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas;
}
