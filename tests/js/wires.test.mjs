import assert from "node:assert/strict";
import test from "node:test";

import { executionIds, giverOf, here, hostsOf, sourceOf, targetsOf } from "../../web/js/lib/wires.js";

/** A graph of nodes { id: { type, inputs: [names], widgets, mode, subgraph } } and links [id, from, slot, to, slot]. */
function graph(nodes, links, { inputs = [], outputs = [], root } = {}) {
  const made = {
    links: new Map(),
    nodes: Object.entries(nodes).map(([id, node]) => ({
      id: Number(id),
      outputs: [{ type: "T", links: [] }, { type: "T", links: [] }],
      widgets: [],
      ...node,
      inputs: (node.inputs ?? []).map((name) => ({ name, type: "T", link: null, widget: node.widgets ? { name } : undefined })),
    })),
    inputNode: { slots: inputs.map(() => ({ linkIds: [] })) },
    outputNode: { slots: outputs.map(() => ({ linkIds: [] })) },
    subgraphs: new Map(),
    getNodeById: (id) => made.nodes.find((node) => node.id === id),
  };
  made.rootGraph = root ?? made;
  root?.subgraphs.set(root.subgraphs.size, made);
  for (const node of made.nodes) node.graph = made;
  for (const [id, from, out, to, into] of links) {
    made.links.set(id, { origin_id: from, origin_slot: out, target_id: to, target_slot: into });
    (from === -10 ? made.inputNode.slots[out].linkIds : made.getNodeById(from).outputs[out].links).push(id);
    if (to === -20) made.outputNode.slots[into].linkIds.push(id);
    else made.getNodeById(to).inputs[into].link = id;
  }
  return made;
}

/** Load -> [ [ Cut ] -> ] -> Render: a cut two levels down. */
function nested() {
  const root = graph({ 1: { type: "Load" }, 2: { inputs: ["model"] }, 3: { type: "Render", inputs: ["features"] } }, [
    [1, 1, 0, 2, 0],
    [2, 2, 0, 3, 0],
  ]);
  const ends = { inputs: ["model"], outputs: ["features"], root };
  const wires = [
    [1, -10, 0, 1, 0],
    [2, 1, 0, -20, 0],
  ];
  const middle = graph({ 1: { inputs: ["model"] } }, wires, ends);
  const inner = graph({ 1: { type: "Cut", inputs: ["model"] } }, wires, ends);
  root.getNodeById(2).subgraph = middle;
  middle.getNodeById(1).subgraph = inner;
  return { root, middle, inner };
}

test("a wire comes out of subgraphs and goes into them", () => {
  const { root, middle, inner } = nested();
  const cut = inner.getNodeById(1);
  assert.equal(sourceOf(here(cut), "model").node.type, "Load");
  const found = sourceOf(here(root.getNodeById(3)), "features");
  assert.equal(found.node, cut);
  assert.deepEqual(found.hosts, [root.getNodeById(2), middle.getNodeById(1)]);
  assert.deepEqual([...targetsOf(here(cut))].map(({ node }) => node.type), ["Render"]);
  assert.deepEqual([...targetsOf(here(root.getNodeById(1)))].map(({ node }) => node.type), ["Cut"]);
  assert.deepEqual(hostsOf(inner), [middle.getNodeById(1)]);
  assert.deepEqual(hostsOf(root), []);
  assert.deepEqual(executionIds(cut), ["2:1:1"]);
  assert.deepEqual(executionIds(root.getNodeById(3)), ["3"]);
});

test("who goes into one of two uses of a subgraph comes out of that one", () => {
  const root = graph(
    { 1: { type: "One" }, 2: { type: "Other" }, 3: { inputs: ["a"] }, 4: { inputs: ["a"] }, 5: { type: "End", inputs: ["x"] } },
    [
      [1, 1, 0, 3, 0],
      [2, 2, 0, 4, 0],
      [3, 4, 0, 5, 0],
    ],
  );
  const inner = graph({ 1: { type: "Inner", inputs: ["a"] } }, [[1, -10, 0, 1, 0], [2, 1, 0, -20, 0]], {
    inputs: ["a"],
    outputs: ["b"],
    root,
  });
  root.getNodeById(3).subgraph = root.getNodeById(4).subgraph = inner;
  const inside = sourceOf(here(root.getNodeById(5)), "x");
  assert.equal(inside.node.type, "Inner");
  assert.equal(sourceOf(inside, "a").node.type, "Other");
});

test("a value is the node's own, that of a subgraph around it, or another node's", () => {
  const own = { name: "seed", value: 1 };
  const promoted = { name: "seed", value: 2 };
  const root = graph({ 1: { inputs: ["seed"], widgets: [promoted] } }, []);
  const inner = graph({ 1: { type: "Sample", inputs: ["seed"], widgets: [own] } }, [[1, -10, 0, 1, 0]], { inputs: ["seed"], root });
  const sample = inner.getNodeById(1);
  root.getNodeById(1).subgraph = inner;
  assert.deepEqual(giverOf(here(sample), "seed"), { node: root.getNodeById(1), widget: promoted });
  sample.inputs[0].link = null;
  assert.equal(giverOf(here(sample), "seed").widget, own);

  const flat = graph(
    { 1: { type: "Maker" }, 2: { type: "PrimitiveNode", widgets: [{ value: 7 }] }, 3: { inputs: ["a", "b"], widgets: [] } },
    [
      [1, 1, 0, 3, 0],
      [2, 2, 0, 3, 1],
    ],
  );
  assert.equal(giverOf(here(flat.getNodeById(3)), "a").widget, undefined);
  assert.equal(giverOf(here(flat.getNodeById(3)), "b").widget.value, 7);
});

test("reroutes and bypassed nodes are passed, circles end", () => {
  const chain = graph(
    { 1: { type: "Load" }, 2: { type: "Reroute", inputs: [""] }, 3: { type: "Edit", mode: 4, inputs: ["x"] }, 4: { inputs: ["x"] } },
    [
      [1, 1, 0, 2, 0],
      [2, 2, 0, 3, 0],
      [3, 3, 0, 4, 0],
    ],
  );
  assert.equal(sourceOf(here(chain.getNodeById(4)), "x").node.type, "Load");
  assert.equal(sourceOf(here(chain.getNodeById(4)), "y"), null);
  const circle = graph({ 1: { type: "Reroute", inputs: [""] }, 2: { type: "Reroute", inputs: [""] }, 3: { inputs: ["x"] } }, [
    [1, 1, 0, 2, 0],
    [2, 2, 0, 1, 0],
    [3, 2, 0, 3, 0],
  ]);
  assert.equal(sourceOf(here(circle.getNodeById(3)), "x"), null);
});
