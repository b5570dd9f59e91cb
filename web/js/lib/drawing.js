// A drawing on a node that people drag: what every widget of this pack shares. It works in both renderers, with mouse, pen,
// touch and keys, and as sharp as the screen is.

import { app } from "../../../../scripts/app.js";
import { addElement, inPlace, isInApp } from "./element.js";
import * as inputs from "./inputs.js";
import { hear } from "./news.js";
import { noteForUndo } from "./undo.js";

const USUAL_HEIGHT = 180;
// Pixels of the picture from afar, for each of the node's.
const FAR = 0.5;
const ROOM_OF_AN_APP = 1.5;
// ComfyUI's room above and below an element, which its height on the node counts.
const MARGINS = 20;

/** Colours of ComfyUI's theme. */
function theme() {
  const style = getComputedStyle(document.body);
  const colour = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  return {
    background: colour("--comfy-input-bg", "#222"),
    line: colour("--border-color", "#4e4e4e"),
    text: colour("--input-text", "#ddd"),
    accent: colour("--p-primary-color", "#3b82f6"),
    warning: "#f59e0b",
  };
}

/**
 * Put a drawing under a node's inputs.
 *
 * drawing: {
 *   name, title (what an app calls it, if not so), label (what it is, for screen readers), inputs (the names it reads and writes), height (in pixels, at least; or a function of it),
 *   draw(context, box, values, colours, drag, hover) -> what there is to remark, if anything (hover: the point the mouse is at, or null),
 *   press(values, point, box) -> grip or null,
 *   take(values, grip, event) -> inputs, at the press (optional), drag(values, grip, from, to, box, event) -> inputs,
 *   drop(grip), where it is let go (optional),
 *   twice(values, point, box) -> inputs, at a double click (optional), key(values, event) -> inputs or null,
 *   cursor(grip, values) -> CSS cursor }
 * Returns what draws it anew.
 */
export function addDrawing(node, drawing) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas.style, { width: "100%", height: "100%", display: "block", touchAction: "none", outlineOffset: "-2px" });
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", drawing.label);

  const lowest = typeof drawing.height === "function" ? drawing.height : () => drawing.height ?? USUAL_HEIGHT;
  // Vue nodes ask elements how high they have to be, and a canvas says: as high as my pixels are for that width.
  Object.assign(canvas.style, { contain: "size", aspectRatio: "auto", minHeight: `${lowest() - MARGINS}px` });
  let hold = null;
  let hover = null;
  let waiting = 0;
  let far = null;
  let farIsOld = true;
  const values = () => inputs.read(node, drawing.inputs);
  const inside = (width, height) => ({ left: 6, top: 6, width: Math.max(width - 12, 1), height: Math.max(height - 12, 1) });
  const box = () => inside(canvas.clientWidth, canvas.clientHeight);

  function redraw() {
    farIsOld = true;
    if (!waiting) waiting = requestAnimationFrame(draw);
  }

  function draw() {
    waiting = 0;
    inPlace(node, canvas);
    canvas.style.minHeight = `${isInApp(canvas) ? ROOM_OF_AN_APP * lowest() : lowest() - MARGINS}px`;
    if (app.canvas?.low_quality) node.setDirtyCanvas?.(true, false);
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!width || !height) return;
    // Of a graph that is zoomed in, more pixels; but not without end.
    const zoom = Math.min(Math.max(canvas.getBoundingClientRect().width / width, 1), 3);
    const ratio = (window.devicePixelRatio || 1) * zoom;
    const remark = paint(canvas, width, height, ratio) || "";
    if (canvas.title !== remark) canvas.title = remark;
    widget.triggerDraw?.();
  }

  function paint(onto, width, height, ratio) {
    const size = [Math.round(width * ratio), Math.round(height * ratio)];
    if (onto.width !== size[0] || onto.height !== size[1]) [onto.width, onto.height] = size;
    const context = onto.getContext("2d");
    context.setTransform(size[0] / width, 0, 0, size[1] / height, 0, 0);
    context.clearRect(0, 0, width, height);
    return drawing.draw(context, inside(width, height), values(), theme(), hold, hover);
  }

  /** The drawing in small, made anew only when it has changed: panning has no time for more. */
  function inSmall(width, height, scale = FAR) {
    const isOther = far?.width !== Math.round(width * scale) || far.height !== Math.round(height * scale);
    if (farIsOld || isOther) {
      far ??= document.createElement("canvas");
      farIsOld = false;
      paint(far, width, height, scale);
    }
    return far;
  }

  /** A point of an event in the widget's own pixels, however the graph is zoomed. */
  function pointOf(event) {
    const place = canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - place.left) * canvas.clientWidth) / place.width,
      y: ((event.clientY - place.top) * canvas.clientHeight) / place.height,
    };
  }

  // What goes down here is not the graph's: it would drag the node. What goes up is, since that is when undo takes note.
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.stopPropagation();
    if (hold) return giveUp();
    const start = pointOf(event);
    const grip = drawing.press(values(), start, box());
    if (grip === null) return;
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    if (drawing.take) inputs.write(node, drawing.take(values(), grip, event));
    hold = { pointer: event.pointerId, grip, from: start, values: values(), box: box() };
    redraw();
  });
  /** Two fingers zoom the graph: what the first has changed was not meant. */
  function giveUp() {
    const { pointer, values } = hold;
    hold = null;
    inputs.write(node, values);
    canvas.releasePointerCapture(pointer);
    redraw();
  }
  canvas.addEventListener("pointermove", (event) => {
    const point = pointOf(event);
    hover = hold || event.pointerType === "touch" ? null : point;
    if (!hold) {
      canvas.style.cursor = drawing.cursor(drawing.press(values(), point, box()), values());
      redraw();
      return;
    }
    inputs.write(node, drawing.drag(hold.values, hold.grip, hold.from, point, hold.box, event));
    redraw();
  });
  canvas.addEventListener("pointerleave", () => {
    hover = null;
    redraw();
  });
  canvas.addEventListener("pointerup", () => {
    if (hold) drawing.drop?.(hold.grip);
  });
  // However a drag ends, let go or cancelled.
  canvas.addEventListener("lostpointercapture", () => {
    hold = null;
    noteForUndo();
    redraw();
  });
  canvas.addEventListener("dblclick", (event) => {
    event.stopPropagation();
    if (!drawing.twice) return;
    inputs.write(node, drawing.twice(values(), pointOf(event), box()));
    // The release before it was taken note of already.
    noteForUndo();
    redraw();
  });
  canvas.addEventListener("keyup", noteForUndo);
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey) return;
    const changed = drawing.key(values(), event);
    if (changed === null) return;
    event.preventDefault();
    event.stopPropagation();
    inputs.write(node, changed);
    redraw();
  });

  const sizes = new ResizeObserver(redraw);
  inputs.after(node, "onAdded", () => sizes.observe(canvas));
  hear(node, "inputs", redraw);
  hear(node, "colours", redraw);

  const widget = addElement(node, drawing.name, canvas, lowest, () => 4 * lowest(), inSmall);
  widget.label = drawing.title;
  inputs.after(node, "onRemoved", () => {
    sizes.disconnect();
    cancelAnimationFrame(waiting);
  });
  redraw();
  return redraw;
}
