// RegionMask: the region drawn over the last picture that was made with it.

import { fit, toPixels } from "../geometry/frame.js";
import { BEYOND, dragged, gripAt, gripPoints, nudged } from "../geometry/region.js";
import { openable } from "../lib/openable.js";
import { withBackdrop } from "../lib/with_backdrop.js";

const CURSORS = { nw: "nwse-resize", se: "nwse-resize", ne: "nesw-resize", sw: "nesw-resize", body: "move" };
// Of the drawing on every side: a region may reach beyond the canvas.
const MARGIN = 0.14;

export function addRegionMask(node) {
  function frameOf(box) {
    const [across, down] = [MARGIN * box.width, MARGIN * box.height];
    const inner = { left: box.left + across, top: box.top + down, width: box.width - 2 * across, height: box.height - 2 * down };
    return fit(picture.ratio(), inner);
  }

  const drawing = {
    name: "region",
    label: "The region: drag it, its corners, or draw another; arrow keys move it, + and - resize it",
    inputs: ["x", "y", "width", "height", "feather", "shape", "invert"],
    draw(context, box, values, colours) {
      const frame = frameOf(box);
      picture.draw(context, frame, colours);
      const { x: left, y: top } = toPixels(values, frame);
      const [width, height] = [values.width * frame.width, values.height * frame.height];
      const soft = values.feather * Math.min(width, height);
      // What counts is left clear.
      context.fillStyle = "rgba(0, 0, 0, 0.45)";
      context.beginPath();
      if (!values.invert) context.rect(frame.left, frame.top, frame.width, frame.height);
      outline(context, values.shape, left, top, width, height);
      context.fill("evenodd");
      context.strokeStyle = context.fillStyle = colours.accent;
      context.lineWidth = 1.5;
      context.beginPath();
      outline(context, values.shape, left, top, width, height);
      context.stroke();
      context.globalAlpha = 0.5;
      context.beginPath();
      outline(context, values.shape, left + soft, top + soft, width - 2 * soft, height - 2 * soft);
      context.stroke();
      context.globalAlpha = 1;
      for (const corner of Object.values(gripPoints(values))) {
        const place = toPixels(corner, frame);
        context.fillRect(place.x - 4, place.y - 4, 8, 8);
      }
    },
    press: (values, point, box) => gripAt(values, point, frameOf(box)),
    drag: (values, grip, from, to, box) => dragged(values, grip, from, to, frameOf(box), BEYOND),
    key: (values, event) => nudged(values, event.key, event, BEYOND),
    cursor: (grip) => CURSORS[grip] ?? "crosshair",
  };
  const picture = withBackdrop(node, openable(node, "soat_region", "Click to draw the region.", 44, 180, drawing));
}

function outline(context, shape, left, top, width, height) {
  if (shape !== "ellipse") return context.rect(left, top, width, height);
  context.moveTo(left + width, top + height / 2);
  context.ellipse(left + width / 2, top + height / 2, Math.max(width / 2, 0), Math.max(height / 2, 0), 0, 0, 2 * Math.PI);
}
