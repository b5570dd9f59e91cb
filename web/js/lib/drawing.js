// A drawing on a node that people drag: what every widget of this pack shares. It works in both renderers, with mouse, pen,
// touch and keys, and as sharp as the screen is.

import { app } from "../../../../scripts/app.js";
import * as inputs from "./inputs.js";

const USUAL_HEIGHT = 180;

/** Colours of ComfyUI's theme. */
function theme() {
  const style = getComputedStyle(document.body);
  const colour = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  return {
    background: colour("--comfy-input-bg", "#222"),
    line: colour("--border-color", "#4e4e4e"),
    text: colour("--input-text", "#ddd"),
    accent: colour("--p-primary-color", "#3b82f6"),
  };
}

/**
 * Hand on to the graph what isn't an element's own: zooming, panning with the middle button, the menu of the right one.
 *
 * Vue nodes do so by themselves.
 */
export function passOn(element) {
  const hand = (handle) => (event) => {
    if (window.LiteGraph.vueNodesMode) return;
    if (event.type === "wheel" || event.button > 0 || event.buttons > 1) app.canvas[handle](event);
  };
  element.addEventListener("wheel", hand("processMouseWheel"));
  element.addEventListener("pointerdown", hand("processMouseDown"));
  element.addEventListener("pointermove", hand("processMouseMove"));
  element.addEventListener("pointerup", hand("processMouseUp"));
  element.addEventListener("contextmenu", (event) => event.preventDefault());
}

/**
 * Put a drawing under a node's inputs.
 *
 * drawing: {
 *   name, label (what it is, for screen readers), inputs (the names it reads and writes), height (in pixels, at least),
 *   draw(context, box, values, colours, drag), press(values, point, box) -> grip or null,
 *   take(values, grip, event) -> inputs, at the press (optional), drag(values, grip, from, to, box, event) -> inputs,
 *   drop(grip), where it is let go (optional), key(values, event) -> inputs or null, cursor(grip) -> CSS cursor }
 * Returns { redraw, onRemoved(callback) }.
 */
export function addDrawing(node, drawing) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas.style, { width: "100%", height: "100%", display: "block", touchAction: "none", outlineOffset: "-2px" });
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", drawing.label);
  canvas.dataset.soat = drawing.name;

  const lowest = drawing.height ?? USUAL_HEIGHT;
  let hold = null;
  let waiting = 0;
  const ending = [];
  const values = () => inputs.read(node, drawing.inputs);
  const box = () => ({ left: 6, top: 6, width: Math.max(canvas.clientWidth - 12, 1), height: Math.max(canvas.clientHeight - 12, 1) });

  function redraw() {
    if (!waiting) waiting = requestAnimationFrame(draw);
  }

  function draw() {
    waiting = 0;
    canvas.dataset.node = node.id;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!width || !height) return;
    const size = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size;
    const context = canvas.getContext("2d");
    context.setTransform(size[0] / width, 0, 0, size[1] / height, 0, 0);
    context.clearRect(0, 0, width, height);
    drawing.draw(context, box(), values(), theme(), hold);
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
    const start = pointOf(event);
    const grip = drawing.press(values(), start, box());
    if (grip === null) return;
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    if (drawing.take) inputs.write(node, drawing.take(values(), grip, event));
    hold = { grip, from: start, values: values(), box: box() };
    redraw();
  });
  canvas.addEventListener("pointermove", (event) => {
    const point = pointOf(event);
    if (!hold) {
      canvas.style.cursor = drawing.cursor(drawing.press(values(), point, box()));
      return;
    }
    inputs.write(node, drawing.drag(hold.values, hold.grip, hold.from, point, hold.box, event));
    redraw();
  });
  canvas.addEventListener("pointerup", () => {
    if (hold) drawing.drop?.(hold.grip);
  });
  // However a drag ends, let go or cancelled.
  canvas.addEventListener("lostpointercapture", () => {
    hold = null;
    redraw();
  });
  canvas.addEventListener("keydown", (event) => {
    const changed = drawing.key(values(), event);
    if (changed === null) return;
    event.preventDefault();
    event.stopPropagation();
    inputs.write(node, changed);
    redraw();
  });

  passOn(canvas);
  const sizes = new ResizeObserver(redraw);
  sizes.observe(canvas);
  ending.push(() => sizes.disconnect());
  inputs.watch(node, drawing.inputs, redraw);

  node.addDOMWidget(drawing.name, "soat_drawing", canvas, {
    serialize: false,
    hideOnZoom: false,
    getMinHeight: () => lowest,
    getMaxHeight: () => (drawing.height ? lowest : 4 * lowest),
  });
  for (const event of ["onConfigure", "onConnectionsChange"]) {
    const before = node[event];
    node[event] = function (...values) {
      before?.apply(this, values);
      redraw();
    };
  }
  const before = node.onRemoved;
  node.onRemoved = function (...values) {
    for (const end of ending) end();
    cancelAnimationFrame(waiting);
    before?.apply(this, values);
  };
  redraw();
  return { redraw, onRemoved: (callback) => ending.push(callback) };
}
