// What undo takes back.

import { app } from "../../../../scripts/app.js";

/** Undo takes note of what it sees at a mouse's release and a key's first press; of touch and held keys it has to be told. */
export function noteForUndo() {
  app.extensionManager?.workflow?.activeWorkflow?.changeTracker?.captureCanvasState?.();
}

/** Change the graph in one step for undo, with nothing else in it. */
export function inOneStep(change) {
  noteForUndo();
  app.canvas.emitBeforeChange();
  try {
    return change();
  } finally {
    app.canvas.emitAfterChange();
  }
}
