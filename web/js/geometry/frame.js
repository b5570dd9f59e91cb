// Where a canvas is drawn inside a widget: pixels of the widget to fractions of the canvas and back.

/** The largest rectangle of a width-to-height ratio inside a box, in its middle: { left, top, width, height }. */
export function fit(ratio, box) {
  const width = Math.min(box.width, box.height * ratio);
  const height = width / ratio;
  return { left: box.left + (box.width - width) / 2, top: box.top + (box.height - height) / 2, width, height };
}

/** A point in pixels as fractions of a frame. */
export function toFractions(point, frame) {
  return { x: (point.x - frame.left) / frame.width, y: (point.y - frame.top) / frame.height };
}

/** A point in fractions of a frame as pixels. */
export function toPixels(point, frame) {
  return { x: frame.left + point.x * frame.width, y: frame.top + point.y * frame.height };
}

export function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

/** To hundredths, the step of the inputs; no -0. */
export function rounded(value) {
  return Math.round(value * 100) / 100 + 0;
}

/** Every number of an object rounded. */
export function roundedAll(values) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, rounded(value)]));
}

/** The nearest of some named points, if it is within so many pixels; null if none is. */
export function nearest(points, point, radius) {
  let found = null;
  let least = radius;
  for (const [name, place] of Object.entries(points)) {
    const distance = Math.hypot(place.x - point.x, place.y - point.y);
    if (distance <= least) [found, least] = [name, distance];
  }
  return found;
}
