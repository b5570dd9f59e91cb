// A node's ordinary inputs by name: the truth that drawings read and write.

import { app } from "../../../../scripts/app.js";

function widget(node, name) {
  return node.widgets?.find((each) => each.name === name);
}

/** Values of some inputs: { name: value }. */
export function read(node, names) {
  return Object.fromEntries(names.map((name) => [name, widget(node, name)?.value]));
}

/** What an input may be: `values` of a choice, `min` and `max` of a number. */
export function options(node, name) {
  return widget(node, name).options;
}

/** Whether an input gets its value from another node, so that it can't be set here. */
export function isLinked(node, name) {
  return Boolean(node.inputs?.some((slot) => slot.widget?.name === name && slot.link != null));
}

/** Set inputs as if they had been typed; linked ones stay. */
export function write(node, values) {
  for (const [name, value] of Object.entries(values)) {
    const each = widget(node, name);
    if (!each || each.value === value || isLinked(node, name)) continue;
    each.value = value;
    each.callback?.(value, app.canvas, node);
  }
}

/** Call back whenever one of some inputs is changed, by whomever. */
export function watch(node, names, changed) {
  for (const name of names) {
    const each = widget(node, name);
    if (!each) continue;
    const before = each.callback;
    each.callback = function (...values) {
      const result = before?.apply(this, values);
      changed();
      return result;
    };
  }
}
