// A contact sheet of consecutive seeds: pages of so many, in rows, an arrow at either side.

import { clamp } from "./frame.js";

const ARROW = 16;

/** The first seed of the page that a seed is on. */
export function firstOf(seed, count, largest) {
  return clamp(Math.floor(seed / count) * count, 0, largest);
}

/**
 * As many columns, at most `count`, as give the largest square cells, or as many as are asked for:
 * { columns, rows, side, left, top }.
 */
export function layout(count, box, asked) {
  const inner = { left: box.left + ARROW, top: box.top, width: box.width - 2 * ARROW, height: box.height };
  let best = null;
  for (let columns = asked ?? 1; columns <= (asked ?? count); columns += 1) {
    const rows = Math.ceil(count / columns);
    const side = Math.floor(Math.min(inner.width / columns, inner.height / rows));
    if (!best || side > best.side) best = { columns, rows, side };
  }
  const { columns, rows, side } = best;
  const left = inner.left + (inner.width - columns * side) / 2;
  return { columns, rows, side, left, top: inner.top + (inner.height - rows * side) / 2 };
}

/** A cell's place: { left, top, side }. */
export function cell(index, { columns, side, left, top }) {
  return { left: left + (index % columns) * side, top: top + Math.floor(index / columns) * side, side };
}

/** What is at a point: a cell's index, "previous", "next", or null. */
export function partAt(point, count, box, asked) {
  const { columns, rows, side, left, top } = layout(count, box, asked);
  if (point.x < left) return "previous";
  if (point.x >= left + columns * side) return "next";
  const [column, row] = [Math.floor((point.x - left) / side), Math.floor((point.y - top) / side)];
  const index = row * columns + column;
  return row >= 0 && row < rows && index < count ? index : null;
}

/** The corner of a cell that its star has: { left, top, side }. */
export function starOf({ left, top, side }) {
  const star = clamp(side * 0.36, 8, 22);
  return { left: left + side - 1 - star, top, side: star };
}

/** The cell whose star is at a point, or null. */
export function starAt(point, count, box) {
  const index = partAt(point, count, box);
  if (!Number.isInteger(index)) return null;
  const { left, top, side } = starOf(cell(index, layout(count, box)));
  return point.x >= left && point.y < top + side ? index : null;
}

/** Where the switch between all seeds and the favourites is, above the arrow at the right: { left, top, side }. */
export function switchOf(box) {
  return { left: box.left + box.width - ARROW, top: box.top, side: ARROW };
}

/** Whether a point is on it, or on the number below it. */
export function isOnSwitch(point, box) {
  const { left, top, side } = switchOf(box);
  return point.x >= left && point.y < top + 1.75 * side;
}

/** A star's corners inside a square, from the upper one on: [{ x, y }]. */
export function starPoints({ left, top, side }) {
  return Array.from({ length: 10 }, (_, index) => {
    const [angle, radius] = [(index * Math.PI) / 5, (side / 2) * (index % 2 ? 0.42 : 0.9)];
    return { x: left + side / 2 + radius * Math.sin(angle), y: top + side / 2 - radius * Math.cos(angle) };
  });
}

/**
 * The inputs { seed, batch_size } after a click on a seed: it alone; with Shift the batch up to it, from the seed there was,
 * or from it if it comes before that.
 */
export function chosen({ seed, batch_size }, clicked, shift, largestBatch) {
  if (!shift) return { seed: clicked, batch_size };
  const [first, last] = clicked < seed ? [clicked, seed + batch_size - 1] : [seed, clicked];
  return { seed: first, batch_size: Math.min(last - first + 1, largestBatch) };
}

/** The items after a click on one: it comes last, or goes wherever it was; one is always left. */
export function toggled(items, item) {
  if (!items.includes(item)) return [...items, item];
  const rest = items.filter((each) => each !== item);
  return rest.length ? rest : items;
}
