// Texts on drawings.

/** A sentence in the middle of a box. */
export function say(context, box, text, colours) {
  context.fillStyle = colours.text;
  context.font = "12px sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, box.left + box.width / 2, box.top + box.height / 2, box.width);
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
