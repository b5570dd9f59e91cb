// Batches of latents that can be shown before a run: those that are drawn from seeds.

import { checkpointAt, known, remarkOnPictures } from "./upstream.js";

/** The server draws no more pictures on a sheet. */
const MOST = 36;
const DRAWN = {
  SampleLatent: {
    address: "/soat/samples",
    names: ["seed", "batch_size", "truncation_psi", "truncation_cutoff", "class_idx", "rng"],
    count: ({ batch_size }) => batch_size,
  },
  SampleLatentSequence: {
    address: "/soat/sequence",
    names: ["seed", "count", "smoothness", "loop", "truncation_psi", "class_idx"],
    count: ({ count }) => count,
  },
  SampleLatentGrid: {
    address: "/soat/grid",
    names: ["seed", "columns", "rows", "smoothness", "loop_x", "loop_y", "truncation_psi", "class_idx"],
    count: ({ columns, rows }) => columns * rows,
    columns: ({ columns }) => columns,
  },
};

/**
 * What to ask the server for to see the batch that a place gives: { address, query, count, shown, columns, said }.
 *
 * count: of the batch; shown: how many of them come; columns: of a grid; said: of whose pictures they are. Null if it can't be told before a run.
 */
export function sheetOf(place) {
  const kind = DRAWN[place?.node.comfyClass];
  if (!kind) return null;
  const checkpoint = checkpointAt(place);
  const values = Object.fromEntries(kind.names.map((name) => [name, known(place, name)]));
  if (checkpoint === undefined || Object.values(values).includes(undefined)) return null;
  const count = kind.count(values);
  const shown = Math.min(count, MOST);
  const { batch_size, ...query } = values;
  if (batch_size !== undefined) query.count = shown;
  const sheet = { address: kind.address, query: { checkpoint, ...query }, count, shown };
  return { ...sheet, columns: kind.columns?.(values), said: remarkOnPictures(place) };
}

/** What to ask for to see the first of a batch, which may bring more of them: { address, query, shown }; null as of sheetOf. */
export function sheetOfFirst(place) {
  const sheet = sheetOf(place);
  if (!sheet) return null;
  const { address, query, shown } = sheet;
  // Of the others each depends on how many there are.
  return place.node.comfyClass === "SampleLatent" ? { address, query: { ...query, count: 1 }, shown: 1 } : { address, query, shown };
}
