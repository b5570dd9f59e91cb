// A mask painted in ComfyUI's own mask editor, on the picture that a node shows.
//
// The editor paints on what a Load Image has, and keeps the mask as the transparency of a copy, which that node loads then. So a
// node whose mask is to be painted gets a Load Image of its picture.

import { api } from "../../../../scripts/api.js";
import { app } from "../../../../scripts/app.js";
import { inOneStep } from "./undo.js";
import { above } from "./upstream.js";

const OPEN = "Comfy.MaskEditor.OpenMaskEditor";
// A mask is as fine as the picture that it is painted on: small ones are enlarged, in pixels.
const SIDE = 512;
const GAP = 60;
// Of Load Image with its picture: it would grow by itself later, which would be a step of its own for undo.
const SIZE = [285, 330];
// Of the file in ComfyUI's input folder, where ComfyUI itself numbers those that come again.
const FILE = "painted_mask.png";

const PICTURE_OF = Symbol("the picture that a node's mask is painted on");

/** Offer a node's menu to paint its input `mask`; picture(): an image, or null as long as there is none. */
export function offerMaskPainting(node, picture) {
  node[PICTURE_OF] = picture;
}

/** What a node's menu offers; nothing where the frontend has no mask editor to be opened so. */
export function maskItems(node) {
  const isThere = app.extensionManager?.command?.commands?.some(({ id }) => id === OPEN);
  if (!node?.[PICTURE_OF] || !isThere) return [];
  return [{ content: "Paint what may move", callback: () => paint(node) }];
}

async function paint(node) {
  const source = above(node, "mask")?.node;
  if (source?.comfyClass === "LoadImage" && source.graph === node.graph) return open(source);
  if (node.inputs.find(({ name }) => name === "mask")?.link != null)
    return tell(node, "A mask is wired to this node already, and not from Load Image. It is left as it is: take its wire away to paint another.");
  const image = node[PICTURE_OF]();
  if (!image) return tell(node, "There is no picture to paint on yet. Run the graph once.");
  try {
    const name = await upload(image);
    // Meanwhile it may have been removed.
    if (node.graph) await open(inOneStep(() => addLoader(node, name)));
  } catch (error) {
    tell(node, `The picture couldn't be put into ComfyUI's input folder: ${error.message}`);
  }
}

/** Put a picture into ComfyUI's input folder; the name that Load Image has for it. */
async function upload(image) {
  const times = Math.max(1, Math.ceil(SIDE / Math.max(image.width, image.height)));
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: image.width * times, height: image.height * times });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  const body = new FormData();
  body.append("image", await new Promise((done) => canvas.toBlob(done, "image/png")), FILE);
  body.append("type", "input");
  const response = await api.fetchApi("/upload/image", { method: "POST", body });
  if (!response.ok) throw new Error(`the server answered ${response.status}.`);
  const { name, subfolder } = await response.json();
  return subfolder ? `${subfolder}/${name}` : name;
}

/** A Load Image of a file to the left of a node, whose mask is the node's. */
function addLoader(node, name) {
  const loader = window.LiteGraph.createNode("LoadImage");
  loader.title = "What may move";
  node.graph.add(loader);
  loader.setSize([...SIZE]);
  loader.pos = freePlace(node, loader);
  const widget = loader.widgets.find((each) => each.name === "image");
  if (Array.isArray(widget.options.values) && !widget.options.values.includes(name)) widget.options.values.push(name);
  widget.value = name;
  widget.callback?.(name, app.canvas, loader);
  loader.connect(loader.findOutputSlot("MASK"), node, node.findInputSlot("mask"));
  return loader;
}

/** Left of a node, below what is there. */
function freePlace(node, loader) {
  const [width, height] = loader.size;
  const left = node.pos[0] - width - GAP;
  let top = node.pos[1];
  const isTaken = ({ pos, size }) =>
    pos[0] < left + width && left < pos[0] + size[0] && pos[1] - GAP < top + height && top - GAP < pos[1] + size[1];
  for (const each of [...node.graph.nodes].sort((a, b) => a.pos[1] - b.pos[1]))
    if (each !== loader && isTaken(each)) top = each.pos[1] + each.size[1] + GAP;
  return [left, top];
}

/** Open the editor on a Load Image, once its picture is there. */
async function open(loader) {
  app.canvas.selectNode(loader);
  const until = performance.now() + 10000;
  while (!loader.imgs?.length && performance.now() < until) await new Promise(requestAnimationFrame);
  await app.extensionManager.command.execute(OPEN);
}

function tell({ title }, detail) {
  app.extensionManager?.toast?.add({ severity: "info", summary: title, detail, life: 8000 });
}
