// SampleLatent: what the seeds around the chosen one look like, to choose by a click.

import { cell, chosen, firstOf, layout, partAt } from "../geometry/sheet.js";
import { addDrawing } from "../lib/drawing.js";
import { options, read } from "../lib/inputs.js";
import { modelFor } from "../lib/model.js";
import { hear } from "../lib/news.js";
import { samples } from "../lib/server.js";
import { remark, say } from "../lib/text.js";
import { checkpointOf } from "../lib/upstream.js";

const COUNT = 12;
const LARGEST = Number.MAX_SAFE_INTEGER + 1 - COUNT;
const SETTINGS = ["truncation_psi", "truncation_cutoff", "class_idx", "rng"];
// Milliseconds: a slider that is being dragged doesn't ask at every step.
const PAUSE = 200;
// Kept in the workflow: who has opened the sheet once has it open again.
const OPEN = "soat_contact_sheet";

export function addContactSheet(node) {
  let page = null;
  let seen = null;
  let wanted = null;
  let sheet = null;
  let message = null;

  /** The first seed shown: the page that was turned to, until another seed is set that isn't on it. */
  function first({ seed }) {
    if (page === null || (seed !== seen && (seed < page || seed >= page + COUNT))) page = firstOf(seed, COUNT, LARGEST);
    seen = seed;
    return page;
  }

  /** Ask for a page, once for each. */
  async function fetchPage(values) {
    const checkpoint = checkpointOf(node);
    const request = { checkpoint, seed: first(values), count: COUNT, ...read(node, SETTINGS) };
    const key = JSON.stringify(request);
    if (key === wanted) return;
    [wanted, sheet, message] = [key, null, "..."];
    if (checkpoint === undefined) {
      message = "Connect Load StyleGAN to see its seeds.";
      return;
    }
    await new Promise((done) => setTimeout(done, PAUSE));
    if (key !== wanted) return;
    try {
      const picture = await samples(request);
      if (key === wanted) [sheet, message] = [picture, null];
    } catch (error) {
      if (key === wanted) message = error.message;
    }
    redraw();
  }

  function draw(context, box, values, colours) {
    if (!node.properties[OPEN]) return void say(context, box, "Click to see what seeds look like.", colours);
    fetchPage(values);
    if (!sheet) {
      say(context, box, message, colours);
      return message;
    }
    const place = layout(COUNT, box);
    const from = first(values);
    for (let index = 0; index < COUNT; index += 1) {
      const { left, top, side } = cell(index, place);
      const each = sheet.width / COUNT;
      context.drawImage(sheet, index * each, 0, each, sheet.height, left, top, side - 1, side - 1);
      const seed = from + index;
      if (seed < values.seed || seed >= values.seed + values.batch_size) continue;
      context.strokeStyle = colours.accent;
      context.lineWidth = seed === values.seed ? 3 : 1.5;
      context.strokeRect(left + 1, top + 1, side - 3, side - 3);
    }
    context.fillStyle = colours.text;
    context.font = "16px sans-serif";
    context.textBaseline = "middle";
    const middle = box.top + box.height / 2;
    context.textAlign = "right";
    if (from > 0) context.fillText("‹", place.left - 4, middle);
    context.textAlign = "left";
    if (from < LARGEST) context.fillText("›", place.left + place.columns * place.side + 4, middle);
    if (values.class_idx < 0 || model()?.classes !== 0) return "";
    return remark(context, box, `This model has no classes: class_idx ${values.class_idx} is ignored.`, colours);
  }

  function take(values, part, event) {
    if (part === "open") {
      node.properties[OPEN] = true;
      return {};
    }
    if (part === "previous" || part === "next") {
      page = Math.min(Math.max(first(values) + (part === "next" ? COUNT : -COUNT), 0), LARGEST);
      return {};
    }
    // A seed that was chosen is to stay.
    return { ...chosen(values, first(values) + part, event.shiftKey, largestBatch), control_after_generate: "fixed" };
  }

  const largestBatch = options(node, "batch_size").max;
  const redraw = addDrawing(node, {
    name: "seeds",
    label: "Seeds: Enter shows them; click one to choose it, with Shift all up to it; arrow keys choose the next or the previous",
    height: 112,
    inputs: ["seed", "batch_size", ...SETTINGS],
    draw,
    press: (values, point, box) => (node.properties[OPEN] ? partAt(point, COUNT, box) : "open"),
    take,
    drag: () => ({}),
    key(values, event) {
      if (!node.properties[OPEN] && [" ", "Enter"].includes(event.key)) return take(values, "open", event);
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return null;
      return { seed: Math.min(Math.max(values.seed + step, 0), LARGEST + COUNT - 1), control_after_generate: "fixed" };
    },
    cursor: (part) => (part === null ? "default" : "pointer"),
  });
  const model = modelFor(node, redraw);
  hear(node, "files", () => {
    wanted = null;
    redraw();
  });
}
