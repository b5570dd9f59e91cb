// DragPoints and WarpFeatures: arrows from handles to their targets, drawn over the picture before; what is reached while the node
// works, and what was reached in its last run.

import { anchored, dragged, format, gripAt, isAnchor, isSame, kept, keyed, MOST, parse, placeOf } from "../geometry/drags.js";
import { fit, toPixels } from "../geometry/frame.js";
import { latentBefore, mapBefore, pictureAfter } from "../lib/backdrop.js";
import { isOwn } from "../lib/inputs.js";
import { offerMaskPainting } from "../lib/mask_painting.js";
import { maskShade } from "../lib/mask_shade.js";
import { hear } from "../lib/news.js";
import { remark, say } from "../lib/text.js";
import { load, whenTold } from "../lib/told.js";
import { known } from "../lib/upstream.js";
import { here } from "../lib/wires.js";
import { watchPicture, withBackdrop } from "../lib/with_backdrop.js";
import { endWork, workOf } from "../lib/work.js";

const HEIGHT = 260;
const HANDLE = "#ef4444";
const ANCHOR = "#f59e0b";
// Around what is drawn, so that it is seen on any picture.
const HALO = "rgba(0, 0, 0, 0.7)";
const HINT = "Press and pull to drag a point; double-click to hold one.";

/** The drawing of DragPoints, which tells of the picture that it ends with, and how near each point came. */
export const addDragPoints = (node) => addPoints(node, { before: latentBefore });

/** That of WarpFeatures, whose points reach their targets, and things around them come along within a radius. */
export const addWarpPoints = (node) => addPoints(node, { before: mapBefore, after: pictureAfter, radius: "radius" });

/** before: where the picture below is told of; after: where that of the end is, if not by the node; radius: the input's name. */
function addPoints(node, { before: findBefore, after: findAfter, radius }) {
  let chosen = null;
  let result = null;

  const text = () => known(here(node), "points");
  const read = (points) => parse(points) ?? { drags: [], others: null };
  const isEditable = (points) => isOwn(node, "points") && parse(points) !== null;

  /** What is to be dragged, whoever says it: what comes over a wire is known only by the last run. */
  const drags = () => (text() === undefined ? (result?.drags ?? []) : read(text()).drags);

  function frameOf(box) {
    const { width, height } = picture.image() ?? end() ?? { width: 1, height: 1 };
    return fit(width / height, box);
  }

  /** The picture that the last run ended with, or null. */
  const end = () => (after ? after() : (result?.image ?? null));

  /** What is written, and the end that is chosen then. */
  function put({ points }, changed, next) {
    chosen = next;
    const { drags: before, others } = read(points);
    return changed === before || isSame(changed, before) ? { points } : { points: format(changed, others) };
  }

  const drawing = {
    name: "drag",
    label:
      "Points to drag, from their handles to their targets: press and pull to draw one, drag its ends, double-click for an anchor; " +
      "Enter chooses the next, arrow keys move it, with Alt its other end; + adds an anchor, Delete removes",
    inputs: ["points"],
    height: HEIGHT,
    draw(context, box, values, colours, hold, hover) {
      const frame = frameOf(box);
      const now = drags();
      const work = workOf(node);
      const isDone = result !== null && isSame(now, result.drags);
      // The pointer over it is about to draw: then it is the picture that the drag begins with.
      const shown = work?.image ?? (isDone && !hold && !hover ? end() : null);
      picture.draw(context, frame, colours);
      if (shown) context.drawImage(shown, frame.left, frame.top, frame.width, frame.height);
      mask.draw(context, frame);
      const places = work ? reachedBy(work.values) : shown ? result.reached : [];
      chosen = kept(now, chosen);
      if (radius) drawReaches(context, now, known(here(node), radius), frame);
      for (const [index, drag] of now.entries())
        drawDrag(context, drag, places[index], frame, colours, index === chosen?.index ? chosen.end : null);
      if (isDone && !work && !radius) drawDistances(context, now, result.distances, frame);
      return remarkOn(context, frame, values.points, now, picture.image() ?? shown, colours);
    },
    press: (values, point, box) => (isEditable(values.points) ? gripAt(drags(), point, frameOf(box)) : null),
    take(values, grip) {
      chosen = grip.end === "new" ? null : grip;
      return {};
    },
    drag(values, grip, from, to, box, event) {
      const before = read(values.points).drags;
      const changed = dragged(before, grip, from, to, frameOf(box), event);
      const isNew = changed.length > before.length;
      return put(values, changed, isNew ? { index: before.length, end: "to" } : kept(changed, chosen));
    },
    twice(values, point, box) {
      if (!isEditable(values.points)) return {};
      const before = read(values.points).drags;
      const changed = anchored(before, point, frameOf(box));
      return put(values, changed, changed === before ? chosen : { index: before.length, end: "whole" });
    },
    key(values, event) {
      const next = isEditable(values.points) ? keyed(read(values.points).drags, chosen, event.key, event) : null;
      return next && put(values, next.drags, next.chosen);
    },
    cursor: (grip) => (grip === null ? "default" : grip.end === "new" ? "crosshair" : "grab"),
  };

  function remarkOn(context, frame, points, now, image, colours) {
    if (text() === undefined) return "These points come over a wire: they are drawn as the last run had them.";
    const said = parse(points);
    if (!said) return remark(context, frame, "points: no list of points can be read in it.", colours);
    if (now.length > MOST) return remark(context, frame, `${now.length} points, and at most ${MOST} can be dragged.`, colours);
    if (said.others) return `Of ${said.others.length + 1} pictures, each with points of its own, this is the first.`;
    if (!image) say(context, frame, "Run the graph once to see the picture.", colours);
    if (!now.length) drawLine(context, HINT, frame.left + 4, frame.top + frame.height - 10);
    return isOwn(node, "points") ? "" : "These points come over a wire.";
  }

  const picture = withBackdrop(node, drawing, findBefore);
  const after = findAfter && watchPicture(node, findAfter, () => picture.redraw());
  const mask = maskShade(node, "mask", () => picture.redraw());
  offerMaskPainting(node, () => picture.image());
  hear(node, "work", () => picture.redraw());
  whenTold(node, async ({ soat_drag: told, soat_after: made }) => {
    if (!told) return;
    const mine = { told };
    result = { ...mine, ...readResult(told), image: result?.image ?? null };
    const image = await load(made?.[0]);
    if (result.told !== mine.told) return;
    result.image = image;
    endWork(node);
    picture.redraw();
  });
}

function readResult(told) {
  return {
    drags: told.map(({ from, to }) => ({ from: placeOf(from), to: placeOf(to) })),
    reached: told.map(({ reached }) => placeOf(reached)),
    distances: told.map(({ distance }) => distance),
  };
}

/** Where handles are, of what the node tells while it works. */
const reachedBy = (values) => values.map(({ to }) => placeOf(to));

/** One drag; place: where its handle is now, if that is shown. */
function drawDrag(context, drag, place, frame, colours, chosen) {
  const [from, to] = [toPixels(place ?? drag.from, frame), toPixels(drag.to, frame)];
  if (isAnchor(drag)) return dot(context, from, ANCHOR, chosen, 3);
  for (const [width, colour] of [
    [4, HALO],
    [2, "#fff"],
  ]) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    tip(context, from, to);
    context.stroke();
  }
  dot(context, from, HANDLE, chosen === "from", 4);
  dot(context, to, colours.accent, chosen === "to", 4);
}

/** The head of an arrow, a little before its end, which has a dot. */
function tip(context, from, to) {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length < 18) return;
  const angle = Math.atan2(to.y - from.y, to.x - from.x);
  const at = { x: to.x - 6 * Math.cos(angle), y: to.y - 6 * Math.sin(angle) };
  for (const turn of [2.6, -2.6]) {
    context.moveTo(at.x, at.y);
    context.lineTo(at.x + 8 * Math.cos(angle + turn), at.y + 8 * Math.sin(angle + turn));
  }
}

function dot(context, { x, y }, colour, isChosen, radius) {
  for (const [more, fill] of [
    [isChosen ? 4 : 2, isChosen ? "#fff" : HALO],
    [isChosen ? 2 : 1, isChosen ? HALO : "#fff"],
    [0, colour],
  ]) {
    context.fillStyle = fill;
    context.beginPath();
    context.arc(x, y, radius + more, 0, 2 * Math.PI);
    context.fill();
  }
}

/** Around each target how far things come along; in pictures, which are as large as the canvas's shorter side at most. */
function drawReaches(context, drags, radius, frame) {
  if (!(radius > 0)) return;
  context.save();
  context.beginPath();
  context.rect(frame.left, frame.top, frame.width, frame.height);
  context.clip();
  context.lineWidth = 1;
  context.setLineDash([3, 4]);
  context.strokeStyle = "rgba(255, 255, 255, 0.6)";
  for (const { to } of drags) {
    const { x, y } = toPixels(to, frame);
    context.beginPath();
    context.arc(x, y, radius * Math.min(frame.width, frame.height), 0, 2 * Math.PI);
    context.stroke();
  }
  context.restore();
}

/** Beside each target how far it was missed. */
function drawDistances(context, drags, distances, frame) {
  for (const [index, drag] of drags.entries()) {
    const { x, y } = toPixels(drag.to, frame);
    const isRight = x > frame.left + frame.width - 60;
    drawLine(context, `${distances[index].toFixed(1)} px`, isRight ? x - 10 : x + 10, y, isRight ? "right" : "left");
  }
}

function drawLine(context, line, x, y, align = "left") {
  context.font = "11px sans-serif";
  context.textAlign = align;
  context.textBaseline = "middle";
  context.lineWidth = 3;
  context.strokeStyle = HALO;
  context.strokeText(line, x, y);
  context.fillStyle = "#fff";
  context.fillText(line, x, y);
}
