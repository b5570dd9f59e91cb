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

/** The names that belong together with those of a model, or where none is known, with one of them: [name]. */
export function family(names, model, name) {
  const numbered = model ? model.numbered > 0 : Boolean(name) && !BLOCK.test(name);
  return names.filter((each) => BLOCK.test(each) !== numbered);
}

/** How many of the layers a model { resolution, numbered } has: the first ones; of an unknown model all. */
export function had(layers, model) {
  if (!model) return layers.length;
  if (model.numbered) return Math.min(model.numbered, layers.length);
  return layers.filter((layer) => layer.resolution <= model.resolution).length;
}

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
