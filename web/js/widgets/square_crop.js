// SquareCrop: the square drawn over the picture it is cut out of.

import { corners, dragged, gripAt, nudged, squareIn } from "../geometry/crop.js";
import { fit } from "../geometry/frame.js";
import { pictureBefore } from "../lib/backdrop.js";
import { openable } from "../lib/openable.js";
import { withBackdrop } from "../lib/with_backdrop.js";

const CURSORS = { nw: "nwse-resize", se: "nwse-resize", ne: "nesw-resize", sw: "nesw-resize", body: "move" };

export function addSquareCrop(node) {
  const frameOf = (box) => fit(picture.ratio(), box);
  const drawing = {
    // Not as one of the inputs is called.
    name: "crop",
    label: "The square: drag it or its corners; arrow keys move it, + and - resize it",
    inputs: ["x", "y", "square", "aspect"],
    draw(context, box, values, colours) {
      const frame = frameOf(box);
      picture.draw(context, frame, colours);
      const { left, top, width, height } = squareIn(values, frame);
      // What is left out is dark.
      context.fillStyle = "rgba(0, 0, 0, 0.5)";
      context.beginPath();
      context.rect(frame.left, frame.top, frame.width, frame.height);
      context.rect(left, top, width, height);
      context.fill("evenodd");
      context.strokeStyle = context.fillStyle = colours.accent;
      context.lineWidth = 1.5;
      context.strokeRect(left, top, width, height);
      for (const { x, y } of Object.values(corners(values, frame))) context.fillRect(x - 4, y - 4, 8, 8);
    },
    press: (values, point, box) => gripAt(values, point, frameOf(box)),
    drag: (values, grip, from, to, box) => dragged(values, grip, from, to, frameOf(box)),
    key: (values, event) => nudged(values, event.key, event),
    cursor: (grip) => CURSORS[grip] ?? "default",
  };
  const shown = openable(node, "soat_square", "Click to place the square.", 44, 180, drawing);
  const picture = withBackdrop(node, shown, () => pictureBefore(node, "image"));
}
