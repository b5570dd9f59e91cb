import assert from "node:assert/strict";
import test from "node:test";

import { sheetOf } from "../../web/js/lib/batch.js";
import { checkpointOf, remarkOnPictures } from "../../web/js/lib/upstream.js";
import { here } from "../../web/js/lib/wires.js";

const GENERATOR = { type: "SOAT_GENERATOR" };

/** A graph of nodes { id: { comfyClass, inputs: { name: [type, id of the giver] }, widgets: { name: value } } }, outputs alike. */
function graph(nodes) {
  const made = { links: new Map(), getNodeById: (id) => made.nodes.find((node) => node.id === id) };
  made.rootGraph = made;
  made.nodes = Object.entries(nodes).map(([id, { inputs = {}, widgets = {}, ...node }]) => ({
    id: Number(id),
    graph: made,
    outputs: [GENERATOR],
    widgets: Object.entries(widgets).map(([name, value]) => ({ name, value })),
    inputs: Object.entries(inputs).map(([name, [type, giver]]) => {
      const link = made.links.size + 1;
      made.links.set(link, { origin_id: giver, origin_slot: 0 });
      return { name, type, link };
    }),
    ...node,
  }));
  return made;
}

const load = (checkpoint) => ({ comfyClass: "LoadStyleGAN", widgets: { checkpoint } });
const seeds = { seed: 3, batch_size: 2, truncation_psi: 0.7, truncation_cutoff: -1, class_idx: -1, rng: "numpy" };
const sampled = (giver) => ({ comfyClass: "SampleLatent", inputs: { generator: ["SOAT_GENERATOR", giver] }, widgets: seeds });
const merged = (a, b) => ({
  comfyClass: "MergeGenerators",
  title: "Merge Generators",
  inputs: { generator_a: ["SOAT_GENERATOR", a], generator_b: ["SOAT_GENERATOR", b] },
});

test("pictures of a loaded generator are its own", () => {
  const { getNodeById } = graph({ 1: load("a.pkl"), 2: sampled(1), 3: { inputs: { latent: ["SOAT_LATENT", 2] } } });
  for (const id of [2, 3]) assert.equal(remarkOnPictures(here(getNodeById(id))), "");
  assert.equal(sheetOf(here(getNodeById(2))).said, "");
});

test("pictures before a merged generator are its first one's, and say so", () => {
  const { getNodeById } = graph({ 1: load("a.pkl"), 2: load("b.pkl"), 3: merged(1, 2), 4: sampled(3), 5: sampled(1) });
  assert.equal(checkpointOf(getNodeById(4)), "a.pkl");
  assert.equal(remarkOnPictures(here(getNodeById(4))), "Pictures of a.pkl alone, before Merge Generators.");
  assert.equal(sheetOf(here(getNodeById(4))).said, "Pictures of a.pkl alone, before Merge Generators.");
  assert.equal(remarkOnPictures(here(getNodeById(5))), "");
  // The merging itself works with what was loaded.
  assert.equal(remarkOnPictures(here(getNodeById(3))), "");
});

test("of several that change a generator the last is named; who only passes one's codes on is none", () => {
  const twice = graph({ 1: load("a.pkl"), 2: load("b.pkl"), 3: merged(1, 2), 4: { ...merged(3, 1), title: "Again" }, 5: sampled(4) });
  assert.match(remarkOnPictures(here(twice.getNodeById(5))), /before Again\.$/);
  const searched = { comfyClass: "InvertImage", inputs: { generator: ["SOAT_GENERATOR", 1] } };
  const passed = graph({ 1: load("a.pkl"), 2: searched, 3: { inputs: { latent: ["SOAT_LATENT", 2] } }, 4: sampled(2) });
  assert.equal(remarkOnPictures(here(passed.getNodeById(3))), "");
  assert.equal(remarkOnPictures(here(passed.getNodeById(4))), "Pictures of a.pkl alone, before InvertImage.");
});

test("wires that go round in a circle lead to no file", () => {
  const { getNodeById } = graph({ 1: merged(2, 2), 2: merged(1, 1), 3: sampled(1) });
  assert.equal(checkpointOf(getNodeById(3)), undefined);
  assert.equal(remarkOnPictures(here(getNodeById(3))), "");
});
