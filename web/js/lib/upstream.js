// What a node's wires come from, as far as it can be told before a run.

import { giverOf, here, sourceOf } from "./wires.js";

/** An input's value at a place; undefined if another node makes it. */
export function known(place, name) {
  return giverOf(place, name).widget?.value;
}

/** The place that an input's wire comes from; null if there is none. */
export function above(node, input) {
  return sourceOf(here(node), input);
}

/** The file that the generator of a node comes from, or undefined. */
export function checkpointOf(node) {
  const source = above(node, "generator");
  return source?.node.comfyClass === "LoadStyleGAN" ? known(source, "checkpoint") : undefined;
}
