// PanoramaFeatures, StitchFeatures and StitchMany: the row of pictures with the blends over their seams.

import { draggedBlend, elongation, gripAt, moved, nameAt, picks, seams, tileAt, tiles } from "../geometry/strip.js";
import { options, write } from "../lib/inputs.js";
import { whenTold } from "../lib/told.js";
import { above, known } from "../lib/upstream.js";
import { sourceOf } from "../lib/wires.js";
import { withBackdrop } from "../lib/with_backdrop.js";

const REACH = 7;
const UNKNOWN = 4;
// Beside the row, for the pictures' names, by which they can always be taken hold of.
const BAND = 16;

/** How many latents a node gives, as far as that can be told before a run; undefined else. */
function countOf(source, deep = 0) {
  const kind = source?.node.comfyClass;
  if (kind === "SampleLatent") return known(source, "batch_size");
  if (kind === "SampleLatentSequence") return known(source, "count");
  return picksOf(source, deep)?.length;
}

/** The items that a SelectLatents picks, as far as that can be told; null of any other node. */
function picksOf(source, deep = 0) {
  // A saved graph may go round in a circle.
  if (source?.node.comfyClass !== "SelectLatents" || deep > 16) return null;
  return picks(known(source, "items"), countOf(sourceOf(source, "latent"), deep + 1));
}

/** What to call the items of a batch: their seeds, or their numbers where they were picked; undefined where nothing is known. */
function namesOf(source, deep = 0) {
  if (source?.node.comfyClass === "SampleLatent") {
    const [seed, count] = [known(source, "seed"), known(source, "batch_size")];
    return seed === undefined || count === undefined ? undefined : Array.from({ length: count }, (_, index) => seed + index);
  }
  const chosen = picksOf(source, deep);
  if (!chosen) return undefined;
  const all = namesOf(sourceOf(source, "latent"), deep + 1);
  return chosen.map((item) => all?.[item] ?? item);
}

export function addPanoramaStrip(node) {
  addStrip(node, {
    inputs: ["wrap", "blend_width"],
    sizes(told) {
      const count = countOf(above(node, "latent"));
      return count ? Array(count).fill(1) : (told ?? Array(UNKNOWN).fill(1));
    },
    names: () => namesOf(above(node, "latent")),
    isUpright: () => false,
    canReorder: () => Boolean(chosen()),
    reorder: (from, to) => write(above(node, "latent").node, { items: moved(chosen(), from, to).join(", ") }),
  });

  /** Only SelectLatents has an order that can be written down; null for other batches. */
  function chosen() {
    return picksOf(above(node, "latent"));
  }
}

export function addStitchStrip(node) {
  const slots = () => ["features_a", "features_b"].map((name) => node.inputs.find((slot) => slot.name === name));
  addWiredStrip(node, ["direction", "blend_width"], slots, () => ["A", "B"]);
}

export function addManyStrip(node) {
  const slots = () => node.inputs.filter(({ name, link }) => name.startsWith("features.") && link != null);
  // As the inputs are numbered.
  const names = () => slots().map(({ name }) => /\d+$/.exec(name)[0]);
  addWiredStrip(node, ["direction", "blend_width", "wrap"], slots, names);
}

/** The pictures of a row come by a wire each: `slots()` are their inputs. */
function addWiredStrip(node, inputs, slots, names) {
  addStrip(node, {
    inputs,
    /** What a run told is of other wires if there were more or less of them. */
    sizes: (told) => (told?.length === slots().length ? told : Array(slots().length || 2).fill(1)),
    names,
    isUpright: ({ direction }) => direction === "vertical",
    canReorder: () => slots().every((slot) => node.getInputNode(node.inputs.indexOf(slot))),
    /** The wires change places. */
    reorder(from, to) {
      const places = slots().map((slot) => node.inputs.indexOf(slot));
      const wires = places.map((place) => ({ giver: node.getInputNode(place), link: node.getInputLink(place) }));
      for (const [index, { giver, link }] of moved(wires, from, to).entries())
        // With the reroutes that the wire goes through.
        if (link !== wires[index].link) giver.connect(link.origin_slot, node, places[index], link.parentId);
    },
  });
}

function addStrip(node, { inputs, sizes, names, isUpright, canReorder, reorder }) {
  let told = null;
  let across;
  const most = options(node, "blend_width").max;
  const row = () => sizes(told);

  /** The picture's place: the row is as long as the box allows. */
  function frameOf(values, box) {
    const count = elongation(row(), across);
    const upright = isUpright(values);
    const [length, room] = upright ? [box.height, box.width - BAND] : [box.width, box.height - BAND];
    const thick = Math.min(room, length / count);
    const long = thick * count;
    return upright
      ? { left: box.left + BAND + (box.width - BAND - thick) / 2, top: box.top + (box.height - long) / 2, width: thick, height: long }
      : { left: box.left + (box.width - long) / 2, top: box.top + (box.height - BAND - thick) / 2, width: long, height: thick };
  }

  function along(values, point, box) {
    const frame = frameOf(values, box);
    return isUpright(values)
      ? { at: (point.y - frame.top) / frame.height, reach: REACH / frame.height, beside: point.x < frame.left }
      : { at: (point.x - frame.left) / frame.width, reach: REACH / frame.width, beside: point.y > frame.top + frame.height };
  }

  const picture = withBackdrop(node, {
    name: "strip",
    title: "seams",
    label: "The pictures in a row: drag a blend's edge to widen it, a picture to another place; arrow keys widen the blends",
    height: 110,
    inputs,
    draw(context, box, values, colours, hold) {
      const frame = frameOf(values, box);
      const upright = isUpright(values);
      picture.draw(context, frame, colours);
      const length = upright ? frame.height : frame.width;
      const bar = (begin, end) =>
        upright
          ? [frame.left, frame.top + begin * length, frame.width, (end - begin) * length]
          : [frame.left + begin * length, frame.top, (end - begin) * length, frame.height];
      context.save();
      context.beginPath();
      context.rect(frame.left, frame.top, frame.width, frame.height);
      context.clip();
      for (const { at, narrower } of seams(row(), values.wrap)) {
        const half = (values.blend_width * narrower) / 2;
        context.globalAlpha = 0.28;
        context.fillStyle = colours.accent;
        context.fillRect(...bar(at - half, at + half));
        context.globalAlpha = 1;
        context.fillRect(...bar(at - 1 / length, at + 1 / length));
      }
      context.restore();
      context.fillStyle = colours.text;
      context.font = "10px sans-serif";
      context.textAlign = "center";
      context.textBaseline = "middle";
      const called = names();
      tiles(row()).forEach(({ begin, end }, index) => {
        const [left, top, width, height] = bar(begin, end);
        const place = upright ? [left - BAND / 2, top + height / 2, BAND] : [left + width / 2, top + height + BAND / 2, width - 2];
        context.fillText(called?.[index] ?? index, ...place);
      });
      if (hold?.grip.tile === undefined) return;
      const target = tiles(row())[hold.grip.over ?? hold.grip.tile];
      context.strokeStyle = colours.accent;
      context.lineWidth = 2;
      context.strokeRect(...bar(target.begin, target.end));
    },
    press(values, point, box) {
      const { at, reach, beside } = along(values, point, box);
      const grip = beside ? nameAt(at, row()) : gripAt(at, row(), values.wrap, values.blend_width, reach);
      return grip?.seam || canReorder() ? grip : null;
    },
    drag(values, grip, from, to, box) {
      const { at } = along(values, to, box);
      if (grip.seam) return { blend_width: draggedBlend(grip.seam, at, most) };
      grip.over = tileAt(at, row());
      return {};
    },
    drop(grip) {
      if (grip.over !== undefined && grip.over !== grip.tile) reorder(grip.tile, grip.over);
    },
    key({ blend_width }, { key, shiftKey }) {
      const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[key];
      if (!step) return null;
      const next = blend_width + step * (shiftKey ? 0.25 : 0.05);
      return { blend_width: Math.round(Math.min(Math.max(next, 0), most) * 100) / 100 };
    },
    cursor(grip, values) {
      if (grip?.seam) return isUpright(values) ? "row-resize" : "col-resize";
      return grip ? "grab" : "default";
    },
  });
  whenTold(node, ({ soat_sizes, soat_across }) => {
    told = soat_sizes?.[0] ?? null;
    across = soat_across?.[0];
    picture.redraw();
  });
}
