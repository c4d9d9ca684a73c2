// Proposals while typing, in grey behind the caret, and abbreviations written out. Never during a composition, and
// nothing is taken but by a key that does nothing else at that place.

import { Proposals, snippetAt } from "../model/proposals.js";

/** @typedef {{box: HTMLTextAreaElement, id: string, text: string, all: string[], at: number}} Shown */

const SLICE_MS = 4; // of reading earlier texts at a time
const PAUSE_MS = 40;
const SLICE_TEXTS = 20;

export class Completion {
  /** Segments whose texts are to be read (again). @type {Set<string>} */
  #due = new Set();
  #hasBegun = false;
  #isReading = false;
  /** @type {Shown|null} */
  #shown = null;

  /** @param {import("../session.js").Session} session */
  constructor(session) {
    const { scope, root, model } = session;
    this.session = session;
    this.proposals = new Proposals(model.guideline.terms);
    scope.listen(root, "input", (event) => {
      if (event instanceof InputEvent && event.isComposing) this.hide();
      else this.#propose(event.inputType?.startsWith("insert") ?? false);
    });
    scope.listen(root, "compositionstart", () => this.hide());
    scope.listen(root, "compositionend", () => this.#propose(true));
    scope.listen(root, "focusout", () => this.#leave());
    scope.listen(document, "selectionchange", () => {
      if (this.#shown && !this.#isAtEnd(this.#shown.box)) this.#leave();
    });
    scope.listen(root, "keydown", (event) => this.#key(event), { capture: true });
    scope.own(model.on("change", ({ ids }) => this.#changed(ids)));
    scope.own(model.on("select", ({ previous }) => previous && this.#changed(new Set([previous]))));
  }

  /** Write out the abbreviation before the caret, else show the next proposal; where none can be shown, take it. */
  next() {
    const { session } = this;
    const box = session.inText();
    if (!box || box.readOnly) return;
    const before = box.value.slice(0, box.selectionStart);
    const snippet = snippetAt(before, session.model.guideline.snippets ?? []);
    if (snippet) {
      box.setSelectionRange(box.selectionStart - snippet.short.length, box.selectionStart);
      session.insertMark(snippet.text);
      return;
    }
    this.#begin();
    if (this.#shown) {
      const { all, at } = this.#shown;
      this.#show({ ...this.#shown, at: (at + 1) % all.length });
      this.#fit(this.#shown.id);
    } else {
      const all = this.proposals.after(before);
      const id = box.closest(".sl-row")?.getAttribute("data-id");
      if (all.length === 0 || !id) session.say(session.t("editor.say.noProposal"));
      else if (this.#isAtEnd(box)) {
        this.#show({ box, id, text: box.value, all, at: 0 });
        this.#fit(id);
      } else session.insertMark(all[0] ?? "");
    }
    const now = this.#shown?.all[this.#shown.at];
    if (now) session.announce(now);
  }

  hide() {
    const shown = this.#shown;
    this.#shown = null;
    if (shown) this.session.rows.ghost(shown.id, shown.text, "");
  }

  /** Nothing was written: nobody else looks how high the row is. */
  #leave() {
    const id = this.#shown?.id;
    this.hide();
    if (id) this.#fit(id);
  }

  /** What is proposed may need a line more than the text, or no longer. @param {string} id */
  #fit(id) {
    this.session.rows.refresh(new Set([id]));
  }

  /** @param {boolean} isWriting not erasing: what is taken away need not be proposed again */
  #propose(isWriting) {
    this.hide();
    const { session } = this;
    if (!session.settings.proposals || !isWriting) return;
    this.#begin();
    const box = session.inText();
    const id = box?.closest(".sl-row")?.getAttribute("data-id");
    if (!box || !id || !this.#isAtEnd(box)) return;
    const all = this.proposals.after(box.value);
    if (all.length) this.#show({ box, id, text: box.value, all, at: 0 });
  }

  /** @param {Shown} shown */
  #show(shown) {
    this.#shown = shown;
    this.session.rows.ghost(shown.id, shown.text, shown.all[shown.at] ?? "");
  }

  /** @param {HTMLTextAreaElement} box */
  #isAtEnd(box) {
    return document.activeElement === box && box.selectionStart === box.value.length;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const shown = this.#shown;
    if (!shown || event.target !== shown.box || event.isComposing || event.keyCode === 229) return;
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const isLeftward = getComputedStyle(shown.box).direction === "rtl";
    if (event.key !== (isLeftward ? "ArrowLeft" : "ArrowRight")) return;
    event.preventDefault();
    event.stopPropagation();
    this.hide();
    this.session.insertMark(shown.all[shown.at] ?? "");
  }

  // Reading earlier texts, between keystrokes

  #begin() {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#changed(null);
  }

  /** @param {Set<string>|null} ids null: all */
  #changed(ids) {
    if (!this.#hasBegun) return;
    for (const id of ids ?? this.session.model.segments.map((segment) => segment.id)) this.#due.add(id);
    this.#read();
  }

  #read() {
    if (this.#isReading || this.#due.size === 0) return;
    this.#isReading = true;
    this.session.scope.timeout(() => {
      this.#isReading = false;
      const { model } = this.session;
      const end = performance.now() + SLICE_MS;
      let n = 0;
      for (const id of this.#due) {
        if (n++ % SLICE_TEXTS === SLICE_TEXTS - 1 && performance.now() > end) break;
        this.#due.delete(id);
        // What is being written is read when it is left: half a word is none.
        if (id !== model.currentId) this.proposals.take(id, model.byId(id)?.text ?? null);
      }
      this.#read();
    }, PAUSE_MS);
  }
}
