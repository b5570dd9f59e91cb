// Seeds that an artist has marked on a node. They are kept in its properties: so in the workflow, in copies, and for undo.
//
// A seed is another picture with another model or other random numbers, so each mark says of which it is:
// properties.soat_favourites is a list of { checkpoint, rng, seed }.

const KEPT = "soat_favourites";

/** All marks; a workflow that somebody else wrote may have anything there. */
function kept(node) {
  const marks = node.properties[KEPT];
  return Array.isArray(marks) ? marks.filter((mark) => Number.isSafeInteger(mark?.seed) && mark.seed >= 0) : [];
}

const isOf = (mark, { checkpoint, rng }) => mark.checkpoint === checkpoint && mark.rng === rng;

/** The seeds marked for a model { checkpoint, rng }, in the order they were. */
export function favouritesOf(node, model) {
  return kept(node)
    .filter((mark) => isOf(mark, model))
    .map(({ seed }) => seed);
}

/** Mark a seed, or take its mark away. */
export function toggleFavourite(node, { checkpoint, rng }, seed) {
  if (checkpoint === undefined || !Number.isSafeInteger(seed)) return;
  const isIt = (mark) => isOf(mark, { checkpoint, rng }) && mark.seed === seed;
  const others = kept(node).filter((mark) => !isIt(mark));
  // A new list: the frontend may still have the old one, to compare with for undo.
  node.properties[KEPT] = others.length < kept(node).length ? others : [...others, { checkpoint, rng, seed }];
}
