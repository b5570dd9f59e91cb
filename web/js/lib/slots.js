// Colours of our wires and slots, in both renderers and whatever palette is chosen.

import { app } from "../../../../scripts/app.js";

const COLOURS = {
  SOAT_GENERATOR: "#b48ef0",
  SOAT_LATENT: "#4fc7b4",
  SOAT_FEATURES: "#f0a350",
  SOAT_CROP: "#8fa9c4",
  SOAT_DIRECTION: "#e0758f",
};

/** Colour them; what a palette has set goes. */
export function colourSlots() {
  Object.assign(app.canvas.default_connection_color_byType, COLOURS);
  Object.assign(app.canvas.constructor.link_type_colors, COLOURS);
  for (const [type, value] of Object.entries(COLOURS))
    document.documentElement.style.setProperty(`--color-datatype-${type}`, value);
  app.canvas.setDirty(true, true);
}
