// "Go to": a small field for a segment's number, a time or a text; it says what it will do while one types.

import { h, setText } from "../dom.js";
import { clock } from "../see/timeline.js";
import { destinationOf } from "./destination.js";

/** @typedef {import("./destination.js").Destination} Destination */

/** @type {Record<string, string>} */
const NOWHERE = { number: "editor.goto.noNumber", time: "editor.goto.noTime", text: "editor.goto.noText" };

export class GoTo {
  /** @type {Destination|null} */
  #destination = null;

  /** @param {import("../session.js").Session} session */
  constructor(session) {
    const { t, scope } = session;
    this.session = session;
    this.field = h("input", {
      type: "text",
      class: "sl-find-field",
      autocomplete: "off",
      spellcheck: "false",
      "aria-label": t("editor.goto.title"),
      placeholder: t("editor.goto.placeholder"),
    });
    this.words = h("p", { class: "sl-faint", role: "status" });
    this.dialog = h(
      "dialog",
      { class: "sl-dialog sl-goto", "aria-label": t("editor.goto.title") },
      this.field,
      this.words,
    );
    scope.listen(this.field, "input", () => this.#read());
    scope.listen(this.field, "keydown", (event) => {
      if (event.isComposing || event.keyCode === 229 || event.key !== "Enter") return;
      event.preventDefault();
      this.#leave();
    });
    scope.listen(this.dialog, "click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    scope.listen(this.dialog, "close", () => {
      if (!session.inText()) session.returnFocus(); // where it went, the caret is in the text already
    });
  }

  open() {
    if (this.dialog.open) return;
    this.dialog.showModal();
    this.field.select();
    this.#read();
  }

  #read() {
    const { t, model, timeline } = this.session;
    const from = model.currentId === null ? -1 : model.indexOf(model.currentId);
    const where = { segments: model.segments, durationUs: timeline.durationUs, from };
    const to = (this.#destination = destinationOf(this.field.value, where));
    const total = model.segments.length;
    if (!to) setText(this.words, t("editor.goto.how"));
    else if (to.kind === "nowhere")
      setText(this.words, t(NOWHERE[to.reason] ?? "", { total, end: clock(timeline.durationUs) }));
    else if (to.kind === "time")
      setText(this.words, t("editor.goto.time", { time: clock(to.us, 1), n: to.index + 1 }));
    else if (to.kind === "text") setText(this.words, t("editor.goto.text", { n: to.index + 1, found: to.found }));
    else setText(this.words, t("editor.goto.segment", { n: to.index + 1, total }));
    this.words.classList.toggle("sl-wrong", to?.kind === "nowhere");
  }

  #leave() {
    const to = this.#destination;
    if (!to || to.kind === "nowhere") return;
    const { session } = this;
    this.dialog.close();
    const segment = session.model.segments[to.index];
    if (segment) session.go(segment.id, { focus: true, play: to.kind === "time" ? false : undefined });
    if (to.kind === "time") {
      session.timeline.reveal(to.us, to.us);
      session.listening.seek(to.us);
    }
    if (to.kind === "text" && segment) session.rows.box(segment.id)?.setSelectionRange(to.at, to.at + to.length);
  }
}
