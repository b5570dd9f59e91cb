// PadExpand: the larger canvas around the old one, its edges to be dragged, and what the mode puts into the new part; with the
// picture of the features it gets, if that is known.

import { clamp, rounded } from "../geometry/frame.js";
import { copies, dragged, edgesAt, frames, MOST } from "../geometry/padding.js";
import { featuresBefore } from "../lib/backdrop.js";
import { withBackdrop } from "../lib/with_backdrop.js";

const SIDE = 64;

/** For want of a picture a little one whose left, right, top and bottom differ, so that one sees what is mirrored. */
function motif() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext("2d");
  const sky = context.createLinearGradient(0, 0, 0, SIDE);
  sky.addColorStop(0, "#31527a");
  sky.addColorStop(1, "#d9a066");
  context.fillStyle = sky;
  context.fillRect(0, 0, SIDE, SIDE);
  context.fillStyle = "#ffe9b0";
  context.beginPath();
  context.arc(46, 16, 6, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = "#2f3e46";
  context.beginPath();
  context.moveTo(0, 46);
  context.lineTo(20, 20);
  context.lineTo(40, 44);
  context.lineTo(64, 36);
  context.lineTo(64, 64);
  context.lineTo(0, 64);
  context.fill();
  return canvas;
}

function paste(context, image, { source, target, flipX, flipY }, inner) {
  context.save();
  context.translate(
    inner.left + (target.x + (flipX ? target.width : 0)) * inner.width,
    inner.top + (target.y + (flipY ? target.height : 0)) * inner.height,
  );
  context.scale(flipX ? -1 : 1, flipY ? -1 : 1);
  const { width, height } = image;
  const from = [source.x * width, source.y * height, source.width * width, source.height * height];
  // Half a pixel more, so that no line shows between copies.
  context.drawImage(image, ...from, 0, 0, target.width * inner.width + 0.5, target.height * inner.height + 0.5);
  context.restore();
}

export function addPadExpand(node) {
  const instead = motif();
  const room = (box) => ({ left: box.left + 8, top: box.top + 8, width: box.width - 16, height: box.height - 16 });
  const framesOf = (pads, box) => frames(pads, picture.ratio(), room(box));
  const drawing = {
    name: "canvas",
    label: "The larger canvas: drag its edges, with Shift both sides; arrow keys widen it, with Alt they narrow it",
    inputs: ["left", "right", "top", "bottom", "mode"],
    draw(context, box, pads, colours, hold) {
      const inner = framesOf(hold?.values ?? pads, box).inner;
      const outer = {
        left: inner.left - pads.left * inner.width,
        top: inner.top - pads.top * inner.height,
        width: (1 + pads.left + pads.right) * inner.width,
        height: (1 + pads.top + pads.bottom) * inner.height,
      };
      context.save();
      context.beginPath();
      context.rect(outer.left, outer.top, outer.width, outer.height);
      context.clip();
      context.fillStyle = colours.background;
      context.fillRect(outer.left, outer.top, outer.width, outer.height);
      const image = picture.image() ?? instead;
      for (const copy of copies(pads.mode, pads)) paste(context, image, copy, inner);
      context.restore();
      context.strokeStyle = colours.text;
      context.setLineDash([4, 3]);
      if (pads.mode !== "stretch") context.strokeRect(inner.left, inner.top, inner.width, inner.height);
      context.setLineDash([]);
      context.strokeStyle = colours.accent;
      context.lineWidth = 2;
      context.strokeRect(outer.left, outer.top, outer.width, outer.height);
    },
    press(pads, point, box) {
      const edges = edgesAt(framesOf(pads, box).outer, point);
      return edges.length ? edges : null;
    },
    drag: (pads, edges, from, to, box, event) => dragged(pads, edges, from, to, framesOf(pads, box).inner, event),
    key(pads, event) {
      const edge = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "top", ArrowDown: "bottom" }[event.key];
      if (!edge) return null;
      const step = (event.shiftKey ? 0.25 : 0.05) * (event.altKey ? -1 : 1);
      return { [edge]: rounded(clamp(pads[edge] + step, 0, MOST)) };
    },
    cursor(edges) {
      if (!edges) return "default";
      if (edges.length === 2) return edges.join() === "left,top" || edges.join() === "right,bottom" ? "nwse-resize" : "nesw-resize";
      return edges[0] === "left" || edges[0] === "right" ? "ew-resize" : "ns-resize";
    },
  };
  const picture = withBackdrop(node, drawing, (each) => featuresBefore(each, "features"));
}
