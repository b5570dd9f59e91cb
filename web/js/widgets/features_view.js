// GetFeatures: the feature map of the last run as colours, and the energy of each layer on the way to it.

import { fit } from "../geometry/frame.js";
import { addDrawing } from "../lib/drawing.js";
import { load, whenTold } from "../lib/told.js";

export function addFeaturesView(node) {
  let picture = null;
  let energies = null;
  const redraw = addDrawing(node, {
    name: "features",
    label: "The feature map as colours, like content in like ones, and the energy of each layer on the way to it",
    height: 96,
    inputs: ["layer"],
    draw(context, box, values, colours) {
      context.font = "11px sans-serif";
      context.fillStyle = colours.text;
      context.textBaseline = "middle";
      if (!picture) return context.fillText("Run to see the feature map.", box.left + 4, box.top + box.height / 2, box.width);
      const side = Math.min(box.height, box.width / 2);
      const frame = fit(picture.naturalWidth / picture.naturalHeight, { ...box, width: side });
      context.imageSmoothingEnabled = false;
      context.drawImage(picture, frame.left, frame.top, frame.width, frame.height);
      const left = box.left + side + 8;
      drawEnergies(context, { ...box, left, width: box.left + box.width - left }, energies, colours);
    },
    press: () => null,
    key: () => null,
    cursor: () => "default",
  });
  whenTold(node, async ({ soat_pictures, soat_energy }) => {
    picture = await load(soat_pictures?.[0]);
    energies = soat_energy?.[0] ?? null;
    redraw();
  });
}

/** A bar for each layer, its root mean square; the resolution under the first layer of each. */
function drawEnergies(context, { left, top, width, height }, energies, colours) {
  if (!energies?.length) return;
  const base = top + height - 14;
  const most = Math.max(...energies.map(([, value]) => value)) || 1;
  const each = Math.min(width / energies.length, 18);
  let before = null;
  energies.forEach(([name, value], index) => {
    const tall = Math.max(((base - top) * value) / most, 1);
    context.fillStyle = index === energies.length - 1 ? colours.accent : colours.line;
    context.fillRect(left + index * each, base - tall, Math.max(each - 1, 1), tall);
    // A number of its own, such as L7_276_512's, is too long for each.
    const resolution = /^b(\d+)/.exec(name)?.[1] ?? (index % 4 ? before : name.split("_")[0]);
    if (resolution !== before) {
      context.fillStyle = colours.text;
      context.textBaseline = "top";
      context.font = "9px sans-serif";
      context.fillText(resolution, left + index * each, base + 3);
    }
    before = resolution;
  });
}
