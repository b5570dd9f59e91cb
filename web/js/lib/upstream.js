// What a node's wires come from.

import { app } from "../../../../scripts/app.js";
import { isLinked, read } from "./inputs.js";

/** The node that an input's wire comes from, past plain reroutes; null if there is none. */
export function sourceOf(node, input) {
  const slot = node?.inputs?.find(({ name }) => name === input);
  const source = follow(node, slot?.link);
  return source?.type === "Reroute" ? sourceOf(source, source.inputs?.[0]?.name) : source;
}

function follow(node, id) {
  const graph = node?.graph ?? app.graph;
  const link = id == null ? null : (graph.links.get?.(id) ?? graph.links[id]);
  return link ? graph.getNodeById(link.origin_id) : null;
}

/** An input's value as far as it can be told before a run; undefined if another node gives it. */
export function known(node, name) {
  return isLinked(node, name) ? undefined : read(node, [name])[name];
}

/** The file that a generator's wire comes from, or undefined. */
export function checkpointOf(node) {
  const source = sourceOf(node, "generator");
  return source?.comfyClass === "LoadStyleGAN" ? known(source, "checkpoint") : undefined;
}
