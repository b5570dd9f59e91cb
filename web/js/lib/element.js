// An element under a node's inputs, in both renderers.

import { app } from "../../../../scripts/app.js";

// As the frontend's own canvases in panels.
const SHARP = 2;

/**
 * Put an element under a node's inputs, from `lowest()` to `highest()` pixels high.
 *
 * picture(width, height, scale): a canvas to be shown where the element isn't: from afar, where the classic renderer leaves elements
 * out, and in panels; null if there is none yet. `scale`: its pixels for each of the widget's, or what is enough from afar. Returns
 * the widget.
 */
export function addElement(node, name, element, lowest, highest, picture) {
  element.dataset.soat = name;
  passOn(element);
  const widget = node.addDOMWidget(name, "soat_drawing", element, {
    serialize: false,
    // As ComfyUI does with its own: from afar nobody reads them, and each costs time in every frame.
    hideOnZoom: true,
    onDraw: (widget) => drawFar(widget, picture),
    getMinHeight: lowest,
    getMaxHeight: highest,
  });
  drawInPanels(widget, picture);
  makeRoom(node);
  return widget;
}

/** Let a node be as high as it needs to be. Else it would grow when it is made anew, as undo and opening a file do. */
export function makeRoom(node) {
  const [, needed] = node.computeSize();
  if (node.size[1] < needed) node.setSize([node.size[0], needed]);
}

/** What the classic renderer draws where it leaves the element out; it calls this while it draws the node. */
function drawFar(widget, picture) {
  const { ctx, low_quality } = app.canvas;
  if (!low_quality || !widget.isVisible?.()) return;
  const margin = widget.margin ?? 10;
  const width = widget.node.size[0] - 2 * margin;
  const height = (widget.computedHeight ?? 0) - 2 * margin;
  if (width < 1 || height < 1) return;
  const image = picture(width, height);
  if (image?.width && image.height) ctx.drawImage(image, margin, widget.y + margin, width, height);
}

/**
 * Show the picture in the panel of a node's properties, which has no place for the element.
 *
 * It draws widgets on canvases of its own and tells each its width there, in which the classic renderer would show the element on
 * the node too, wider than that. So the width isn't taken: a node's own is right for it.
 */
function drawInPanels(widget, picture) {
  Object.defineProperty(widget, "width", { get: () => undefined, set: () => {}, configurable: true });
  const drawOnNode = widget.draw;
  if (!drawOnNode) return;
  widget.draw = function (context, node, width, y, height, ...others) {
    if (context.canvas === app.canvas.canvas) return drawOnNode.call(this, context, node, width, y, height, ...others);
    const margin = this.margin ?? 10;
    const [inWidth, inHeight] = [width - 2 * margin, height - 2 * margin];
    const image = inWidth > 0 && inHeight > 0 ? picture(inWidth, inHeight, SHARP) : null;
    if (image?.width && image.height) context.drawImage(image, margin, y + margin, inWidth, inHeight);
  };
}

/**
 * See to it that an element is where its node is shown.
 *
 * Vue nodes and apps put it there once. Undo makes a node anew under the same id, and they go on showing the old one's element.
 */
export function inPlace(node, element) {
  element.dataset.node = node.id;
  if (node.graph !== app.canvas.graph || (element.isConnected && !isOnClassicNode(element))) return;
  const same = document.querySelectorAll(`[data-soat="${element.dataset.soat}"][data-node="${node.id}"]`);
  // Behind an app the graph isn't shown, and a classic node keeps the element there.
  [...same].find((each) => each !== element && !isOnClassicNode(each))?.replaceWith(element);
}

const isOnClassicNode = (element) => element.closest(".dom-widget") !== null;

/** Whether an element is shown in an app's list of inputs: there no node gives it a height. */
export const isInApp = (element) => element.isConnected && element.closest(".dom-widget, .lg-node") === null;

/**
 * Hand on to the graph what isn't an element's own: zooming, panning with the middle button, the menu of the right one.
 *
 * Vue nodes do so by themselves, and an app shows no graph.
 */
function passOn(element) {
  const hand = (handle) => (event) => {
    if (!isOnClassicNode(element)) return;
    if (event.type === "wheel" || event.button > 0 || event.buttons > 1) app.canvas[handle](event);
  };
  element.addEventListener("wheel", hand("processMouseWheel"));
  element.addEventListener("pointerdown", hand("processMouseDown"));
  element.addEventListener("pointermove", hand("processMouseMove"));
  element.addEventListener("pointerup", hand("processMouseUp"));
  element.addEventListener("contextmenu", (event) => event.preventDefault());
}
