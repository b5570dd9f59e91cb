// What nodes have told of their last run.

import { api } from "../../../../scripts/api.js";
import { app } from "../../../../scripts/app.js";
import { lastTold } from "./history.js";
import { allNodes, announce, hear } from "./news.js";
import { executionIds } from "./wires.js";

const RUNS_LOOKED_AT = 8;
let graphsSeen = 0;

function keyOf(node) {
  return app.extensionManager?.workflow?.nodeToNodeLocatorId?.(node) ?? node.id;
}

/** What a node has told last, in a subgraph too; undefined if nothing. */
export function toldBy(node) {
  return app.nodeOutputs?.[keyOf(node)];
}

/**
 * A page that is loaded anew knows of no run, but the server does: ask it of the graph that the page begins with.
 *
 * Of no other: what is opened later is a new copy, even of the same file.
 */
export async function recall() {
  const graph = app.rootGraph ?? app.graph;
  if (!graph?.nodes.length) return;
  graphsSeen += 1;
  if (graphsSeen > 1) return;
  const response = await api.fetchApi(`/history?max_items=${RUNS_LOOKED_AT}`).catch(() => null);
  if (!response?.ok) return;
  const told = lastTold(await response.json(), graph.id);
  if (graphsSeen > 1) return;
  for (const node of allNodes()) {
    const id = executionIds(node).find((each) => told[each]);
    if (id) app.nodeOutputs[keyOf(node)] ??= told[id];
  }
  announce("outputs");
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
