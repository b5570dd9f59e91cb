// LoadStyleGAN: what the chosen file is and what it makes, or why it is refused.

import { passOn } from "../lib/drawing.js";
import { read, watch } from "../lib/inputs.js";
import { describe, models, samples } from "../lib/server.js";

const SHOWN = 5;
const HEIGHT = 92;

export function addModelCard(node) {
  const card = document.createElement("div");
  card.dataset.soat = "model";
  Object.assign(card.style, {
    boxSizing: "border-box",
    width: "100%",
    height: "100%",
    padding: "4px 8px",
    overflow: "hidden",
    font: "11px sans-serif",
    color: "var(--input-text)",
  });
  const line = document.createElement("div");
  const strip = document.createElement("canvas");
  Object.assign(strip.style, { width: "100%", display: "block", marginTop: "4px", imageRendering: "auto" });
  strip.setAttribute("role", "img");
  strip.setAttribute("aria-label", "Pictures of the first seeds");
  card.append(line, strip);
  passOn(card);
  node.addDOMWidget("model", "soat_model", card, {
    serialize: false,
    hideOnZoom: false,
    getMinHeight: () => HEIGHT,
    getMaxHeight: () => HEIGHT,
  });

  let shown = null;
  async function show() {
    const { checkpoint } = read(node, ["checkpoint"]);
    card.dataset.node = node.id;
    if (!checkpoint || checkpoint === shown) return;
    shown = checkpoint;
    models.dispatchEvent(new Event("chosen"));
    tell("reading ...", "");
    strip.height = 0;
    try {
      const { summary, text } = await describe(checkpoint);
      if (shown !== checkpoint) return;
      tell(summary, text);
      const picture = await samples({ checkpoint, seed: 0, count: SHOWN });
      if (shown !== checkpoint) return;
      [strip.width, strip.height] = [picture.width, picture.height];
      strip.getContext("2d").drawImage(picture, 0, 0);
    } catch (error) {
      if (shown === checkpoint) tell(error.message, error.message, true);
    }
  }

  function tell(text, more, isTrouble = false) {
    line.textContent = text;
    card.title = more;
    line.style.color = isTrouble ? "var(--error-text, #ff4444)" : "";
  }

  watch(node, ["checkpoint"], show);
  const before = node.onConfigure;
  node.onConfigure = function (...values) {
    before?.apply(this, values);
    show();
  };
  // The id and the value of a new node come after this.
  requestAnimationFrame(show);
}
