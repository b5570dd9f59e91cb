// PadExpand's larger canvas. Pads are the node's inputs: fractions of the canvas's width and height.

import { clamp, fit, nearest, roundedAll } from "./frame.js";

export const MOST = 16;
export const GRIP_PIXELS = 14;

/** The larger canvas in units of the old one: its left top corner is where the pads begin. */
export function outer({ left, right, top, bottom }) {
  return { x: 0 - left, y: 0 - top, width: 1 + left + right, height: 1 + top + bottom };
}

/**
 * The frames of both canvases in a widget: { inner, outer } in pixels.
 *
 * pads: what has to fit; while a drag goes on, those it began with, so that the picture doesn't jump.
 */
export function frames(pads, ratio, box) {
  const large = outer(pads);
  const whole = fit((ratio * large.width) / large.height, box);
  const width = whole.width / large.width;
  const height = whole.height / large.height;
  return { outer: whole, inner: { left: whole.left + pads.left * width, top: whole.top + pads.top * height, width, height } };
}

/** The larger canvas's edge near a point in pixels: `left`, `right`, `top`, `bottom`, two for a corner; none: []. */
export function edgesAt(frame, point) {
  const { left, top, width, height } = frame;
  const near = GRIP_PIXELS;
  if (point.x < left - near || point.x > left + width + near) return [];
  if (point.y < top - near || point.y > top + height + near) return [];
  const across = nearest({ left: { x: left, y: 0 }, right: { x: left + width, y: 0 } }, { x: point.x, y: 0 }, near);
  const down = nearest({ top: { x: 0, y: top }, bottom: { x: 0, y: top + height } }, { x: 0, y: point.y }, near);
  return [across, down].filter(Boolean);
}

/** The pads after a drag of some edges; inner: the old canvas's frame. With Shift both sides alike. */
export function dragged(pads, edges, from, to, inner, { shiftKey = false } = {}) {
  const opposite = { left: "right", right: "left", top: "bottom", bottom: "top" };
  const moved = {
    left: -(to.x - from.x) / inner.width,
    right: (to.x - from.x) / inner.width,
    top: -(to.y - from.y) / inner.height,
    bottom: (to.y - from.y) / inner.height,
  };
  const changed = {};
  for (const edge of edges) {
    changed[edge] = clamp(pads[edge] + moved[edge], 0, MOST);
    if (shiftKey) changed[opposite[edge]] = changed[edge];
  }
  return roundedAll(changed);
}

/**
 * What lies where on the larger canvas: [{ source, target, flipX, flipY }], rectangles in units of the old canvas.
 */
export function copies(mode, pads) {
  const whole = { x: 0, y: 0, width: 1, height: 1 };
  // What a model has beyond its picture nobody knows before it is drawn.
  if (mode === "zeros" || mode === "continue") return [{ source: whole, target: whole, flipX: false, flipY: false }];
  if (mode === "stretch") return [{ source: whole, target: outer(pads), flipX: false, flipY: false }];
  if (mode === "replicate") return replicated(pads);
  const found = [];
  for (let row = 0 - Math.ceil(pads.top); row <= Math.ceil(pads.bottom); row++)
    for (let column = 0 - Math.ceil(pads.left); column <= Math.ceil(pads.right); column++) {
      const odd = (number) => mode === "reflect" && number % 2 !== 0;
      found.push({ source: whole, target: { ...whole, x: column, y: row }, flipX: odd(column), flipY: odd(row) });
    }
  return found;
}

function replicated({ left, right, top, bottom }) {
  // A line of each edge, drawn out.
  const thin = 0.01;
  const columns = [
    [0, thin, 0 - left, left],
    [0, 1, 0, 1],
    [1 - thin, thin, 1, right],
  ];
  const rows = [
    [0, thin, 0 - top, top],
    [0, 1, 0, 1],
    [1 - thin, thin, 1, bottom],
  ];
  return rows.flatMap(([sourceY, sourceHeight, y, height]) =>
    columns
      .filter(([, , , width]) => width > 0 && height > 0)
      .map(([sourceX, sourceWidth, x, width]) => ({
        source: { x: sourceX, y: sourceY, width: sourceWidth, height: sourceHeight },
        target: { x, y, width, height },
        flipX: false,
        flipY: false,
      })),
  );
}
