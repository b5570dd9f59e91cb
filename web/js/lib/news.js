// News that drawings may want to look at. It is told to the nodes that are in the graph now, so nothing is listened to, or held,
// for a node that is gone or never was in one: copying makes such nodes.

import { app } from "../../../../scripts/app.js";

const HEARS = Symbol("what a node does at news");

/** The nodes of the graph and of all its subgraphs. */
export function* allNodes() {
  const root = app.rootGraph ?? app.graph;
  for (const graph of [root, ...(root?.subgraphs?.values() ?? [])]) yield* graph?.nodes ?? [];
}

/**
 * Call back at news of a kind: "outputs" (a node has told something, or what nodes told is there again), "inputs" (one of our
 * nodes has another value or wire), "work" (a node that is at work has shown something), "files" (they are to be looked at anew), "colours" (of the theme).
 */
export function hear(node, kind, callback) {
  node[HEARS] ??= {};
  (node[HEARS][kind] ??= []).push(callback);
}

let held = false;

/** While a graph is being opened there is no news; after it, all is news. */
export function holdNews(whether) {
  held = whether;
}

export const isHeld = () => held;

export function announce(kind) {
  if (held) return;
  for (const node of allNodes()) for (const callback of node[HEARS]?.[kind] ?? []) callback();
}
