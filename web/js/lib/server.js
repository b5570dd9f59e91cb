// What our part of the server tells of model files.

import { api } from "../../../../scripts/api.js";

async function ask(address, values) {
  const response = await api.fetchApi(`${address}?${new URLSearchParams(values)}`);
  if (response.ok) return response;
  const told = await response.json().catch(() => null);
  throw new Error(told?.error ?? `The server answered ${response.status}. Its log says why.`);
}

/** What a file is: { summary, text }. Throws an Error whose message says why it is refused. */
export async function describe(checkpoint) {
  return (await ask("/soat/model", { checkpoint })).json();
}

/** Pictures of consecutive seeds side by side, as an image that is loaded. Throws as `describe`. */
export async function samples(values) {
  const blob = await (await ask("/soat/samples", values)).blob();
  return createImageBitmap(blob);
}
