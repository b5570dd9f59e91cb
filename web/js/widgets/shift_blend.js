// ShiftBlend: a region drawn over the last picture, and an arrow to where its copy goes.

import { fit, toPixels } from "../geometry/frame.js";
import { dragged, gripAt, gripPoints, nudged } from "../geometry/region.js";
import { withBackdrop } from "../lib/with_backdrop.js";

const CURSORS = { nw: "nwse-resize", se: "nwse-resize", ne: "nesw-resize", sw: "nesw-resize", body: "move", shift: "grab" };

function rectangle({ x, y, width, height }, frame) {
  const { x: left, y: top } = toPixels({ x, y }, frame);
  return [left, top, width * frame.width, height * frame.height];
}

export function addShiftBlend(node) {
  const picture = withBackdrop(node, {
    name: "region",
    label: "Region to copy, and where to: drag its corners, the region or the arrow; arrow keys move it, with Alt its copy; + and - resize it",
    inputs: ["x", "y", "width", "height", "shift_x", "shift_y", "feather", "wrap"],
    draw(context, box, values, colours) {
      const frame = fit(picture.ratio(), box);
      picture.draw(context, frame, colours);
      const { x, y, width, height, shift_x, shift_y } = values;
      context.save();
      context.beginPath();
      context.rect(frame.left, frame.top, frame.width, frame.height);
      context.clip();
      context.lineWidth = 1.5;
      context.strokeStyle = colours.accent;
      context.globalAlpha = 0.5;
      // The edge rises inside the region, over its feather.
      const soft = values.feather * Math.min(width * frame.width, height * frame.height);
      const [left, top, w, h] = rectangle({ x, y, width, height }, frame);
      context.strokeRect(left + soft, top + soft, w - 2 * soft, h - 2 * soft);
      context.globalAlpha = 1;
      context.strokeRect(left, top, w, h);
      context.setLineDash([5, 4]);
      for (const [turnX, turnY] of values.wrap ? around(values) : [[0, 0]])
        context.strokeRect(
          ...rectangle({ x: x + shift_x + turnX, y: y + shift_y + turnY, width, height }, frame),
        );
      context.restore();
      const { shift, ...corners } = gripPoints(values);
      arrow(context, toPixels({ x: x + width / 2, y: y + height / 2 }, frame), toPixels(shift, frame), colours);
      context.fillStyle = colours.accent;
      for (const corner of Object.values(corners)) {
        const place = toPixels(corner, frame);
        context.fillRect(place.x - 4, place.y - 4, 8, 8);
      }
    },
    press: (values, point, box) => gripAt(values, point, fit(picture.ratio(), box)),
    drag: (values, grip, from, to, box) => dragged(values, grip, from, to, fit(picture.ratio(), box)),
    key: (values, event) => nudged(values, event.key, event),
    cursor: (grip) => CURSORS[grip] ?? "crosshair",
  });
}

function around({ shift_x, shift_y }) {
  const across = shift_x ? [0, -Math.sign(shift_x)] : [0];
  const down = shift_y ? [0, -Math.sign(shift_y)] : [0];
  return across.flatMap((x) => down.map((y) => [x, y]));
}

function arrow(context, from, to, colours) {
  const angle = Math.atan2(to.y - from.y, to.x - from.x);
  context.strokeStyle = context.fillStyle = colours.accent;
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.lineTo(to.x, to.y);
  context.stroke();
  context.beginPath();
  context.arc(to.x, to.y, 6, 0, 2 * Math.PI);
  context.fill();
  context.beginPath();
  context.moveTo(to.x + 13 * Math.cos(angle), to.y + 13 * Math.sin(angle));
  for (const turn of [2.2, -2.2]) context.lineTo(to.x + 9 * Math.cos(angle + turn), to.y + 9 * Math.sin(angle + turn));
  context.fill();
}
