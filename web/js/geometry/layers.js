// A range of layers on a bar: the layers' names in style space's order, one cell each.

import { clamp } from "./frame.js";

const BLOCK = /^b(\d+)\.(\w+)$/;
// Of layers with numbers every so manyth says which it is.
const EVERY = 4;

/**
 * What there is to say of layers' names, such as `b64.torgb`: { name, resolution, isTorgb, begins, label }.
 *
 * begins: whether label, its resolution, is written under it. Of names with numbers, `input`, `L0`, ..., the label is
 * the name, and there is no resolution.
 */
export function described(names) {
  let before = null;
  return names.map((name, index) => {
    const block = BLOCK.exec(name);
    if (!block) return { name, isTorgb: false, begins: index === 0 || index % EVERY === 1, label: index ? name : "in" };
    const [, resolution, kind] = block;
    const begins = resolution !== before;
    before = resolution;
    return { name, resolution: Number(resolution), isTorgb: kind === "torgb", begins, label: resolution };
  });
}

/**
 * The names that belong on the bar of a model { resolution, layers }; where none is known, those of the kind of `name`.
 *
 * Of a model those that it has, and those of its kind that only larger ones have: no torgb where its blocks have none.
 */
export function family(names, model, name) {
  if (!model) return names.filter((each) => isNumbered(each) === (Boolean(name) && isNumbered(name)));
  const numbered = isNumbered(model.layers[0]);
  const lacks = (each) => {
    const block = BLOCK.exec(each);
    return block && Number(block[1]) <= model.resolution && !model.layers.includes(each);
  };
  return names.filter((each) => isNumbered(each) === numbered && !lacks(each));
}

/** How many of the layers a model { resolution, layers } has: the first ones; of an unknown model all. */
export function had(layers, model) {
  if (!model) return layers.length;
  if (isNumbered(model.layers[0])) return Math.min(model.layers.length, layers.length);
  return layers.filter(({ name }) => model.layers.includes(name)).length;
}

/**
 * The range { first, last } of two names, as indices of those on the bar.
 *
 * names: all that are offered, in order. One that isn't on the bar means what the server takes it for: the first the
 * next one after it, the last the one before it; of another kind, or unknown, the end is open.
 */
export function rangeOf(first, last, names, shown) {
  const places = shown.map((name) => names.indexOf(name));
  const place = (name) => (isNumbered(name) === isNumbered(shown[0]) ? names.indexOf(name) : -1);
  const [from, to] = [place(first), place(last)];
  return {
    first: Math.max(places.findIndex((each) => each >= from), 0),
    last: to < 0 ? shown.length - 1 : Math.max(places.findLastIndex((each) => each <= to), 0),
  };
}

const isNumbered = (name) => !BLOCK.test(name);

/** A cell's place on the bar: { left, width } in pixels. */
export function cell(index, count, box) {
  const width = box.width / count;
  return { left: box.left + index * width, width };
}

/** The cell at a place across, the nearest one beyond the ends. */
export function cellAt(x, count, box) {
  return clamp(Math.floor(((x - box.left) / box.width) * count), 0, count - 1);
}

/**
 * What a press takes hold of: { end: "first" | "last" | "both", at: the cell }.
 *
 * first, last: the range, as indices. Near an end that end; inside the range all of it; outside the nearer end.
 */
export function gripAt(first, last, x, count, box) {
  const at = cellAt(x, count, box);
  const toFirst = Math.abs(x - cell(first, count, box).left);
  const toLast = Math.abs(x - cell(last + 1, count, box).left);
  const near = Math.max(6, Math.min(12, box.width / count / 2));
  if (Math.min(toFirst, toLast) <= near || at < first || at > last)
    return { end: toFirst < toLast ? "first" : "last", at };
  return { end: "both", at };
}

/** The range { first, last } after a drag to a place across; ends don't pass each other. */
export function dragged({ first, last }, { end, at }, x, count, box) {
  const to = cellAt(x, count, box);
  if (end === "first") return { first: Math.min(to, last), last };
  if (end === "last") return { first, last: Math.max(to, first) };
  const moved = clamp(to - at, -first, count - 1 - last);
  return { first: first + moved, last: last + moved };
}

/** The range after an arrow key: its last layer, with Shift its first one, with Alt both; null for other keys. */
export function nudged({ first, last }, count, { key, shiftKey = false, altKey = false }) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (!step) return null;
  if (altKey) {
    const moved = clamp(step, -first, count - 1 - last);
    return { first: first + moved, last: last + moved };
  }
  if (shiftKey) return { first: clamp(first + step, 0, last), last };
  return { first, last: clamp(last + step, first, count - 1) };
}
