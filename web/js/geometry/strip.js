// Pictures in a row on one canvas, and the blends over their seams. Lengths are shares of the row.

import { clamp, rounded } from "./frame.js";

/** Where each begins and ends: [{ begin, end }], of sizes in any unit. */
export function tiles(sizes) {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let begin = 0;
  return sizes.map((size) => {
    const tile = { begin, end: begin + size / total };
    begin = tile.end;
    return tile;
  });
}

/** How many times as long as thick the row is; `across`: its thickness in the sizes' unit, else the smallest is a square. */
export const elongation = (sizes, across = Math.min(...sizes)) => sizes.reduce((sum, size) => sum + size, 0) / across;

/** The seams between them, and where the row closes: [{ at, narrower }], `narrower` the smaller neighbour's length. */
export function seams(sizes, wrap) {
  const row = tiles(sizes);
  const length = ({ begin, end }) => end - begin;
  const inner = row.slice(1).map((tile, index) => ({
    at: tile.begin,
    narrower: Math.min(length(tile), length(row[index])),
  }));
  if (!wrap || row.length < 2) return inner;
  const narrower = Math.min(length(row[0]), length(row.at(-1)));
  return [...inner, { at: 0, narrower }, { at: 1, narrower }];
}

/** What a press beside the row, on a picture's name, takes hold of: { tile }; null outside. */
export function nameAt(at, sizes) {
  const tile = tiles(sizes).findIndex(({ begin, end }) => at >= begin && at < end);
  return tile < 0 ? null : { tile };
}

/** What a press takes hold of: { seam } near a blend's edge or in a narrow blend, else { tile }; null outside. */
export function gripAt(at, sizes, wrap, blendWidth, reach) {
  if (at < -reach || at > 1 + reach) return null;
  let found = null;
  let least = reach;
  for (const seam of seams(sizes, wrap)) {
    const distance = Math.abs(Math.abs(at - seam.at) - (blendWidth * seam.narrower) / 2);
    // Of a short picture most is its own, or it could not be taken hold of.
    if (distance <= Math.min(least, seam.narrower / 5)) [found, least] = [seam, distance];
  }
  return found ? { seam: found } : nameAt(at, sizes);
}

/** The blend's width after its edge was dragged to a place. */
export function draggedBlend({ at, narrower }, to, most) {
  return rounded(clamp((2 * Math.abs(to - at)) / narrower, 0, most));
}

/** The tile nearest to a place. */
export function tileAt(at, sizes) {
  const row = tiles(sizes);
  const index = row.findIndex(({ end }) => at < end);
  return index < 0 ? row.length - 1 : index;
}

/** A list with one item moved to another place. */
export function moved(list, from, to) {
  const rest = list.filter((_, index) => index !== from);
  rest.splice(to, 0, list[from]);
  return rest;
}

const MOST_PICKS = 4096;

/**
 * What SelectLatents' text picks of a batch: numbers, and ranges `2:5` as far as the batch goes.
 *
 * null: it can't be told, as with other forms, ranges of a batch of unknown size, or too many.
 */
export function picks(text, count) {
  const items = [];
  for (const part of String(text).split(",")) {
    const range = /^\s*(\d+)\s*:\s*(\d+)\s*$/.exec(part);
    if (range) {
      if (count === undefined) return null;
      const [begin, end] = [Number(range[1]), Math.min(Number(range[2]), count)];
      // Before any is made: a stranger's workflow may ask for billions.
      if (end - begin > MOST_PICKS) return null;
      for (let index = begin; index < end; index += 1) items.push(index);
    } else if (/^\s*\d+\s*$/.test(part)) items.push(Number(part));
    else return null;
    if (items.length > MOST_PICKS) return null;
  }
  return items.length ? items : null;
}
