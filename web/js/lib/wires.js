// Where wires lead: past reroutes and bypassed nodes, into subgraphs and out of them, however many levels. It looks only at the
// graphs it is given.
//
// A place is { node, hosts }: a node, and the subgraph nodes that were gone into on the way to it, the innermost last. A subgraph
// may be used in several places: who has come in by one of them goes out by the same one.

/** What links call the two ends of a subgraph. */
const INPUTS_END = -10;
const OUTPUTS_END = -20;
const BYPASSED = 4;
// A saved graph may go round in a circle.
const FARTHEST = 64;

export const here = (node) => ({ node, hosts: [] });

function linkOf(graph, id) {
  return id == null ? null : (graph?.links?.get?.(id) ?? graph?.links?.[id] ?? null);
}

/** The subgraph nodes that a graph is the inside of; none of the outermost graph. */
export function hostsOf(graph) {
  const root = graph?.rootGraph;
  if (!root || root === graph) return [];
  const graphs = [root, ...(root.subgraphs?.values() ?? [])];
  return graphs.flatMap(({ nodes }) => nodes ?? []).filter(({ subgraph }) => subgraph === graph);
}

/** What runs call a node: once for each way to it through subgraphs, such as `4:7`. */
export function executionIds({ graph, id }) {
  const hosts = hostsOf(graph);
  if (!hosts.length) return [String(id)];
  return hosts.flatMap((host) => executionIds(host).map((path) => `${path}:${id}`));
}

function outside(graph, hosts) {
  const last = hosts.at(-1);
  if (last?.subgraph === graph) return [{ node: last, hosts: hosts.slice(0, -1) }];
  return hostsOf(graph).map(here);
}

/**
 * What an input's wire begins at: { node, hosts }, or { promoted, host } where it begins at a subgraph's own input, whose value is
 * chosen there: `promoted` is that widget. Null if there is no wire, or nothing at its other end.
 */
function beginning(place, index, steps = 0) {
  const { node, hosts } = place;
  const slot = node?.inputs?.[index];
  if (slot && slot.link == null && node.subgraph) {
    const name = slot.widget?.name ?? slot.name;
    const promoted = slot._widget ?? node.widgets?.find((widget) => widget.name === name);
    return promoted ? { promoted, host: node } : null;
  }
  const link = linkOf(node?.graph, slot?.link);
  return link ? wireFrom(link, node.graph, hosts, steps + 1) : null;
}

function wireFrom(link, graph, hosts, steps) {
  if (steps > FARTHEST) return null;
  if (Number(link.origin_id) === INPUTS_END) {
    for (const outer of outside(graph, hosts)) {
      const found = beginning(outer, link.origin_slot, steps);
      if (found) return found;
    }
    return null;
  }
  const node = graph.getNodeById(link.origin_id);
  if (!node) return null;
  if (isPassedBy(node)) {
    const index = passedOn(node, link.origin_slot);
    return index < 0 ? null : beginning({ node, hosts }, index, steps);
  }
  if (!node.subgraph) return { node, hosts };
  const [inner] = node.subgraph.outputNode?.slots?.[link.origin_slot]?.linkIds ?? [];
  const next = linkOf(node.subgraph, inner);
  return next ? wireFrom(next, node.subgraph, [...hosts, node], steps + 1) : null;
}

/** Whether a node gives on what it gets. */
export function isPassedBy({ mode, type }) {
  return mode === BYPASSED || type === "Reroute";
}

/** The input that a reroute's or a bypassed node's output is. */
function passedOn(node, output) {
  if (node.type === "Reroute") return 0;
  const type = node.outputs?.[output]?.type;
  if (node.inputs?.[output]?.type === type) return output;
  return node.inputs?.findIndex((input) => input.type === type) ?? -1;
}

/** The place that an input's wire comes from; null if there is none. */
export function sourceOf(place, input) {
  const index = place?.node?.inputs?.findIndex(({ name }) => name === input) ?? -1;
  const found = index < 0 ? null : beginning(place, index);
  return found?.node ? found : null;
}

/**
 * Whose widget gives an input its value: { node, widget }, its own or one of a subgraph node around it; `widget` is undefined if
 * the value comes of a node that makes it.
 */
export function giverOf(place, name) {
  const { node } = place;
  const index = node?.inputs?.findIndex((slot) => slot.widget?.name === name) ?? -1;
  if (index < 0 || node.inputs[index].link == null)
    return { node, widget: node?.widgets?.find((each) => each.name === name) };
  const found = beginning(place, index);
  if (found?.promoted) return { node: found.host, widget: found.promoted };
  // ComfyUI's own nodes that are nothing but a value.
  if (/^Primitive/.test(found?.node?.type)) return { node: found.node, widget: found.node.widgets?.[0] };
  return { node: found?.node ?? null, widget: undefined };
}

/** The places that a node's outputs lead to; types: which of them, if not all. */
export function* targetsOf({ node, hosts }, types) {
  for (const output of node.outputs ?? [])
    if (!types || types.includes(output.type)) yield* wiresTo(node.graph, output.links, hosts, 0);
}

function* wiresTo(graph, ids, hosts, steps) {
  if (steps > FARTHEST) return;
  for (const id of ids ?? []) {
    const link = linkOf(graph, id);
    if (!link) continue;
    if (Number(link.target_id) === OUTPUTS_END) {
      for (const { node, hosts: outer } of outside(graph, hosts))
        yield* wiresTo(node.graph, node.outputs?.[link.target_slot]?.links, outer, steps + 1);
      continue;
    }
    const node = graph.getNodeById(link.target_id);
    if (!node) continue;
    if (!node.subgraph) yield { node, hosts };
    else {
      const inner = node.subgraph.inputNode?.slots?.[link.target_slot]?.linkIds;
      yield* wiresTo(node.subgraph, inner, [...hosts, node], steps + 1);
    }
  }
}
