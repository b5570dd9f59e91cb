// A Render that is live: while a hand moves or a number changes, its picture is made anew, and nothing else of the graph.
//
// One run at a time, the newest values next; none while others' runs wait, which would be delayed. Where runs are slow, pictures
// are coarse while values change, and whole once they rest.

import { api } from "../../../../scripts/api.js";
import { app } from "../../../../scripts/app.js";
import { after } from "./inputs.js";
import { nextSide } from "../geometry/coarseness.js";
import { hear } from "./news.js";
import { executionIds } from "./wires.js";

const PROPERTY = "soat_live";
// Values that haven't changed for so many milliseconds rest.
const REST = 250;
// The history is tidied after so many milliseconds without a picture, or so many pictures.
const TIDY = 600;
const MOST_KEPT = 20;
const ENDS = ["execution_success", "execution_error", "execution_interrupted"];

/** Runs in the server's queue, of anybody. */
let queued = 0;
const waiting = new Set();
api.addEventListener("status", ({ detail }) => {
  queued = detail?.exec_info?.queue_remaining ?? 0;
  if (!queued) for (const goOn of waiting) goOn();
});

const SWITCH = Symbol("turns a node live");

/** Give a node the switch, which is shown while it is on: off, it would take the room of the picture. */
export function addLive(node) {
  let light = null;
  let asked = false;
  let sent = null;
  let running = null;
  let resting = null;
  // Of pictures while values change, in pixels; 0: whole.
  let side = 0;

  function turn(on) {
    node.properties[PROPERTY] = on;
    sent = null;
    if (on && !light) {
      light = node.addWidget("toggle", "live", true, turn, { serialize: false });
      light.serialize = false;
      light.tooltip = "While values before it change, this picture is made anew at once, and nothing else.";
    }
    if (!on && light) {
      node.removeWidget(light);
      light = null;
    }
    if (on) ask();
  }
  node[SWITCH] = turn;
  after(node, "onConfigure", () => turn(Boolean(node.properties?.[PROPERTY])));

  function ask() {
    if (!light || asked || running) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      run();
    });
  }

  async function run() {
    if (!light || running || !node.graph) return;
    if (queued) return waiting.add(run);
    waiting.delete(run);
    running = {};
    try {
      const prompt = await app.graphToPrompt();
      const targets = executionIds(node).filter((id) => prompt.output[id]);
      const wanted = JSON.stringify(branch(prompt.output, targets));
      if (!targets.length) return;
      if (wanted !== sent?.wanted) clearTimeout(resting);
      else if (!sent.side || !sent.rests) return;
      const chosen = wanted === sent?.wanted ? 0 : side;
      sent = { wanted, side: chosen, rests: false };
      if (chosen) for (const id of targets) prompt.output[id].inputs.coarse_side = chosen;
      const begun = performance.now();
      await finished(() => api.queuePrompt(0, prompt, { partialExecutionTargets: targets }));
      side = nextSide(side, chosen, performance.now() - begun);
      if (chosen) resting = setTimeout(rest, REST);
    } catch {
      // What is wrong with the graph is said when all of it is run; the next change is another try.
    } finally {
      running = null;
    }
    ask();
  }

  /** Nothing has changed since the last picture, which was coarse: a whole one is next. */
  function rest() {
    if (sent) sent.rests = true;
    ask();
  }

  hear(node, "inputs", ask);
  after(node, "onRemoved", () => waiting.delete(run));
}

/** What a node's menu offers. */
export function liveItems(node) {
  const turn = node?.[SWITCH];
  if (!turn) return [];
  const on = Boolean(node.properties[PROPERTY]);
  return [{ content: on ? "Live picture: off" : "Live picture: on", callback: () => turn(!on) }];
}

/** What some nodes need of a prompt, by id. */
function branch(output, targets) {
  const needed = {};
  const ids = [...targets];
  while (ids.length) {
    const id = ids.pop();
    if (needed[id] || !output[id]) continue;
    needed[id] = output[id];
    for (const value of Object.values(output[id].inputs)) if (Array.isArray(value)) ids.push(String(value[0]));
  }
  return Object.fromEntries(Object.entries(needed).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Send a run and wait for its end. What runs leave in the history is taken away once no more come, but for the newest. */
const past = [];
let tidying = null;
async function finished(send) {
  const ended = new Map();
  let tell = null;
  const note = ({ detail }) => {
    ended.set(detail.prompt_id, true);
    tell?.();
  };
  for (const name of ENDS) api.addEventListener(name, note);
  try {
    const { prompt_id: id } = await send();
    while (id && !ended.has(id)) await new Promise((done) => (tell = done));
    if (id) past.push(id);
    clearTimeout(tidying);
    // At once, each would cost the server a request between two pictures.
    tidying = setTimeout(tidy, past.length < MOST_KEPT ? TIDY : 0);
  } finally {
    for (const name of ENDS) api.removeEventListener(name, note);
  }
}

function tidy() {
  const old = past.splice(0, past.length - 1);
  if (!old.length) return;
  const headers = { "Content-Type": "application/json" };
  // What can't be taken away stays: a server that is gone has nothing to say of it.
  api.fetchApi("/history", { method: "POST", headers, body: JSON.stringify({ delete: old }) }).catch(() => {});
}
