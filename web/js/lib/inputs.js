// A node's ordinary inputs by name: the truth that drawings read and write.

import { app } from "../../../../scripts/app.js";

function widget(node, name) {
  return node.widgets?.find((each) => each.name === name);
}

/** Values of some inputs: { name: value }. */
export function read(node, names) {
  return Object.fromEntries(names.map((name) => [name, widget(node, name)?.value]));
}

/** The name of what changes an input after each run; the frontend chooses it. Undefined where there is none. */
export function controlOf(node, name) {
  return widget(node, name)?.linkedWidgets?.[0]?.name;
}

/** What an input may be: `values` of a choice, `min` and `max` of a number. */
export function options(node, name) {
  return widget(node, name).options;
}

/** Whether an input gets its value from another node, so that it can't be set here. */
export function isLinked(node, name) {
  return Boolean(node.inputs?.some((slot) => slot.widget?.name === name && slot.link != null));
}

/** Set inputs as if they had been typed; nothing if one of those that would change is linked: half a change is none. */
export function write(node, values) {
  const changed = Object.entries(values).filter(([name, value]) => widget(node, name) && widget(node, name).value !== value);
  if (changed.some(([name]) => isLinked(node, name))) return;
  for (const [name, value] of changed) {
    const each = widget(node, name);
    const before = each.value;
    each.value = value;
    each.callback?.(value, app.canvas, node);
    node.onWidgetChanged?.(name, value, before, each);
  }
  if (changed.length) node.graph?.incrementVersion?.();
}

/** Call back after a method of an object, such as a node's onConfigure or a widget's callback. */
export function after(object, method, callback) {
  const before = object[method];
  object[method] = function (...values) {
    const result = before?.apply(this, values);
    callback();
    return result;
  };
}

/** Call back whenever one of a node's inputs is changed, by whomever, or its wires are. */
export function watch(node, changed) {
  for (const each of node.widgets ?? []) after(each, "callback", changed);
  for (const method of ["onConfigure", "onConnectionsChange"]) after(node, method, changed);
}
