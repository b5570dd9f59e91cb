// A region, and for ShiftBlend where its copy goes. All values are the node's inputs: fractions of the canvas.

import { clamp, nearest, roundedAll, toFractions, toPixels } from "./frame.js";

export const GRIP_PIXELS = 12;
const SMALLEST = 0.02;
/** Where a region may be: its edges from `low` to `high`, the first of them to `last`, no longer than `longest`. */
const CANVAS = { low: 0, high: 1, last: 1 - SMALLEST, longest: 1 };
export const BEYOND = { low: -1, high: 3, last: 1, longest: 2 };
const CORNERS = { nw: [0, 0], ne: [1, 0], sw: [0, 1], se: [1, 1] };

/** Corners of the region and the tip of the arrow, if there is one, in fractions. */
export function gripPoints({ x, y, width, height, shift_x, shift_y }) {
  const points = shift_x === undefined ? {} : { shift: { x: x + width / 2 + shift_x, y: y + height / 2 + shift_y } };
  for (const [name, [right, bottom]] of Object.entries(CORNERS))
    points[name] = { x: x + right * width, y: y + bottom * height };
  return points;
}

/** What a press on a point in pixels takes hold of: `shift`, a corner, `body`, or `new` where a region begins. */
export function gripAt(values, point, frame) {
  const inPixels = Object.fromEntries(
    Object.entries(gripPoints(values)).map(([name, place]) => [name, toPixels(place, frame)]),
  );
  const { shift, ...corners } = inPixels;
  const grip = (shift && nearest({ shift }, point, GRIP_PIXELS)) ?? nearest(corners, point, GRIP_PIXELS);
  if (grip) return grip;
  const { x, y } = toFractions(point, frame);
  const inside = x >= values.x && x <= values.x + values.width && y >= values.y && y <= values.y + values.height;
  return inside ? "body" : "new";
}

/**
 * The inputs after a drag.
 *
 * values: as the drag began; grip: what was taken hold of; from, to: points in pixels; limits: BEYOND, or the canvas.
 */
export function dragged(values, grip, from, to, frame, limits = CANVAS) {
  const start = toFractions(from, frame);
  const end = toFractions(to, frame);
  const moved = { x: end.x - start.x, y: end.y - start.y };
  if (grip === "body") return roundedAll(movedRegion(values, moved.x, moved.y, limits));
  if (grip === "shift")
    return roundedAll({
      shift_x: clamp(values.shift_x + moved.x, -1, 1),
      shift_y: clamp(values.shift_y + moved.y, -1, 1),
    });
  if (grip === "new") return roundedAll(between(start, end, limits));
  const [right, bottom] = CORNERS[grip];
  const fixed = { x: values.x + (1 - right) * values.width, y: values.y + (1 - bottom) * values.height };
  const corner = { x: values.x + right * values.width + moved.x, y: values.y + bottom * values.height + moved.y };
  return roundedAll(between(fixed, corner, limits));
}

/** The inputs after a key: arrows move the region by hundredths, with Shift by tenths, with Alt its copy; + and - resize it. */
export function nudged(values, key, { shiftKey = false, altKey = false } = {}, limits = CANVAS) {
  const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const grows = { "+": 0.01, "=": 0.01, "-": -0.01 }[key];
  if (grows) return resized(values, grows, limits);
  if (!(key in directions)) return null;
  const [x, y] = directions[key].map((sign) => sign * (shiftKey ? 0.1 : 0.01));
  if (!altKey || values.shift_x === undefined) return roundedAll(movedRegion(values, x, y, limits));
  return roundedAll({ shift_x: clamp(values.shift_x + x, -1, 1), shift_y: clamp(values.shift_y + y, -1, 1) });
}

/** The region with all its edges moved outwards by so much, as far as there is canvas. */
function resized({ x, y, width, height }, by, limits) {
  return roundedAll(between({ x: x - by, y: y - by }, { x: x + width + by, y: y + height + by }, limits));
}

function movedRegion(values, x, y, { low, high, last }) {
  const most = (length) => Math.max(Math.min(high - length, Math.max(last, 1 - length)), low);
  return { x: clamp(values.x + x, low, most(values.width)), y: clamp(values.y + y, low, most(values.height)) };
}

/** The region with two points as opposite corners, inside the canvas and not too small to take hold of. */
function between(first, second, limits) {
  const [x, width] = side(first.x, second.x, limits);
  const [y, height] = side(first.y, second.y, limits);
  return { x, y, width, height };
}

function side(first, second, { low, high, last, longest }) {
  const begin = clamp(Math.min(first, second), low, last);
  const end = clamp(Math.max(first, second), begin + SMALLEST, Math.min(high, begin + longest));
  return [begin, end - begin];
}
