// What is known of the generator that a node works with.

import { hear } from "./news.js";
import { describe } from "./server.js";
import { checkpointOf } from "./upstream.js";

/**
 * Returns what gives the card { summary, text, resolution, classes, layers } of a node's generator; null as long as it isn't known.
 *
 * changed: called when it has come.
 */
export function modelFor(node, changed) {
  let checkpoint;
  let card = null;
  hear(node, "files", () => {
    checkpoint = undefined;
    changed();
  });
  return () => {
    const wanted = checkpointOf(node);
    if (wanted === checkpoint) return card;
    [checkpoint, card] = [wanted, null];
    if (wanted === undefined) return card;
    describe(wanted).then(
      (found) => {
        if (wanted !== checkpoint) return;
        card = found;
        changed();
      },
      // Load StyleGAN says why.
      () => null,
    );
    return card;
  };
}
