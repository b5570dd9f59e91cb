// The picture a node shows while it works. The frontend keeps it after the run: the classic renderer goes on showing it instead
// of the result, Nodes 2.0 shows it once more under the result.

import { app } from "../../../../scripts/app.js";

// Other packs may have nodes of the same names.
const CATEGORY = "StyleGAN (SOAT)";

export const isOurs = (node) => node?.constructor?.nodeData?.category?.split("/")[0] === CATEGORY;

/** Take it away from a node of this pack that has a result to show now, and from the subgraphs around it. */
export function removeLivePicture({ node, display_node, output }) {
  if (!output?.images?.length) return;
  const shown = onTheWayTo(String(display_node ?? node));
  if (isOurs(shown.at(-1))) shown.forEach(revoke);
}

/** Take it away from a node that shows it in its drawing; by what runs call the node. */
export function keepOffNode(executionId) {
  const node = onTheWayTo(executionId).at(-1);
  if (isOurs(node)) revoke(node);
}

function revoke(node) {
  const place = app.extensionManager?.workflow?.nodeToNodeLocatorId?.(node);
  if (place) previews()?.revokePreviewsByLocatorId?.(place);
}

/** A node by what runs call it, such as `4:7`, after the subgraph nodes it lies in. */
function onTheWayTo(executionId) {
  const nodes = [];
  let graph = app.rootGraph ?? app.graph;
  for (const id of executionId.split(":")) {
    nodes.push(graph?.getNodeById?.(Number(id)));
    graph = nodes.at(-1)?.subgraph;
  }
  return nodes.filter(Boolean);
}

/** Where the frontend keeps these pictures: extensions have no other way to them. Undefined in versions without. */
function previews() {
  const { $pinia } = document.getElementById("vue-app")?.__vue_app__?.config.globalProperties ?? {};
  return $pinia?._s?.get("nodeOutput");
}
