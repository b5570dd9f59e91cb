// Drawings that take little room until they are asked for; whether they are is kept in the workflow.

import { makeRoom } from "./element.js";
import { say } from "./text.js";

/** `drawing` as of addDrawing, behind a line that says `invitation` until it is clicked, or Enter is pressed on it. */
export function openable(node, property, invitation, closedHeight, openHeight, drawing) {
  const isOpen = () => Boolean(node.properties[property]);

  function open() {
    node.properties[property] = true;
    makeRoom(node);
    return {};
  }

  return {
    ...drawing,
    height: () => (isOpen() ? openHeight : closedHeight),
    draw(context, box, values, colours, ...rest) {
      if (!isOpen()) return void say(context, box, invitation, colours);
      return drawing.draw(context, box, values, colours, ...rest);
    },
    press: (values, point, box) => (isOpen() ? drawing.press(values, point, box) : "open"),
    take: (values, grip, event) => (grip === "open" ? open() : (drawing.take?.(values, grip, event) ?? {})),
    drag: (values, grip, ...rest) => (grip === "open" ? {} : drawing.drag(values, grip, ...rest)),
    key: (values, event) => (!isOpen() && [" ", "Enter"].includes(event.key) ? open() : drawing.key(values, event)),
    cursor: (grip, values) => (grip === "open" ? "pointer" : drawing.cursor(grip, values)),
  };
}
