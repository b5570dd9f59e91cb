// A node's ordinary inputs by name: the truth that drawings read and write.

import { app } from "../../../../scripts/app.js";
import { giverOf, here, hostsOf } from "./wires.js";

function widget(node, name) {
  return node.widgets?.find((each) => each.name === name);
}

/** Values of some inputs: { name: value }; of one that a subgraph node around it gives, that one's. */
export function read(node, names) {
  const value = (name) => (giverOf(here(node), name).widget ?? widget(node, name))?.value;
  return Object.fromEntries(names.map((name) => [name, value(name)]));
}

/** The name of what changes an input after each run; the frontend chooses it. Undefined where there is none. */
export function controlOf(node, name) {
  return widget(node, name)?.linkedWidgets?.[0]?.name;
}

/** What an input may be: `values` of a choice, `min` and `max` of a number. */
export function options(node, name) {
  return widget(node, name).options;
}

/** What is to be set for an input: { node, widget }; null if another node gives it, or one of several subgraph nodes may. */
function setterOf(node, name) {
  const giver = giverOf(here(node), name);
  if (!giver.widget) return null;
  return giver.node === node || hostsOf(node.graph).length === 1 ? giver : null;
}

/** Whether an input can be set here: no other node gives it. */
export const isOwn = (node, name) => setterOf(node, name) !== null;

/** Set inputs as if they had been typed; nothing if one of those that would change can't be: half a change is none. */
export function write(node, values) {
  const before = read(node, Object.keys(values));
  const changed = Object.entries(values).filter(([name, value]) => widget(node, name) && before[name] !== value);
  const setters = changed.map(([name]) => setterOf(node, name));
  if (setters.includes(null)) return;
  for (const [index, [name, value]] of changed.entries()) {
    const setter = setters[index];
    setter.widget.value = value;
    setter.widget.callback?.(value, app.canvas, setter.node);
    setter.node.onWidgetChanged?.(setter.widget.name, value, before[name], setter.widget);
    showAnew(setter);
  }
  if (changed.length) node.graph?.incrementVersion?.();
}

/**
 * Have Vue nodes show how a number is controlled: they look at it only when they first show the number.
 *
 * So for one frame it has no control.
 */
function showAnew({ node, widget: control }) {
  const controlled = node.widgets.find((each) => each.linkedWidgets?.includes(control));
  if (!controlled || !window.LiteGraph.vueNodesMode) return;
  const { linkedWidgets } = controlled;
  const noteWidgets = () => node.widgets.push(node.widgets.pop());
  controlled.linkedWidgets = undefined;
  noteWidgets();
  requestAnimationFrame(() => {
    controlled.linkedWidgets = linkedWidgets;
    noteWidgets();
  });
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
