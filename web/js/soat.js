// What ComfyUI loads: drawings for the nodes that have one, and the colours of wires.

import { app } from "../../../scripts/app.js";
import { colourSlots, keepSlotsColoured } from "./lib/slots.js";
import { addContactSheet } from "./widgets/contact_sheet.js";
import { addFeaturesView } from "./widgets/features_view.js";
import { addLayerRange } from "./widgets/layer_range.js";
import { addModelCard } from "./widgets/model_card.js";
import { addPadExpand } from "./widgets/pad_expand.js";
import { addShiftBlend } from "./widgets/shift_blend.js";
import { addPanoramaStrip, addStitchStrip } from "./widgets/strip.js";

const WIDGETS = {
  EditLatent: addLayerRange,
  GetFeatures: addFeaturesView,
  InterpolateFeatures: (node) => addLayerRange(node, { ramp: true }),
  LoadStyleGAN: addModelCard,
  MixStyles: addLayerRange,
  PadExpand: addPadExpand,
  PanoramaFeatures: addPanoramaStrip,
  SampleLatent: addContactSheet,
  ShiftBlend: addShiftBlend,
  StitchFeatures: addStitchStrip,
  TruncateLatent: addLayerRange,
};
// Other packs may have nodes of the same names.
const CATEGORY = "StyleGAN (SOAT)";

app.registerExtension({
  name: "SOAT.drawings",
  setup: keepSlotsColoured,
  afterConfigureGraph: colourSlots,
  nodeCreated(node) {
    const add = WIDGETS[node.comfyClass];
    if (add && node.constructor?.nodeData?.category === CATEGORY) add(node);
  },
});
