// What nodes have told of their last run.

import { api } from "../../../../scripts/api.js";
import { app } from "../../../../scripts/app.js";
import { hear } from "./news.js";

/** What a node has told last, in a subgraph too; undefined if nothing. */
export function toldBy(node) {
  const key = app.extensionManager?.workflow?.nodeToNodeLocatorId?.(node) ?? node.id;
  return app.nodeOutputs?.[key];
}

/** Call back with what a node tells: at each run, and again when the node was made anew, as undo does. */
export function whenTold(node, heard) {
  let last;
  hear(node, "outputs", () => {
    const told = toldBy(node);
    if (!told || told === last) return;
    last = told;
    heard(told);
  });
}

/** Load a picture that a node has told of; null if there is none, or it is gone. */
export async function load(entry) {
  if (!entry) return null;
  const image = new Image();
  // Names come again after a restart of the server: never what the browser has kept.
  image.src = api.apiURL(`/view?${new URLSearchParams({ ...entry, rand: Math.random() })}`);
  return image.decode().then(
    () => image,
    () => null,
  );
}
