// Pictures on a node that the server draws, side by side in one strip.

import { fit } from "../geometry/frame.js";
import { cell, layout } from "../geometry/sheet.js";
import { PAUSE, pictures } from "./server.js";

/** What asks for strips, each once; `redraw` is called when one has come. */
export class Sheet {
  #redraw;
  #wanted = null;
  picture = null;
  message = null;

  constructor(redraw) {
    this.#redraw = redraw;
  }

  /** Ask for a strip, unless it is the one there is; instead of it there is a message until it comes. */
  async show(address, query) {
    const key = JSON.stringify([address, query]);
    if (key === this.#wanted) return;
    [this.#wanted, this.picture, this.message] = [key, null, "..."];
    await new Promise((done) => setTimeout(done, PAUSE));
    if (key !== this.#wanted) return;
    try {
      const picture = await pictures(address, query);
      if (key === this.#wanted) [this.picture, this.message] = [picture, null];
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
    const each = width / count;
    for (let index = 0; index < count; index += 1) {
      const { left, top, side } = cell(index, place);
      const frame = fit(each / height, { left, top, width: side - 1, height: side - 1 });
      context.drawImage(this.picture, index * each, 0, each, height, frame.left, frame.top, frame.width, frame.height);
    }
    return place;
  }
}
