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

/**
 * The LoadStyleGAN whose generator a node works with, and who made another of it on the way: { loader, changer }, both places; null
 * if there is none. changer: the last of them; null if there is none.
 */
function originOf(place, steps = 0) {
  if (place.node.comfyClass === "LoadStyleGAN") return { loader: place, changer: null };
  // A saved graph may go round in a circle.
  if (steps > FARTHEST) return null;
  const slots = MADE_BY.map((type) => place.node.inputs?.find((slot) => slot.type === type && slot.link != null));
  for (const slot of slots) {
    const source = slot && sourceOf(place, slot.name);
    if (!source) continue;
    // The first that leads somewhere: the others would ask the same again, and there may be many ways.
    const origin = originOf(source, steps + 1);
    const isChanged = slot.type === MADE_BY[0] && source.node !== origin?.loader.node;
    return origin && isChanged ? { ...origin, changer: source } : origin;
  }
  return null;
}

/** The file that the generator of the node at a place comes from, or undefined. */
export function checkpointAt(place) {
  const origin = originOf(place);
  return origin ? known(origin.loader, "checkpoint") : undefined;
}

/**
 * What there is to say of pictures that a node's file would make: of which file, if the node works with another generator that was
 * made of it, by MergeGenerators for instance. Nothing as a rule.
 */
export function remarkOnPictures(place) {
  const changer = originOf(place)?.changer;
  if (!changer) return "";
  return `Pictures of ${checkpointAt(place)} alone, before ${changer.node.title ?? changer.node.comfyClass}.`;
}

export const checkpointOf = (node) => checkpointAt(here(node));
