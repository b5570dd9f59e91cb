// Texts on drawings.

import { lines } from "../geometry/text.js";

const LINE = 15;

/** A text in the middle of a box, in as many lines as it takes. */
export function say(context, box, text, colours) {
  context.fillStyle = colours.text;
  context.font = "12px sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  const most = Math.max(Math.floor(box.height / LINE), 1);
  const all = lines(text, box.width, most, (part) => context.measureText(part).width);
  const top = box.top + (box.height - (all.length - 1) * LINE) / 2;
  for (const [index, line] of all.entries()) context.fillText(line, box.left + box.width / 2, top + index * LINE, box.width);
}

/** A warning over the upper edge of a drawing; returns it, for what else tells of it. */
export function remark(context, box, text, colours) {
  context.fillStyle = colours.background;
  context.globalAlpha = 0.85;
  context.fillRect(box.left, box.top, box.width, 18);
  context.globalAlpha = 1;
  context.fillStyle = colours.warning;
  context.font = "11px sans-serif";
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillText(text, box.left + 4, box.top + 9, box.width - 8);
  return text;
}
