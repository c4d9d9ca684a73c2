// Somebody else changed the same segment: both side by side, one key each.

import { h } from "../dom.js";
import { titleOf } from "../i18n.js";
import { full } from "../model/records.js";
import { STATES } from "../model/state.js";
import { clock } from "../see/timeline.js";

/** @typedef {import("../types.js").Conflict} Conflict */

/** Fields that are shown when they differ, and what they are called. @type {Record<string, string>} */
const FIELDS = {
  text: "editor.field.text",
  time: "editor.field.time",
  speaker: "editor.field.speaker",
  noise_labels: "editor.field.labels",
  is_valid: "editor.field.valid",
  invalid_reason: "editor.field.reason",
  status: "editor.field.status",
  language: "editor.field.language",
  note: "editor.field.note",
  name: "editor.field.name",
};

export class ConflictView {
  /** @param {import("../session.js").Session} session */
  constructor(session) {
    this.session = session;
    this.body = h("div", { class: "sl-conflict-body" });
    this.dialog = h(
      "dialog",
      { class: "sl-dialog sl-conflict", "aria-label": session.t("editor.conflict.title") },
      this.body,
    );
    session.scope.listen(this.dialog, "cancel", (event) => event.preventDefault()); // it must be decided
    session.scope.listen(this.dialog, "keydown", (event) => {
      if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
      const choice = { 1: "mine", 2: "theirs" }[/^(?:Digit|Numpad)([12])$/.exec(event.code)?.[1] ?? ""];
      if (!choice) return;
      event.preventDefault();
      this.#choose(/** @type {"mine"|"theirs"} */ (choice));
    });
  }

  /** Open, show the next one, or close: as many as there are. */
  refresh() {
    const conflict = this.session.client.conflicts[0];
    if (!conflict || this.session.client.state !== "conflict") {
      if (this.dialog.open) {
        this.dialog.close();
        this.session.returnFocus();
      }
      return;
    }
    this.#show(conflict, this.session.client.conflicts.length);
    if (!this.dialog.open) this.dialog.showModal();
    this.dialog.querySelector("button")?.focus();
  }

  /** @param {"mine"|"theirs"} choice */
  #choose(choice) {
    const conflict = this.session.client.conflicts[0];
    if (conflict) this.session.client.resolve(conflict.target, conflict.id, choice);
    this.refresh();
  }

  /** @param {Conflict} conflict @param {number} count */
  #show(conflict, count) {
    const { t, model } = this.session;
    const mine = conflict.mine ? this.#fields(conflict.mine) : null;
    const theirs = conflict.theirs ? this.#fields(full(conflict.target, conflict.theirs)) : null;
    const names = Object.keys(FIELDS).filter(
      (name) => (mine?.[name] ?? "") !== (theirs?.[name] ?? "") || name === "text" || name === "name",
    );
    const index = conflict.target === "segment" ? model.indexOf(conflict.id) : -1;
    const title = index < 0 ? t("editor.conflict.title") : t("editor.conflict.titleOf", { n: index + 1 });
    const side = (
      /** @type {Record<string, string>|null} */ fields,
      /** @type {string} */ heading,
      /** @type {"mine"|"theirs"} */ choice,
      /** @type {string} */ button,
      /** @type {string} */ key,
    ) => {
      const take = h("button", { type: "button", class: "sl-action" }, h("kbd", {}, key), button);
      take.addEventListener("click", () => this.#choose(choice));
      const list = h("dl", {});
      for (const name of names) {
        if (fields?.[name] === undefined) continue;
        list.append(h("dt", {}, t(/** @type {string} */ (FIELDS[name]))), h("dd", {}, fields[name] || "—"));
      }
      return h(
        "section",
        {},
        h("h3", {}, heading),
        fields ? list : h("p", { class: "sl-faint" }, t("editor.conflict.gone")),
        take,
      );
    };
    this.body.replaceChildren(
      h("h2", {}, title),
      h("p", {}, t("editor.conflict.words", { n: count })),
      h(
        "div",
        { class: "sl-sides" },
        side(mine, t("editor.conflict.mine"), "mine", t("editor.conflict.keepMine"), "1"),
        side(theirs, t("editor.conflict.theirs"), "theirs", t("editor.conflict.takeTheirs"), "2"),
      ),
      h("p", { class: "sl-faint" }, t("editor.conflict.kept")),
    );
  }

  /** @param {Record<string, any>} record @returns {Record<string, string>} */
  #fields(record) {
    const { t, model } = this.session;
    if (record["start_us"] === undefined) return { name: String(record["name"] ?? "") };
    return {
      text: record["text"] ?? "",
      time: `${clock(record["start_us"], 2)} – ${clock(record["end_us"], 2)}`,
      speaker: model.speaker(record["speaker"])?.name ?? "",
      noise_labels: record["noise_labels"]
        .map((/** @type {string} */ name) => this.#title(model.guideline.labels, name))
        .join(", "),
      is_valid: t(record["is_valid"] ? "editor.panel.valid" : "editor.panel.invalid"),
      invalid_reason: this.#title(model.guideline.invalid_reasons, record["invalid_reason"] ?? ""),
      status: t(STATES[/** @type {import("../types.js").Status} */ (record["status"])].title),
      language: record["language"] ?? "",
      note: record["note"] ?? "",
    };
  }

  /** @param {readonly {name: string, title: import("../types.js").Title}[]} items of the guideline @param {string} name */
  #title(items, name) {
    const item = items.find((one) => one.name === name);
    return item ? titleOf(item, this.session.locale) : name;
  }
}
