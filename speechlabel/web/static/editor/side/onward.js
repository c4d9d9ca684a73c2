// The end of a recording: what is left in it, and on to the next one.

import { ClientError } from "../sync/answers.js";
import { h } from "../dom.js";
import { listed, nameOf } from "../i18n.js";
import { firstOpen, inPreparation, leftOf, nextWithWork, previousOf } from "../model/next.js";

/** @typedef {import("../types.js").RecordingRow} RecordingRow */

export class Onward {
  /** The list, once it was asked for at the end of the recording. @type {Promise<RecordingRow[]|null>|null} */
  #asked = null;

  /** @param {import("../session.js").Session} session @param {(recording: string, project?: string) => void} go open another recording */
  constructor(session, go) {
    this.session = session;
    this.go = go;
    this.words = h("span", { class: "sl-end-words" });
    this.buttons = h("span", { class: "sl-end-buttons" });
    this.element = h(
      "section",
      { class: "sl-end", hidden: true, "aria-label": session.t("editor.end.label") },
      this.words,
      this.buttons,
    );
    const { scope, model } = session;
    scope.listen(this.element, "mousedown", (event) => event.preventDefault()); // the caret stays, and Enter goes on
    scope.own(model.on("select", () => this.hide()));
    scope.own(model.on("change", () => this.#asked && void this.#show(this.#asked)));
  }

  hide() {
    this.#asked = null;
    this.element.hidden = true;
  }

  /** Enter on the last segment: say what is left and where it goes on; once more: go there. */
  async arrive() {
    if (this.#asked) {
      await this.#goOn(this.#asked);
      return;
    }
    this.#asked = this.#list();
    await this.#show(this.#asked);
  }

  /** Open the next recording with work left. */
  async next() {
    const rows = await this.#list();
    const { t, model } = this.session;
    const row = rows && nextWithWork(rows, model.recording.id);
    if (row) this.go(row.id);
    else if (rows) this.session.say(t("editor.end.noOther"));
  }

  /** Open the recording before this one in the list, done or not. */
  async previous() {
    const rows = await this.#list();
    const { t, model } = this.session;
    const row = rows && previousOf(rows, model.recording.id);
    if (row) this.go(row.id);
    else if (rows) this.session.say(t("editor.end.first"));
  }

  /** @param {Promise<RecordingRow[]|null>} asked */
  async #goOn(asked) {
    const rows = await asked;
    const { model } = this.session;
    const row = rows && nextWithWork(rows, model.recording.id);
    if (row) this.go(row.id);
    else if (rows) this.#toOpen();
    else {
      this.hide(); // the list did not come: ask anew
      await this.arrive();
    }
  }

  #toOpen() {
    const segment = firstOpen(this.session.model.segments);
    if (segment) this.session.go(segment.id, { focus: true });
  }

  /** @returns {Promise<RecordingRow[]|null>} null: it could not be had, and the person was told */
  async #list() {
    try {
      return await this.session.client.recordings(this.session.model.project.id);
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      this.session.say(this.session.t("editor.end.noList"), "warn");
      return null;
    }
  }

  /** @param {Promise<RecordingRow[]|null>} asked */
  async #show(asked) {
    const { t, model, locale } = this.session;
    const left = leftOf(model.segments);
    const parts = /** @type {const} */ ([
      [left.unsure, "editor.end.unsure"],
      [left.empty, "editor.end.empty"],
      [left.open, "editor.end.open"],
    ]).flatMap(([n, key]) => (n ? [t(key, { n })] : []));
    const isDone = parts.length === 0;
    const here = isDone
      ? t("editor.end.allDone", { n: left.total })
      : t("editor.end.left", { what: listed(parts, locale) });
    const rows = await asked;
    if (asked !== this.#asked) return;
    if (!rows) {
      this.hide();
      return;
    }
    const row = nextWithWork(rows, model.recording.id);
    const waits = inPreparation(rows);
    const beyond = waits
      ? t("editor.end.preparing", { n: waits })
      : t(isDone ? "editor.end.projectDone" : "editor.end.noOther");
    const words = row ? here : `${here} ${beyond}`;
    this.words.textContent = words;
    this.buttons.replaceChildren(
      ...(isDone ? [] : [this.#button(t("editor.end.toLeft"), () => this.#toOpen(), !row)]),
      ...(row ? [this.#button(this.#titleOf(row), () => this.go(row.id), true)] : []),
      ...(!row && isDone && !waits ? [this.#button(t("editor.end.export"), () => this.session.onEvent("export", {}))] : []),
    );
    if (this.element.hidden) this.session.announce(row ? `${words} Enter: ${this.#titleOf(row)}` : words);
    if (!this.element.hidden) return;
    this.element.hidden = false;
    this.session.status.unsay(); // it would lie over this
    if (model.currentId) this.session.rows.reveal(model.currentId); // there is less room for the rows now
  }

  /** @param {RecordingRow} row */
  #titleOf(row) {
    const { t, locale } = this.session;
    return t("editor.end.next", { name: nameOf(row, locale), done: row.done, total: row.segments });
  }

  /** @param {string} words @param {() => void} action @param {boolean} [isEnter] Enter does it too */
  #button(words, action, isEnter = false) {
    const button = h(
      "button",
      { type: "button", class: isEnter ? "sl-action" : "sl-plain" },
      isEnter ? h("kbd", {}, "Enter") : null,
      words,
    );
    button.addEventListener("click", action);
    return button;
  }
}
