// What ComfyUI loads: drawings for the nodes that have one.

import { app } from "../../../scripts/app.js";
import { addLayerRange } from "./widgets/layer_range.js";
import { addPadExpand } from "./widgets/pad_expand.js";
import { addShiftBlend } from "./widgets/shift_blend.js";

const WIDGETS = {
  EditLatent: addLayerRange,
  InterpolateFeatures: (node) => addLayerRange(node, { ramp: true }),
  MixStyles: addLayerRange,
  PadExpand: addPadExpand,
  ShiftBlend: addShiftBlend,
  TruncateLatent: addLayerRange,
};
// Other packs may have nodes of the same names.
const CATEGORY = "StyleGAN (SOAT)";

app.registerExtension({
  name: "SOAT.drawings",
  nodeCreated(node) {
    const add = WIDGETS[node.comfyClass];
    if (add && node.constructor?.nodeData?.category === CATEGORY) add(node);
  },
});
