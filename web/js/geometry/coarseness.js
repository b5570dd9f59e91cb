// How coarse a live picture is while values change, by how long pictures take.

// Longer sides in pixels, finer first; 0: whole.
const SIDES = [0, 512, 256, 128, 64];
// Milliseconds that a picture may take, and so few that a finer one won't take too many.
const SLOW = 500;
const FAST = 100;
// Milliseconds that a whole one may take for the next to be whole, measured, not guessed from a coarse one.
const WHOLE = 350;

/**
 * The side of the next picture while values change.
 * @param side What it has been so far.
 * @param made The side of the picture that was made last: it may have been a whole one, since values rested.
 * @param milliseconds What that took, the way to the server and back included.
 */
export function nextSide(side, made, milliseconds) {
  const at = SIDES.indexOf(made);
  // With half the side, about half the work is left.
  if (milliseconds > SLOW) {
    const coarser = SIDES[Math.min(at + Math.max(1, Math.round(Math.log2(milliseconds / SLOW))), SIDES.length - 1)];
    return made === side ? coarser : side || coarser;
  }
  if (!made && milliseconds < WHOLE) return 0;
  return milliseconds < FAST && made === side ? SIDES[Math.max(at - 1, 0)] : side;
}
