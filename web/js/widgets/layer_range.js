// A bar of all layers with two handles, for every node with first_layer and last_layer; above it, for InterpolateFeatures,
// where B counts.

import { fit } from "../geometry/frame.js";
import { cell, described, dragged, family, gripAt, had, nudged, rangeOf } from "../geometry/layers.js";
import { addDrawing } from "../lib/drawing.js";
import { options } from "../lib/inputs.js";
import { modelFor } from "../lib/model.js";
import { remark } from "../lib/text.js";
import { load, whenTold } from "../lib/told.js";

const NAMES = ["first_layer", "last_layer"];

export function addLayerRange(node, { ramp = false } = {}) {
  const all = options(node, "first_layer").values;
  // Models call their layers differently, or lack some: the bar has those of the one that is there.
  const shown = ({ first_layer }) => described(family(all, model(), first_layer));
  const range = ({ first_layer, last_layer }, layers) =>
    rangeOf(first_layer, last_layer, all, layers.map(({ name }) => name));
  const asInputs = ({ first, last }, layers) => ({ first_layer: layers[first].name, last_layer: layers[last].name });
  const bar = (box) => (ramp ? { ...box, top: box.top + box.height / 2, height: box.height / 2 } : box);

  let mask = null;
  const redraw = addDrawing(node, {
    name: "layers",
    label: "Layers of the range: drag its ends or all of it; arrow keys move the last layer, with Shift the first, with Alt both",
    height: ramp ? 110 : 80,
    inputs: ramp ? [...NAMES, "alpha", "shape"] : NAMES,
    draw(context, box, values, colours) {
      const masked = node.inputs?.some(({ name, link }) => name === "mask" && link != null);
      const above = { ...box, height: box.height / 2 - 8 };
      if (ramp && masked) drawMask(context, above, mask, values.alpha, colours);
      else if (ramp) drawRamp(context, above, values, colours);
      const layers = shown(values);
      const has = had(layers, model());
      const { first, last } = range(values, layers);
      drawBar(context, bar(box), layers, has, { first, last }, colours);
      if (first < has) return "";
      const beyond = `Beyond this ${model().resolution} px model: only its last layer counts.`;
      return remark(context, bar(box), beyond, colours);
    },
    press(values, point, box) {
      const layers = shown(values);
      const { first, last } = range(values, layers);
      return gripAt(first, last, point.x, layers.length, box);
    },
    drag(values, grip, from, to, box) {
      const layers = shown(values);
      return asInputs(dragged(range(values, layers), grip, to.x, layers.length, box), layers);
    },
    key(values, event) {
      const layers = shown(values);
      const changed = nudged(range(values, layers), layers.length, event);
      return changed && asInputs(changed, layers);
    },
    cursor: (grip) => (grip?.end === "both" ? "grab" : "ew-resize"),
  });
  const model = modelFor(node, redraw);
  if (ramp)
    whenTold(node, async ({ soat_pictures }) => {
      mask = await load(soat_pictures?.[0]);
      redraw();
    });
}

/** All layers; those that the model hasn't, after the first `has`, are there only to be seen through. */
function drawBar(context, box, layers, has, { first, last }, colours) {
  const base = box.top + box.height - 16;
  context.font = "10px sans-serif";
  context.textBaseline = "top";
  for (const [index, layer] of layers.entries()) {
    const { left, width } = cell(index, layers.length, box);
    const height = (base - box.top) * (layer.isTorgb ? 0.45 : 1);
    context.globalAlpha = index < has ? 1 : 0.3;
    context.fillStyle = index >= first && index <= last && index < has ? colours.accent : colours.line;
    context.fillRect(left + 0.5, base - height, Math.max(width - 1, 1), height);
    if (layer.begins) {
      context.fillStyle = colours.text;
      context.fillText(layer.label, left, base + 3);
    }
  }
  context.globalAlpha = 1;
  context.fillStyle = colours.text;
  for (const edge of [cell(first, layers.length, box).left, cell(last + 1, layers.length, box).left])
    context.fillRect(edge - 1.5, box.top - 2, 3, base - box.top + 4);
}

/** The mask of the last run, which takes the shape's place. */
function drawMask(context, { left, top, width, height }, mask, alpha, colours) {
  context.fillStyle = colours.background;
  context.fillRect(left, top, width, height);
  let beside = left + 8;
  if (mask) {
    const place = fit(mask.naturalWidth / mask.naturalHeight, { left, top, width: width / 2, height });
    context.drawImage(mask, left, place.top, place.width, place.height);
    beside += place.width;
  }
  context.fillStyle = colours.text;
  context.font = "12px sans-serif";
  context.textBaseline = "middle";
  context.fillText(`mask x ${alpha}`, beside, top + height / 2);
}

/** B's share over the canvas: dark where A stays, bright where B is. */
function drawRamp(context, { left, top, width, height }, { alpha, shape }, colours) {
  const down = shape === "top_to_bottom";
  const gradient = context.createLinearGradient(left, top, down ? left : left + width, down ? top + height : top);
  const grey = (share) => `rgb(${Array(3).fill(Math.round(255 * share))})`;
  gradient.addColorStop(0, grey(shape === "constant" ? alpha : 0));
  gradient.addColorStop(1, grey(alpha));
  context.fillStyle = gradient;
  context.fillRect(left, top, width, height);
  context.strokeStyle = colours.line;
  context.strokeRect(left + 0.5, top + 0.5, width - 1, height - 1);
}
