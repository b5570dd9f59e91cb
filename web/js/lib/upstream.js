// What a node's wires come from, as far as it can be told before a run.

import { giverOf, here, sourceOf } from "./wires.js";

const FARTHEST = 64;

/** An input's value at a place; undefined if another node makes it. */
export function known(place, name) {
  return giverOf(place, name).widget?.value;
}

/** The place that an input's wire comes from; null if there is none. */
export function above(node, input) {
  return sourceOf(here(node), input);
}

// Whatever a node works on was made by a generator; its features tell more of it than its latents, which others may have made.
const MADE_BY = ["SOAT_GENERATOR", "SOAT_FEATURES", "SOAT_LATENT"];

/** The place of the LoadStyleGAN whose generator a node works with; null if there is none. */
function loaderOf(place, steps = 0) {
  if (place.node.comfyClass === "LoadStyleGAN") return place;
  // A saved graph may go round in a circle.
  if (steps > FARTHEST) return null;
  const slots = MADE_BY.map((type) => place.node.inputs?.find((slot) => slot.type === type && slot.link != null));
  for (const slot of slots) {
    const source = slot && sourceOf(place, slot.name);
    // The first that leads somewhere: the others would ask the same again, and there may be many ways.
    if (source) return loaderOf(source, steps + 1);
  }
  return null;
}

/** The file that the generator of the node at a place comes from, or undefined. */
export function checkpointAt(place) {
  const source = loaderOf(place);
  return source ? known(source, "checkpoint") : undefined;
}

export const checkpointOf = (node) => checkpointAt(here(node));
