// SampleLatentSequence and SampleLatentGrid: what they give. SelectLatents: the batch to pick from, by clicks.

import { cell, partAt, toggled } from "../geometry/sheet.js";
import { picks } from "../geometry/strip.js";
import { sheetOf } from "../lib/batch.js";
import { addDrawing } from "../lib/drawing.js";
import { controlOf } from "../lib/inputs.js";
import { hear } from "../lib/news.js";
import { openable } from "../lib/openable.js";
import { Sheet } from "../lib/sheet.js";
import { remark, say } from "../lib/text.js";
import { above } from "../lib/upstream.js";
import { here } from "../lib/wires.js";

// Kept in the workflow: who has opened the sheet once has it open again.
const OPEN = "soat_contact_sheet";
const CLOSED_HEIGHT = 44;
const OPEN_HEIGHT = 124;
const LARGEST_SEED = Number.MAX_SAFE_INTEGER;

export function addRelatedSheet(node) {
  addSheet(node, {
    name: "related",
    title: "pictures",
    label: "What the seed gives: Enter shows it; arrow keys choose the next or the previous seed",
    inputs: ["seed"],
    batch: () => here(node),
    nothing: "Connect Load StyleGAN to see its pictures.",
    hasArrows: true,
    take: ({ seed }, part) => (typeof part === "string" ? step(node, seed, part === "next" ? 1 : -1) : {}),
    key({ seed }, { key }) {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[key];
      return by ? step(node, seed, by) : null;
    },
  });
}

/** The next seed or the one before, which is to stay. */
function step(node, seed, by) {
  return { seed: Math.min(Math.max(seed + by, 0), LARGEST_SEED), [controlOf(node, "seed")]: "fixed" };
}

export function addPickSheet(node) {
  addSheet(node, {
    name: "picks",
    title: "pictures",
    label: "The batch: Enter shows it; a click picks a picture, or leaves it out again",
    inputs: ["items"],
    batch: () => above(node, "latent"),
    nothing: "Connect Sample Latent, a sequence or a grid to see its pictures.",
    hasArrows: false,
    chosen: ({ items }, count) => picks(items, count) ?? [],
    take: ({ items }, part, count) => (Number.isInteger(part) ? { items: toggled(picks(items, count) ?? [], part).join(", ") } : {}),
    key: () => null,
  });
}

function addSheet(node, { batch, nothing, hasArrows, chosen, take, key, ...drawing }) {
  const sheetDrawing = {
    ...drawing,
    draw(context, box, values, colours) {
      const asked = sheetOf(batch());
      if (asked) sheet.show(asked.address, asked.query, asked.shown);
      else sheet.showNothing(nothing);
      if (!sheet.picture) {
        say(context, box, sheet.message, colours);
        return sheet.message;
      }
      const place = sheet.draw(context, asked.shown, box, asked);
      if (hasArrows) drawArrows(context, place, box, colours);
      if (chosen) drawChosen(context, place, chosen(values, asked.count), asked.shown, colours);
      if (asked.said) remark(context, box, asked.said, colours);
      const first = asked.count > asked.shown ? `The first ${asked.shown} of ${asked.count}.` : "";
      return [asked.said, first].filter(Boolean).join(" ");
    },
    press(values, point, box) {
      const asked = sheetOf(batch());
      const part = asked && partAt(point, asked.shown, box, asked.columns);
      return hasArrows || Number.isInteger(part) ? part : null;
    },
    take: (values, part) => take(values, part, sheetOf(batch())?.count),
    drag: () => ({}),
    key,
    cursor: (part) => (part === null || (hasArrows && Number.isInteger(part)) ? "default" : "pointer"),
  };
  const redraw = addDrawing(node, openable(node, OPEN, "Click to see the pictures.", CLOSED_HEIGHT, OPEN_HEIGHT, sheetDrawing));
  const sheet = new Sheet(redraw);
  hear(node, "files", () => sheet.forget());
}

function drawArrows(context, place, box, colours) {
  context.fillStyle = colours.text;
  context.font = "16px sans-serif";
  context.textBaseline = "middle";
  const middle = box.top + box.height / 2;
  context.textAlign = "right";
  context.fillText("‹", place.left - 4, middle);
  context.textAlign = "left";
  context.fillText("›", place.left + place.columns * place.side + 4, middle);
}

/** The order of those that were picked. */
function drawChosen(context, place, items, shown, colours) {
  context.font = "10px sans-serif";
  context.textAlign = "left";
  context.textBaseline = "top";
  const orders = new Map();
  items.forEach((item, order) => orders.set(item, [...(orders.get(item) ?? []), order + 1]));
  for (const [item, order] of orders) {
    if (item >= shown) continue;
    const { left, top, side } = cell(item, place);
    context.strokeStyle = context.fillStyle = colours.accent;
    context.lineWidth = 2;
    context.strokeRect(left + 1, top + 1, side - 3, side - 3);
    context.fillRect(left, top, 13, 13);
    context.fillStyle = "#fff";
    context.fillText(order.join(), left + 3, top + 2, side - 6);
  }
}
