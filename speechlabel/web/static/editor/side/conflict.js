// Somebody else changed the same segment: both side by side, one key each.

import { h } from "../dom.js";
import { listed } from "../i18n.js";
import { differences, ownPart } from "../model/differences.js";
import { full } from "../model/records.js";

/** @typedef {import("../types.js").Conflict} Conflict */
/** @typedef {import("../model/differences.js").Difference} Difference */

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
    const { t, model, locale } = this.session;
    const { target, id, mine } = conflict;
    const theirs = conflict.theirs && full(target, conflict.theirs);
    const rows = differences(target, mine, theirs, model, t, locale);
    const index = target === "segment" ? model.indexOf(id) : -1;
    const title = index < 0 ? t("editor.conflict.title") : t("editor.conflict.titleOf", { n: index + 1 });
    const differing = rows.filter(({ differs }) => differs).map((row) => row.title);
    this.body.replaceChildren(
      h("h2", {}, title),
      h("p", {}, t("editor.conflict.words", { n: count })),
      differing.length && mine && theirs ? h("p", { class: "sl-differing" }, t("editor.conflict.differ", { names: listed(differing, locale) })) : "",
      h(
        "table",
        { class: "sl-sides" },
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("td", {}),
            this.#side(t("editor.conflict.mine"), "mine", t("editor.conflict.keepMine"), "1"),
            this.#side(t("editor.conflict.theirs"), "theirs", t("editor.conflict.takeTheirs"), "2"),
          ),
        ),
        h("tbody", {}, ...rows.map((row, i) => this.#row(row, i === 0, mine !== null, theirs !== null))),
      ),
      h("p", { class: "sl-faint" }, t("editor.conflict.kept")),
    );
  }

  /** @param {string} heading @param {"mine"|"theirs"} choice @param {string} button @param {string} key */
  #side(heading, choice, button, key) {
    const take = h("button", { type: "button", class: "sl-action" }, h("kbd", {}, key), button);
    take.addEventListener("click", () => this.#choose(choice));
    return h("th", { scope: "col" }, h("span", {}, heading), take);
  }

  /** @param {Difference} row @param {boolean} isFirst @param {boolean} hasMine @param {boolean} hasTheirs */
  #row({ name, title, mine, theirs, differs, isProse }, isFirst, hasMine, hasTheirs) {
    const { t } = this.session;
    const cell = (/** @type {string} */ value, /** @type {string} */ other, /** @type {boolean} */ isThere) => {
      if (!isThere) return h("td", { class: "sl-faint" }, isFirst ? t("editor.conflict.gone") : "");
      const [before, own, behind] = isProse ? ownPart(value, other) : ["", value, ""];
      if (!differs || value === "") return h("td", { dir: "auto" }, value || "—");
      return h("td", { dir: "auto" }, before, own ? h("mark", {}, own) : null, behind);
    };
    return h(
      "tr",
      { "data-field": name, class: differs ? "sl-differs" : null },
      h("th", { scope: "row" }, title),
      cell(mine, theirs, hasMine),
      cell(theirs, mine, hasTheirs),
    );
  }
}
