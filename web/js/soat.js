// What ComfyUI loads: drawings for the nodes that have one, the colours of wires, and news for both.

import { api } from "../../../scripts/api.js";
import { app } from "../../../scripts/app.js";
import { watch } from "./lib/inputs.js";
import { addLive, liveItems } from "./lib/live.js";
import { isOurs, removeLivePicture } from "./lib/live_picture.js";
import { maskItems } from "./lib/mask_painting.js";
import { announce, holdNews } from "./lib/news.js";
import { showTextOf } from "./lib/node_text.js";
import { forgetModels } from "./lib/server.js";
import { colourSlots } from "./lib/slots.js";
import { recall } from "./lib/told.js";
import { addPickSheet, addRelatedSheet } from "./widgets/batch_sheet.js";
import { addContactSheet } from "./widgets/contact_sheet.js";
import { addDragPoints, addWarpPoints } from "./widgets/drag_points.js";
import { addFeaturesView } from "./widgets/features_view.js";
import { addLayerRange } from "./widgets/layer_range.js";
import { addModelCard } from "./widgets/model_card.js";
import { addPadExpand } from "./widgets/pad_expand.js";
import { addRegionMask } from "./widgets/region_mask.js";
import { addShiftBlend } from "./widgets/shift_blend.js";
import { addSquareCrop } from "./widgets/square_crop.js";
import { addManyStrip, addPanoramaStrip, addStitchStrip } from "./widgets/strip.js";

const WIDGETS = {
  DragPoints: addDragPoints,
  EditLatent: addLayerRange,
  GetFeatures: addFeaturesView,
  InterpolateFeatures: (node) => addLayerRange(node, { ramp: true }),
  LoadStyleGAN: addModelCard,
  MergeGenerators: addLayerRange,
  MixStyles: addLayerRange,
  PadExpand: addPadExpand,
  PanoramaFeatures: addPanoramaStrip,
  RegionMask: addRegionMask,
  Render: addLive,
  SampleLatent: addContactSheet,
  SampleLatentGrid: addRelatedSheet,
  SampleLatentSequence: addRelatedSheet,
  SelectLatents: addPickSheet,
  ShiftBlend: addShiftBlend,
  SquareCrop: addSquareCrop,
  StitchFeatures: addStitchStrip,
  StitchMany: addManyStrip,
  TruncateLatent: addLayerRange,
  WarpFeatures: addWarpPoints,
};

app.registerExtension({
  name: "SOAT.drawings",
  setup() {
    api.addEventListener("executed", ({ detail }) => {
      removeLivePicture(detail);
      announce("outputs");
    });
    // Texts are shown on nodes only while their graph is.
    app.canvas.canvas.addEventListener("litegraph:set-graph", () => announce("outputs"));
    // Whatever it was: a value chosen on a subgraph node, or a wire between nodes that aren't ours.
    api.addEventListener("graphChanged", () => {
      // If a graph couldn't be opened, too.
      holdNews(false);
      announce("inputs");
    });
    // After the palette: it forgets colours that aren't its own.
    app.ui.settings.addEventListener("Comfy.ColorPalette.change", () =>
      setTimeout(() => {
        colourSlots();
        announce("colours");
      }),
    );
  },
  nodeCreated(node) {
    if (!isOurs(node)) return;
    watch(node, () => announce("inputs"));
    WIDGETS[node.comfyClass]?.(node);
    showTextOf(node);
  },
  getNodeMenuItems: (node) => [...liveItems(node), ...maskItems(node)],
  // A node of a file is made before its values are: what it says until then is nobody's.
  beforeConfigureGraph: () => holdNews(true),
  afterConfigureGraph() {
    holdNews(false);
    colourSlots();
    // Undo, too, makes all nodes anew; what they told is still there.
    announce("outputs");
    announce("inputs");
    recall();
  },
  onNodeOutputsUpdated: () => announce("outputs"),
  refreshComboInNodes() {
    forgetModels();
    announce("files");
  },
});
