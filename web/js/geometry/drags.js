// Points that are dragged: what a press takes hold of, what a drag, a double click and a key make of them, and their JSON.
//
// A drag is { from, to }, both { x, y } in pictures, 0 to 1; both alike: an anchor, which is to stay. An end of one is
// { index, end }: `from`, `to`, or `whole` of an anchor.

import { clamp, nearest, toFractions, toPixels } from "./frame.js";

export const MOST = 20;
export const GRIP_PIXELS = 11;
/** A hand that moves less has clicked. */
export const CLICK_PIXELS = 4;
// Nearer than this, in pictures, they are the same: a node writes five digits.
const SAME = 1e-4;
const MIDDLE = 0.5;
const APART = 0.05;

export const isAnchor = ({ from, to }) => from.x === to.x && from.y === to.y;

/**
 * What a text says: { drags, others }: those of the first picture, and the lists of the other pictures if each has its own, else
 * null. Null if it says no drags.
 */
export function parse(text) {
  let read;
  try {
    read = String(text).trim() ? JSON.parse(text) : [];
  } catch {
    return null;
  }
  if (!Array.isArray(read)) return null;
  const each = read.length > 0 && read.every(Array.isArray);
  const [first, ...others] = each ? read : [read];
  const drags = first.map(dragOf);
  return drags.includes(null) ? null : { drags, others: each ? others : null };
}

function dragOf(entry) {
  const [from, to] = [placeOf(entry?.from), placeOf(entry?.to)];
  return from && to ? { from, to } : null;
}

/** A place that JSON says, [x, y]; null if it doesn't. */
export function placeOf(value) {
  const isPlace = Array.isArray(value) && value.length === 2 && value.every(Number.isFinite);
  return isPlace ? { x: value[0], y: value[1] } : null;
}

/** The text of drags, and of the other pictures' lists where there are some. */
export function format(drags, others = null) {
  const list = drags.map(({ from, to }) => ({ from: [from.x, from.y], to: [to.x, to.y] }));
  return JSON.stringify(others ? [list, ...others] : list);
}

/** Whether two lists say the same. */
export function isSame(some, others) {
  const near = (a, b) => Math.abs(a.x - b.x) < SAME && Math.abs(a.y - b.y) < SAME;
  return some.length === others.length && some.every((each, k) => near(each.from, others[k].from) && near(each.to, others[k].to));
}

/** What a press on a point in pixels takes hold of: an end, { end: "new" } elsewhere in the picture, null beyond it. */
export function gripAt(drags, point, frame) {
  const places = {};
  for (const { index, end } of endsOf(drags)) places[`${index} ${end}`] = toPixels(placeAt(drags[index], end), frame);
  const found = nearest(places, point, GRIP_PIXELS);
  if (found) {
    const [index, end] = found.split(" ");
    return { index: Number(index), end };
  }
  const { x, y } = toFractions(point, frame);
  return x >= 0 && x <= 1 && y >= 0 && y <= 1 ? { end: "new" } : null;
}

/** All ends in the order in which keys choose them. */
function endsOf(drags) {
  return drags.flatMap((drag, index) => (isAnchor(drag) ? ["whole"] : ["from", "to"]).map((end) => ({ index, end })));
}

const placeAt = (drag, end) => (end === "from" ? drag.from : drag.to);

const thousandths = (value) => Math.round(value * 1000) / 1000 + 0;
const inPicture = ({ x, y }) => ({ x: thousandths(clamp(x, 0, 1)), y: thousandths(clamp(y, 0, 1)) });

/** The drags after one of them was taken hold of and moved; from, to: points in pixels; with Shift an anchor's target alone. */
export function dragged(drags, { index, end }, from, to, frame, { shiftKey = false } = {}) {
  // What was typed has more digits than a hand gives: it keeps them until it is moved.
  if (to.x === from.x && to.y === from.y) return drags;
  const [start, stop] = [toFractions(from, frame), toFractions(to, frame)];
  if (end !== "new") return moved(drags, { index, end: end === "whole" && shiftKey ? "to" : end }, stop.x - start.x, stop.y - start.y);
  const isClick = Math.hypot(to.x - from.x, to.y - from.y) < CLICK_PIXELS;
  return isClick || drags.length >= MOST ? drags : [...drags, { from: inPicture(start), to: inPicture(stop) }];
}

/** The drags with an end moved by so much, as far as the picture goes. */
function moved(drags, { index, end }, x, y) {
  const by = (place) => inPicture({ x: place.x + x, y: place.y + y });
  return drags.map((drag, k) => {
    if (k !== index) return drag;
    if (end === "whole") return { from: by(drag.from), to: by(drag.from) };
    return { ...drag, [end]: by(drag[end]) };
  });
}

/** The drags with an anchor at a point in pixels, where there is none yet and it is in the picture. */
export function anchored(drags, point, frame) {
  if (gripAt(drags, point, frame)?.end !== "new" || drags.length >= MOST) return drags;
  const place = inPicture(toFractions(point, frame));
  return [...drags, { from: place, to: place }];
}

/**
 * What a key makes of the drags and of the end that is chosen, which may be null: { drags, chosen }; null if it is none of ours.
 *
 * Arrows move the chosen end by hundredths, with Shift by tenths, with Alt the other end; Delete and Backspace remove it; + adds an
 * anchor; Enter and Space choose the next end.
 */
export function keyed(drags, chosen, key, { shiftKey = false, altKey = false } = {}) {
  const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  if (direction) {
    if (!chosen) return null;
    const [x, y] = direction.map((sign) => sign * (shiftKey ? 0.1 : 0.01));
    const other = { from: "to", to: "from", whole: "to" }[chosen.end];
    const changed = moved(drags, { ...chosen, end: altKey ? other : chosen.end }, x, y);
    return { drags: changed, chosen: kept(changed, chosen) };
  }
  // Without a chosen one nothing happens: to ComfyUI the key would mean the node.
  if (key === "Delete" || key === "Backspace")
    return { drags: chosen ? drags.filter((_, index) => index !== chosen.index) : drags, chosen: null };
  if (key === "+" || key === "=") {
    if (drags.length >= MOST) return { drags, chosen };
    const place = freePlace(drags);
    return { drags: [...drags, { from: place, to: place }], chosen: { index: drags.length, end: "whole" } };
  }
  if (key !== "Enter" && key !== " ") return null;
  const ends = endsOf(drags);
  const at = ends.findIndex(({ index, end }) => index === chosen?.index && end === chosen.end);
  return { drags, chosen: ends.length ? ends[(at + 1) % ends.length] : null };
}

/** The end that is chosen, by what it is called now: an anchor's ends are one, others two. Null if it is gone. */
export function kept(drags, chosen) {
  if (!chosen || !drags[chosen.index]) return null;
  if (isAnchor(drags[chosen.index])) return { ...chosen, end: "whole" };
  return chosen.end === "whole" ? { ...chosen, end: "to" } : chosen;
}

/** The middle, or the first place right of it where no drag begins. */
function freePlace(drags) {
  let place = { x: MIDDLE, y: MIDDLE };
  while (drags.some(({ from }) => Math.hypot(from.x - place.x, from.y - place.y) < APART / 2))
    place = { x: thousandths((place.x + APART) % 1), y: place.y };
  return place;
}
