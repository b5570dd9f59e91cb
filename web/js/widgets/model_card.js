// LoadStyleGAN: what the chosen file is and what it makes, or why it is refused.

import { app } from "../../../../scripts/app.js";
import { fit } from "../geometry/frame.js";
import { addElement, inPlace } from "../lib/element.js";
import { read } from "../lib/inputs.js";
import { hear, isHeld } from "../lib/news.js";
import { describe, samples } from "../lib/server.js";

const SHOWN = 5;
const HEIGHT = 92;
const FAR = 0.5;

export function addModelCard(node) {
  const card = document.createElement("div");
  Object.assign(card.style, {
    boxSizing: "border-box",
    display: "flex",
    flexDirection: "column",
    width: "100%",
    height: "100%",
    padding: "4px 8px",
    overflow: "hidden",
    font: "11px sans-serif",
    color: "var(--input-text)",
  });
  const line = document.createElement("div");
  const strip = document.createElement("canvas");
  Object.assign(strip.style, {
    flex: "1",
    minHeight: "0",
    width: "100%",
    marginTop: "4px",
    objectFit: "contain",
    objectPosition: "left top",
  });
  strip.setAttribute("role", "img");
  strip.setAttribute("aria-label", "Pictures of the first seeds");
  card.append(line, strip);
  addElement(node, "model", card, () => HEIGHT, () => 2 * HEIGHT, inSmall);

  /** The strip alone; nobody could read the line. */
  let far = null;
  function inSmall(width, height, scale = FAR) {
    if (!strip.height) return null;
    const size = [width, height].map((side) => Math.round(side * scale));
    if (far?.width === size[0] && far.height === size[1]) return far;
    far = document.createElement("canvas");
    [far.width, far.height] = size;
    const place = fit(strip.width / strip.height, { left: 0, top: 0, width: far.width, height: far.height });
    far.getContext("2d").drawImage(strip, 0, place.top, place.width, place.height);
    return far;
  }

  let shown = null;
  async function show() {
    const { checkpoint } = read(node, ["checkpoint"]);
    inPlace(node, card);
    if (!checkpoint || checkpoint === shown || isHeld()) return;
    shown = checkpoint;
    tell("reading ...", "");
    strip.height = 0;
    far = null;
    try {
      const { summary, text } = await describe(checkpoint);
      if (shown !== checkpoint) return;
      tell(summary, text);
      // Of a slow model those that come at once.
      const { image } = await samples({ checkpoint, seed: 0, count: SHOWN });
      if (shown !== checkpoint) return;
      [strip.width, strip.height] = [image.width, image.height];
      strip.getContext("2d").drawImage(image, 0, 0);
      if (app.canvas?.low_quality) node.setDirtyCanvas?.(true, false);
    } catch (error) {
      if (shown === checkpoint) tell(error.message, error.message, true);
    }
  }

  function tell(text, more, isTrouble = false) {
    line.textContent = text;
    card.title = more;
    line.style.color = isTrouble ? "var(--error-text, #ff4444)" : "";
  }

  hear(node, "inputs", show);
  // The same name may be another file now, or one that has come whole.
  hear(node, "files", () => {
    shown = null;
    show();
  });
  // The id and the value of a new node come after this; one that is only copied never is in a graph.
  requestAnimationFrame(() => node.graph && show());
}
