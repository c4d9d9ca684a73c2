// While the sound plays on, the segment under the playhead becomes the current one and its row is in view; a
// text that is being typed in keeps the caret and stays the current one.

import { heardAt } from "./parts.js";

export class Follower {
  /** @type {Element|null} the box that was typed in while the sound played on */
  #typedIn = null;

  /** @param {import("../session.js").Session} session */
  constructor(session) {
    this.session = session;
  }

  /** Playing on begins: what was typed before does not hold it. */
  begin() {
    this.#typedIn = null;
  }

  /** Something was typed into the box that has the caret. */
  typed() {
    this.#typedIn = this.session.inText();
  }

  /** @param {number} us where the sound is */
  moved(us) {
    const { session } = this;
    const { model, settings, rows } = session;
    session.timeline.follow(us);
    if (!settings.followList) return;
    const segment = heardAt(model.segments, model.indexAt(us + 1), us);
    if (!segment || segment.id === model.currentId || this.#isBusy()) return;
    const hadCaret = session.inText() !== null;
    if (model.selectedIds.size > 0) model.setSelected([]);
    model.select(segment.id);
    if (hadCaret) rows.focus(segment.id);
    else rows.reveal(segment.id);
  }

  /** Whether the person writes or chooses something just now. */
  #isBusy() {
    const { root, keyboard } = this.session;
    const box = this.session.inText();
    if (box) return keyboard.guard.composing || box === this.#typedIn;
    const at = document.activeElement;
    const isField = at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement || at instanceof HTMLSelectElement;
    return (isField && root.contains(at)) || document.querySelector("dialog[open]") !== null;
  }
}
