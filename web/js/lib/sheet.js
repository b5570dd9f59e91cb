// Pictures on a node that the server draws, side by side in one strip.

import { fit } from "../geometry/frame.js";
import { cell, layout } from "../geometry/sheet.js";
import { PAUSE, pictures } from "./server.js";

/** What asks for strips, each once; `redraw` is called when one has come. */
export class Sheet {
  #redraw;
  #wanted = null;
  #made = 0;
  picture = null;
  message = null;

  constructor(redraw) {
    this.#redraw = redraw;
  }

  /**
   * Ask for a strip of so many pictures, unless it is the one there is; instead of it there is a message until the first of them
   * come. The rest is asked for as long as the strip is wanted.
   */
  async show(address, query, count) {
    const key = JSON.stringify([address, query]);
    if (key === this.#wanted) return;
    [this.#wanted, this.picture, this.message, this.#made] = [key, null, "...", 0];
    await new Promise((done) => setTimeout(done, PAUSE));
    if (key !== this.#wanted) return;
    try {
      for (let before = -1; key === this.#wanted && before < this.#made && this.#made < count; ) {
        const { image, made } = await pictures(address, query);
        if (key !== this.#wanted) break;
        before = this.#made;
        [this.picture, this.message, this.#made] = [image, null, made];
        this.#redraw();
      }
    } catch (error) {
      if (key === this.#wanted) this.message = error.message;
    }
    this.#redraw();
  }

  /** There is nothing to ask for; the message says why. */
  showNothing(message) {
    [this.#wanted, this.picture, this.message] = [null, null, message];
  }

  /** Ask again for what is there. */
  forget() {
    this.#wanted = null;
    this.#redraw();
  }

  /** Draw so many pictures in cells, in so many columns, with room for so many; returns their layout. */
  draw(context, count, box, { columns, room = count } = {}) {
    const place = layout(room, box, columns);
    const { width, height } = this.picture;
    const each = width / this.#made;
    for (let index = 0; index < Math.min(count, this.#made); index += 1) {
      const { left, top, side } = cell(index, place);
      const frame = fit(each / height, { left, top, width: side - 1, height: side - 1 });
      context.drawImage(this.picture, index * each, 0, each, height, frame.left, frame.top, frame.width, frame.height);
    }
    return place;
  }
}
