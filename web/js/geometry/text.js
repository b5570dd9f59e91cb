// Texts in lines.

/** A text as lines no wider than so many pixels, at most so many, the last one with the rest; width(text): in pixels. */
export function lines(text, wide, most, width) {
  const found = [""];
  for (const word of text.split(/\s+/)) {
    const longer = found.at(-1) ? `${found.at(-1)} ${word}` : word;
    if (!found.at(-1) || found.length === most || width(longer) <= wide) found[found.length - 1] = longer;
    else found.push(word);
  }
  return found;
}
