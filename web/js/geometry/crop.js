// SquareCrop's square. Its inputs: `x`, `y` where it lies, of the room there is; `square` its side, of the picture's smaller one;
// `aspect` its width over its height, if it is none: then `square` is of the largest there is room for.

import { clamp, nearest, rounded } from "./frame.js";

export const GRIP_PIXELS = 12;
const SMALLEST = 0.01;

/** The width of the largest one, in pixels. */
const widest = ({ aspect = 1 }, frame) => Math.min(frame.width, frame.height * aspect);

/** The square in a frame of the picture, in pixels: { left, top, width, height }. */
export function squareIn(values, frame) {
  const { x, y, square, aspect = 1 } = values;
  const width = square * widest(values, frame);
  const height = width / aspect;
  return { left: frame.left + x * (frame.width - width), top: frame.top + y * (frame.height - height), width, height };
}

/** Its corners in pixels. */
export function corners(values, frame) {
  const { left, top, width, height } = squareIn(values, frame);
  const right = left + width;
  const bottom = top + height;
  return { nw: { x: left, y: top }, ne: { x: right, y: top }, sw: { x: left, y: bottom }, se: { x: right, y: bottom } };
}

/** What a press takes hold of: a corner, `body`, or null. */
export function gripAt(values, point, frame) {
  const { left, top, width, height } = squareIn(values, frame);
  const inside = point.x >= left && point.x <= left + width && point.y >= top && point.y <= top + height;
  return nearest(corners(values, frame), point, GRIP_PIXELS) ?? (inside ? "body" : null);
}

/** The inputs of a square at a place in pixels; values: those before. */
function inputsOf({ left, top, width, height }, values, frame) {
  const share = (distance, room) => (room > 1e-6 ? rounded(clamp(distance / room, 0, 1)) : 0.5);
  return {
    x: share(left - frame.left, frame.width - width),
    y: share(top - frame.top, frame.height - height),
    square: Math.max(rounded(width / widest(values, frame)), SMALLEST),
  };
}

/** The inputs after a drag; from, to: points in pixels. The square stays in the picture, the opposite corner where it is. */
export function dragged(values, grip, from, to, frame) {
  const before = squareIn(values, frame);
  const [across, down] = [to.x - from.x, to.y - from.y];
  if (grip === "body") {
    const { x, y } = inputsOf({ ...before, left: before.left + across, top: before.top + down }, values, frame);
    // Where there is no room it stays what it was.
    return { ...(frame.width > before.width && { x }), ...(frame.height > before.height && { y }) };
  }
  const [west, north] = [grip.endsWith("w"), grip.startsWith("n")];
  const { aspect = 1 } = values;
  const grown = Math.max(west ? -across : across, (north ? -down : down) * aspect);
  const room = [
    west ? before.left + before.width - frame.left : frame.left + frame.width - before.left,
    (north ? before.top + before.height - frame.top : frame.top + frame.height - before.top) * aspect,
  ];
  const width = clamp(before.width + grown, SMALLEST * widest(values, frame), Math.min(...room));
  const height = width / aspect;
  const left = west ? before.left + before.width - width : before.left;
  const top = north ? before.top + before.height - height : before.top;
  return inputsOf({ left, top, width, height }, values, frame);
}

/** The inputs after a key: arrows move the square by hundredths of the room, with Shift by tenths; + and - resize it. */
export function nudged({ x, y, square }, key, { shiftKey = false } = {}) {
  const by = shiftKey ? 0.1 : 0.01;
  const [across, down] = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] }[key] ?? [0, 0];
  const grows = { "+": 0.01, "=": 0.01, "-": -0.01 }[key];
  if (grows) return { square: rounded(clamp(square + grows, SMALLEST, 1)) };
  if (!across && !down) return null;
  return { x: rounded(clamp(x + across, 0, 1)), y: rounded(clamp(y + down, 0, 1)) };
}
