// SampleLatent: what the seeds around the chosen one look like, to choose by a click.

import { cell, chosen, firstOf, partAt } from "../geometry/sheet.js";
import { addDrawing } from "../lib/drawing.js";
import { controlOf, options, read } from "../lib/inputs.js";
import { modelFor } from "../lib/model.js";
import { hear } from "../lib/news.js";
import { Sheet } from "../lib/sheet.js";
import { remark, say } from "../lib/text.js";
import { checkpointOf } from "../lib/upstream.js";

const COUNT = 12;
const LARGEST = Number.MAX_SAFE_INTEGER + 1 - COUNT;
const SETTINGS = ["truncation_psi", "truncation_cutoff", "class_idx", "rng"];
// Kept in the workflow: who has opened the sheet once has it open again.
const OPEN = "soat_contact_sheet";

export function addContactSheet(node) {
  let page = null;
  let seen = null;

  /** The first seed shown: the page that was turned to, until another seed is set that isn't on it. */
  function first({ seed }) {
    if (page === null || (seed !== seen && (seed < page || seed >= page + COUNT))) page = firstOf(seed, COUNT, LARGEST);
    seen = seed;
    return page;
  }

  function ask(values) {
    const checkpoint = checkpointOf(node);
    if (checkpoint === undefined) return sheet.showNothing("Connect Load StyleGAN to see its seeds.");
    return sheet.show("/soat/samples", { checkpoint, seed: first(values), count: COUNT, ...read(node, SETTINGS) });
  }

  function draw(context, box, values, colours) {
    if (!node.properties[OPEN]) return void say(context, box, "Click to see what seeds look like.", colours);
    ask(values);
    if (!sheet.picture) {
      say(context, box, sheet.message, colours);
      return sheet.message;
    }
    const place = sheet.draw(context, COUNT, box);
    const from = first(values);
    for (let index = 0; index < COUNT; index += 1) {
      const seed = from + index;
      if (seed < values.seed || seed >= values.seed + values.batch_size) continue;
      const { left, top, side } = cell(index, place);
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

  // A seed that was chosen is to stay.
  const kept = () => ({ [controlOf(node, "seed")]: "fixed" });

  function take(values, part, event) {
    if (part === "open") {
      node.properties[OPEN] = true;
      return {};
    }
    if (part === "previous" || part === "next") {
      page = Math.min(Math.max(first(values) + (part === "next" ? COUNT : -COUNT), 0), LARGEST);
      return {};
    }
    return { ...chosen(values, first(values) + part, event.shiftKey, largestBatch), ...kept() };
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
      return { seed: Math.min(Math.max(values.seed + step, 0), LARGEST + COUNT - 1), ...kept() };
    },
    cursor: (part) => (part === null ? "default" : "pointer"),
  });
  const model = modelFor(node, redraw);
  const sheet = new Sheet(redraw);
  hear(node, "files", () => sheet.forget());
}
