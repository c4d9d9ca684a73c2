// Keys on their way to commands: whose key is it, the input method's, a box's, a button's or ours?

import { focusedLayer } from "../list/layers.js";
import { CompositionGuard, matchKey } from "./keys.js";

/** @typedef {import("./keys.js").KeyContext} KeyContext */

export class Keyboard {
  guard = new CompositionGuard();
  /** The text as it was when the caret came into the box. */
  #textBefore = "";

  /** @param {import("../session.js").Session} session */
  constructor(session) {
    this.session = session;
    const { scope, root, keystrip } = session;
    scope.listen(document, "keydown", (event) => this.#key(event));
    scope.listen(root, "compositionstart", () => this.guard.start());
    scope.listen(root, "compositionend", (event) => {
      this.guard.end(event.timeStamp);
      // Chrome sends no further input event after this one.
      const { target } = event;
      const id = target instanceof HTMLTextAreaElement && target.matches(".sl-text") ? target.closest(".sl-row")?.getAttribute("data-id") : null;
      if (id) session.typed(id, target);
    });
    scope.listen(root, "focusin", (event) => {
      const box = session.inText();
      keystrip.show(box || focusedLayer() !== null ? "text" : "wave");
      if (box && event.target === box) this.#textBefore = box.value;
    });
    scope.listen(root, "focusout", () => this.guard.reset());
  }

  /** A composition that is open when something else takes the place of its text must not go on there. */
  finish() {
    const box = document.activeElement;
    if (this.guard.composing && box instanceof HTMLElement && this.session.root.contains(box)) box.blur();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.defaultPrevented || this.guard.blocks(event)) return;
    const context = this.#context(event);
    if (!context) return;
    if (this.guard.isEcho(event)) {
      event.preventDefault();
      return;
    }
    if (event.key === "Escape" && this.session.regions.cancel()) {
      event.preventDefault();
      return;
    }
    const match = matchKey(event, context, this.session.commands);
    if (!match) return;
    const command = this.session.commands.find((item) => item.id === match.id);
    if (command?.native) return;
    if ((match.id === "undo" || match.id === "redo") && this.#browserDoes(match.id)) return;
    if (event.repeat && !REPEATS.has(match.id)) {
      event.preventDefault();
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    this.session.run(match.id, match.digit);
  }

  /** @param {KeyboardEvent} event @returns {KeyContext|null} null: the key is not ours */
  #context(event) {
    const { root, waveform } = this.session;
    const target = event.target instanceof Element ? event.target : document.body;
    const isOurs = root.contains(target);
    const isPedal = /^F\d+$/.test(event.key); // works from anywhere: a foot knows of no focus
    if ((!isOurs && !isPedal && target !== document.body) || root.offsetParent === null) return null;
    if (target.closest("dialog") || document.querySelector("dialog[open]")) return null;
    if (this.session.inText() || target.matches(".sl-layer")) return "text";
    const hasModifier = event.altKey || event.ctrlKey || event.metaKey || isPedal;
    if (
      target instanceof HTMLInputElement ||
      target instanceof HTMLTextAreaElement ||
      target instanceof HTMLSelectElement
    ) {
      if (isPedal) return "wave";
      if (event.key !== "Escape") return null;
      event.preventDefault();
      this.session.returnFocus();
      return null;
    }
    // On a button a bare letter must not delete a segment; Alt keys and function keys work everywhere.
    if (target === waveform.element || target === document.body || hasModifier) return "wave";
    if (event.key === "Escape") this.session.returnFocus();
    return null;
  }

  /**
   * While typing is the newest step, the browser takes it back, and does it again, letter by letter; a label, a
   * merge or any other step after it is taken back by us, whole.
   * @param {"undo"|"redo"} which
   */
  #browserDoes(which) {
    const box = this.session.inText();
    if (!box || this.session.readOnly || !this.session.model.isTyping) return false;
    const before = box.value;
    if (which === "undo" && before === this.#textBefore) return false;
    this.session.scope.timeout(() => {
      if (box.isConnected && box.value === before) this.session.run(which); // it had nothing to do
    }, 0);
    return true;
  }
}

/** Commands that go on while their key is held. */
const REPEATS = new Set([
  "back",
  "forward",
  "previous",
  "next",
  "selectNext",
  "selectPrevious",
  "startEarlier",
  "startLater",
  "endEarlier",
  "endLater",
  "startMuchEarlier",
  "startMuchLater",
  "endMuchEarlier",
  "endMuchLater",
  "zoomIn",
  "zoomOut",
  "undo",
  "redo",
]);
