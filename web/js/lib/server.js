// What our part of the server tells of model files.

import { api } from "../../../../scripts/api.js";

/** Milliseconds to wait before a question that follows values: a slider that is being dragged doesn't ask at every step. */
export const PAUSE = 200;

async function ask(address, values) {
  const response = await api.fetchApi(`${address}?${new URLSearchParams(values)}`);
  if (response.ok) return response;
  const told = await response.json().catch(() => null);
  throw new Error(told?.error ?? `The server answered ${response.status}. Its log says why.`);
}

const cards = new Map();

/**
 * What a file is: { summary, text, resolution, classes }; asked for once.
 *
 * Throws an Error whose message says why it is refused.
 */
export function describe(checkpoint) {
  if (!cards.has(checkpoint)) {
    const card = ask("/soat/model", { checkpoint }).then((response) => response.json());
    cards.set(checkpoint, card);
    // What is refused may be mended.
    card.catch(() => cards.get(checkpoint) === card && cards.delete(checkpoint));
  }
  return cards.get(checkpoint);
}

/** Files may have changed: ask again. */
export function forgetModels() {
  cards.clear();
}

/**
 * Pictures side by side: { image, made }, loaded, and how many of them there are; of a slow model perhaps the first only, and asking
 * again gives more. Throws as `describe`.
 */
export async function pictures(address, values) {
  const response = await ask(address, values);
  return { made: Number(response.headers.get("Soat-Made")), image: await createImageBitmap(await response.blob()) };
}

/** The first of the pictures. */
export async function firstPicture({ address, query }) {
  const { image, made } = await pictures(address, query);
  return createImageBitmap(image, 0, 0, image.width / made, image.height);
}

/** Pictures of consecutive seeds. */
export const samples = (values) => pictures("/soat/samples", values);
