// SampleLatent: what the seeds around the chosen one look like, or the favourites among them, to choose by a click.

import { clamp } from "../geometry/frame.js";
import { cell, chosen, firstOf, isOnSwitch, partAt, starAt, starOf, starPoints, switchOf } from "../geometry/sheet.js";
import { addDrawing } from "../lib/drawing.js";
import { favouritesOf, toggleFavourite } from "../lib/favourites.js";
import { controlOf, options, read } from "../lib/inputs.js";
import { modelFor } from "../lib/model.js";
import { hear } from "../lib/news.js";
import { openable } from "../lib/openable.js";
import { Sheet } from "../lib/sheet.js";
import { remark, say } from "../lib/text.js";
import { checkpointOf, remarkOnPictures } from "../lib/upstream.js";
import { here } from "../lib/wires.js";

const COUNT = 12;
const LARGEST = Number.MAX_SAFE_INTEGER + 1 - COUNT;
const HEIGHT = 112;
const SETTINGS = ["truncation_psi", "truncation_cutoff", "class_idx", "rng"];
// Kept in the workflow: who has opened the sheet once has it open again, and sees in it what was seen last.
const OPEN = "soat_contact_sheet";
const ONLY_FAVOURITES = "soat_shows_favourites";
const GOLD = "#facc15";
const SHADOW = "rgba(0, 0, 0, 0.55)";
const LABEL =
  "Seeds: Enter shows them; click one to choose it, with Shift all up to it; arrow keys choose the next or the previous; " +
  "F marks the chosen one as a favourite, Shift and F show the favourites";

export function addContactSheet(node) {
  let page = null;
  let seen = null;
  let favouritePage = 0;

  const showsFavourites = () => Boolean(node.properties[ONLY_FAVOURITES]);
  const modelOf = ({ rng }) => ({ checkpoint: checkpointOf(node), rng });
  const favourites = (values) => favouritesOf(node, modelOf(values));
  const lastPage = (values) => Math.max(Math.ceil(favourites(values).length / COUNT) - 1, 0);

  /** The first seed shown: the page that was turned to, until another seed is set that isn't on it. */
  function first({ seed }) {
    if (page === null || (seed !== seen && (seed < page || seed >= page + COUNT))) page = firstOf(seed, COUNT, LARGEST);
    seen = seed;
    return page;
  }

  /** The seeds of the page that is shown. */
  function seedsShown(values) {
    if (!showsFavourites()) return Array.from({ length: COUNT }, (_, index) => first(values) + index);
    favouritePage = Math.min(favouritePage, lastPage(values));
    return favourites(values).slice(favouritePage * COUNT, (favouritePage + 1) * COUNT);
  }

  function ask(values, seeds) {
    const { checkpoint } = modelOf(values);
    if (checkpoint === undefined) return sheet.showNothing("Connect Load StyleGAN to see its seeds.");
    if (!seeds.length) return sheet.showNothing("No favourites of this model yet: mark seeds by the star on their pictures.");
    const which = showsFavourites() ? { seeds: seeds.join() } : { seed: seeds[0], count: COUNT };
    return sheet.show("/soat/samples", { checkpoint, ...which, ...read(node, SETTINGS) }, seeds.length);
  }

  function draw(context, box, values, colours, hold, hover) {
    const seeds = seedsShown(values);
    ask(values, seeds);
    drawSwitch(context, switchOf(box), favourites(values).length, showsFavourites(), colours);
    if (!sheet.picture) {
      const beside = switchOf(box).side + 4;
      say(context, { ...box, left: box.left + beside, width: box.width - 2 * beside }, sheet.message, colours);
      return sheet.message;
    }
    const place = sheet.draw(context, seeds.length, box, { room: COUNT });
    const marked = new Set(favourites(values));
    const under = hover && partAt(hover, COUNT, box);
    for (const [index, seed] of seeds.entries()) {
      const tile = cell(index, place);
      if (seed >= values.seed && seed < values.seed + values.batch_size) drawFrame(context, tile, seed === values.seed, colours);
      if (marked.has(seed) || index === under) drawStar(context, starOf(tile), marked.has(seed), "#fff");
      if (index === under) drawNumber(context, tile, seed);
    }
    drawArrows(context, box, place, hasPages(values), colours);
    const ignored = values.class_idx >= 0 && model()?.classes === 0;
    const classes = ignored ? `This model has no classes: class_idx ${values.class_idx} is ignored.` : "";
    const said = [classes, remarkOnPictures(here(node))].filter(Boolean).join(" ");
    return said && remark(context, box, said, colours);
  }

  /** Whether there is a page before and one after: [before, after]. */
  function hasPages(values) {
    if (showsFavourites()) return [favouritePage > 0, favouritePage < lastPage(values)];
    return [first(values) > 0, first(values) < LARGEST];
  }

  function turn(values, by) {
    if (showsFavourites()) favouritePage = clamp(favouritePage + by, 0, lastPage(values));
    else page = clamp(first(values) + by * COUNT, 0, LARGEST);
    return {};
  }

  function press(values, point, box) {
    if (isOnSwitch(point, box)) return "switch";
    const part = partAt(point, COUNT, box);
    if (!Number.isInteger(part)) return part;
    const seed = seedsShown(values)[part];
    if (seed === undefined) return null;
    return starAt(point, COUNT, box) === null ? { seed } : { star: seed };
  }

  function take(values, part, { shiftKey }) {
    if (part === "switch") return switchOver();
    if (part === "previous" || part === "next") return turn(values, part === "next" ? 1 : -1);
    if (part.star !== undefined) return mark(values, part.star);
    // Favourites are no row, which a batch could reach along.
    return { ...chosen(values, part.seed, shiftKey && !showsFavourites(), largestBatch), ...kept() };
  }

  function switchOver() {
    node.properties[ONLY_FAVOURITES] = !showsFavourites();
    return {};
  }

  function mark(values, seed) {
    toggleFavourite(node, modelOf(values), seed);
    return {};
  }

  // A seed that was chosen is to stay.
  const kept = () => ({ [controlOf(node, "seed")]: "fixed" });

  const largestBatch = options(node, "batch_size").max;
  const drawing = {
    name: "seeds",
    label: LABEL,
    inputs: ["seed", "batch_size", ...SETTINGS],
    draw,
    press,
    take,
    drag: () => ({}),
    key(values, { key, shiftKey }) {
      if (key.toLowerCase() === "f" && node.properties[OPEN]) return shiftKey ? switchOver() : mark(values, values.seed);
      const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
      if (!step) return null;
      return { seed: clamp(values.seed + step, 0, LARGEST + COUNT - 1), ...kept() };
    },
    cursor: (part) => (part === null ? "default" : "pointer"),
  };
  const redraw = addDrawing(node, openable(node, OPEN, "Click to see what seeds look like.", HEIGHT, HEIGHT, drawing));
  const model = modelFor(node, redraw);
  const sheet = new Sheet(redraw);
  hear(node, "files", () => sheet.forget());
}

function drawFrame(context, { left, top, side }, isFirst, colours) {
  context.strokeStyle = colours.accent;
  context.lineWidth = isFirst ? 3 : 1.5;
  context.strokeRect(left + 1, top + 1, side - 3, side - 3);
}

/** Filled, or only its outline, `line`, over a wider one that sets it off from the picture. */
function drawStar(context, square, isFilled, line) {
  context.beginPath();
  for (const { x, y } of starPoints(square)) context.lineTo(x, y);
  context.closePath();
  context.lineJoin = "round";
  context.strokeStyle = SHADOW;
  context.lineWidth = isFilled ? 2 : 3.5;
  context.stroke();
  context.fillStyle = GOLD;
  context.strokeStyle = line;
  context.lineWidth = 1;
  if (isFilled) context.fill();
  else context.stroke();
}

/** A star, filled while only favourites are shown, and how many there are. */
function drawSwitch(context, square, count, isOn, colours) {
  drawStar(context, square, isOn, "#fff");
  if (!count) return;
  context.fillStyle = colours.text;
  context.font = "9px sans-serif";
  context.textAlign = "center";
  context.textBaseline = "top";
  context.fillText(count, square.left + square.side / 2, square.top + square.side + 1, square.side);
}

function drawNumber(context, { left, top, side }, seed) {
  context.font = "9px sans-serif";
  context.textAlign = "left";
  context.textBaseline = "bottom";
  const width = Math.min(context.measureText(seed).width, side - 6);
  context.fillStyle = "rgba(0, 0, 0, 0.65)";
  context.fillRect(left, top + side - 13, width + 5, 12);
  context.fillStyle = "#fff";
  context.fillText(seed, left + 2, top + side - 2, side - 6);
}

function drawArrows(context, box, place, [before, after], colours) {
  context.fillStyle = colours.text;
  context.font = "16px sans-serif";
  context.textBaseline = "middle";
  const middle = box.top + box.height / 2;
  context.textAlign = "right";
  if (before) context.fillText("‹", place.left - 4, middle);
  context.textAlign = "left";
  if (after) context.fillText("›", place.left + place.columns * place.side + 4, middle);
}
