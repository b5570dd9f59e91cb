// What lies behind a drawing: the last picture that was made of what a node gives on, or what it is given.
//
// It is told of as an entry: a file of ComfyUI's { filename, subfolder, type }, or what to ask our part of the server
// { address, query, shown }, of whose pictures the first counts.

import { sheetOfFirst } from "./batch.js";
import { entryOf } from "./file_names.js";
import { toldBy } from "./told.js";
import { above, checkpointAt, known, remarkOnPictures } from "./upstream.js";
import { here, isPassedBy, sourceOf, targetsOf } from "./wires.js";

// Behind these the canvas is what it was before them: what they show is what the node before them gave on.
const KEEPS_THE_CANVAS = new Set(["InterpolateFeatures", "MixStyles", "RegionMask", "ShiftBlend", "Render", "WarpFeatures"]);

// And behind these the picture.
const KEEPS_THE_PICTURE = new Set(["Render"]);

// And behind these the picture that a code has, which outputs of these types show.
const SHOWS_THE_CODE = new Set(["GetFeatures", "Render"]);
const OF_THE_CODE = ["SOAT_LATENT", "IMAGE"];

function* after(place, lookBehind, types, seen = new Set()) {
  for (const next of targetsOf(place, types)) {
    const { node } = next;
    if (seen.has(node)) continue;
    seen.add(node);
    yield node;
    if (isPassedBy(node) || lookBehind.has(node.comfyClass ?? node.type)) yield* after(next, lookBehind, undefined, seen);
  }
}

function firstShown(place, lookBehind, types) {
  for (const next of after(place, lookBehind, types)) {
    const image = toldBy(next)?.images?.[0];
    if (image) return image;
  }
  return null;
}

/** The first picture shown behind a node, as it was told of; null if there is none. */
export const pictureAfter = (node) => firstShown(here(node), KEEPS_THE_CANVAS);

/**
 * The picture that features have in them which an input gets: what their seed looks like, if they are those of a seed, which is
 * known before a run; else the last that was shown of them elsewhere. Null if it can't be told.
 */
export function featuresBefore(node, input) {
  const source = above(node, input);
  if (!source) return null;
  const isCut = source.node.comfyClass === "GetFeatures";
  return (isCut ? seedOf(source) : null) ?? firstShown(source, KEEPS_THE_PICTURE);
}

/** The same of a node's features, which else the node has told of as `soat_before`. */
export const mapBefore = (node) => featuresBefore(node, "features") ?? toldBy(node)?.soat_before?.[0] ?? null;

/**
 * The picture of the latent that a node gets, as its generator makes it: what the seed looks like; else what the node has told of
 * it as `soat_before`; else the last that was shown of it elsewhere. Null if it can't be told.
 */
export function latentBefore(node) {
  const source = above(node, "latent");
  if (!source) return null;
  return seedOf(here(node)) ?? toldBy(node)?.soat_before?.[0] ?? firstShown(source, SHOWS_THE_CODE, OF_THE_CODE);
}

/** Of a place that has a generator and a latent. */
function seedOf(place) {
  const latent = sourceOf(place, "latent");
  // With the styles of one model another makes another picture; and one that was made of a file's, another than that.
  const isOfTheFile = latent && checkpointAt(latent) === checkpointAt(place) && !remarkOnPictures(place);
  return isOfTheFile ? sheetOfFirst(latent) : null;
}

/** The picture that an input gets: what the node before has shown, or the file it loads; null if it can't be told. */
export function pictureBefore(node, input) {
  const source = above(node, input);
  if (!source) return null;
  const told = toldBy(source.node)?.images?.[0];
  if (told) return told;
  const file = source.node.comfyClass === "LoadImage" ? known(source, "image") : undefined;
  return typeof file === "string" && file ? entryOf(file) : null;
}
