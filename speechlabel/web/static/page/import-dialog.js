// The dialog that shows an import before anything is changed, and corrects it.

import { h, setText } from "../editor/dom.js";
import { duration } from "./header.js";
import { columnTable, fileTable, tierTable } from "./import-parts.js";
import { explain } from "./upload.js";

/** @typedef {import("../editor/i18n.js").Translate} Translate */
/** @typedef {import("./import.js").Choices} Choices */
/** @typedef {import("./import.js").Report} Report */
/** @typedef {import("./import-parts.js").Preview} Preview */
/** @typedef {import("./import-parts.js").ImportedFile} ImportedFile */

const FEW_TIERS = 8; // that are shown without a click

export class ImportDialog {
  /**
   * @param {object} options
   * @param {Translate} options.t
   * @param {string} options.locale
   * @param {import("./import-parts.js").Guideline} options.guideline
   * @param {string} options.project its name
   * @param {Record<string, string>} options.audio
   * @param {(choices: Choices) => Promise<Preview>} options.preview
   * @param {(choices: Choices) => Promise<Report>} options.take
   * @param {(report: Report|null) => void} options.onClosed null: nothing was taken in
   */
  constructor(options) {
    const { t } = options;
    this.options = options;
    /** @type {Choices} */
    this.choices = { files: {}, tiers: {}, fields: {}, audio: options.audio };
    /** @type {Report|null} */ this.report = null;
    /** @type {Set<string>} */ this.unfolded = new Set();
    /** What a person has opened or closed. @type {Map<string, boolean>} */ this.opened = new Map();
    this.turn = 0;
    this.isTaking = false;
    this.sums = h("p", { class: "slp-where", role: "status" }, t("page.import_looking"));
    this.body = h("div", { class: "slp-import", tabindex: "-1" });
    this.said = h("p", { class: "slp-error", role: "alert" });
    this.cancel = h("button", { type: "button", class: "slp-button" }, t("page.cancel"));
    this.take = h("button", { type: "button", class: "slp-button is-primary", disabled: true }, t("page.import_take"));
    this.element = h("dialog", { class: "slp-dialog is-wide", "aria-label": t("page.import_title") },
      h("h2", {}, t("page.import_title_into", { name: options.project })), this.sums, this.body, this.said,
      h("div", { class: "slp-actions" }, this.cancel, this.take));
    this.cancel.addEventListener("click", () => this.element.close());
    this.take.addEventListener("click", () => void this.#takeIn());
    // Keys typed here are the dialog's; the editor behind must not take them for commands.
    this.element.addEventListener("keydown", (event) => event.stopPropagation());
    this.element.addEventListener("cancel", (event) => {
      if (this.isTaking) event.preventDefault(); // what is being taken in cannot be given up
    });
    this.element.addEventListener("close", () => {
      this.turn += 1;
      this.element.remove();
      options.onClosed(this.report);
    });
  }

  async open() {
    this.element.showModal();
    this.cancel.focus();
    await this.#look();
    if (!this.take.disabled && document.activeElement === this.cancel) this.take.focus();
  }

  /** Ask what would be taken in with the present choices, and show it. */
  async #look() {
    const { t, preview } = this.options;
    const turn = ++this.turn;
    this.body.setAttribute("aria-busy", "true");
    this.take.disabled = true;
    try {
      const seen = await preview(this.choices);
      if (turn !== this.turn) return;
      setText(this.said, "");
      this.#draw(seen);
    } catch (error) {
      if (turn === this.turn) setText(this.said, explain(error, t));
    } finally {
      if (turn === this.turn) this.body.removeAttribute("aria-busy");
    }
  }

  /** @param {Preview} seen */
  #draw(seen) {
    const { t, locale, guideline } = this.options;
    const { totals } = seen;
    const found = totals.recordings - totals.unmatched;
    this.sums.replaceChildren(...this.#sum(seen));
    this.take.disabled = found === 0 || totals.same === found;
    const key = document.activeElement instanceof HTMLElement && this.body.contains(document.activeElement) ? document.activeElement.dataset["key"] : undefined;
    const { scrollTop } = this.body;
    this.body.replaceChildren(
      h("div", { class: "slp-sideways" }, fileTable(seen, {
        t, unfolded: this.unfolded,
        onFormat: (path, format) => {
          this.choices.files[path] = { format, values: {} };
          void this.#look();
        },
      })),
      ...this.#columns(seen.files),
      ...(seen.tiers.length ? [this.#details("tiers", t("page.import_tiers_n", { n: seen.tiers.length }), seen.tiers.length <= FEW_TIERS,
        h("p", { class: "slp-muted" }, t("page.import_tiers_how")),
        tierTable(seen, {
          t, locale, guideline, chosen: this.choices.tiers,
          onMeaning: (tier, meaning) => this.#mean(tier, meaning),
        }))] : []),
      ...this.#notes("losses", "page.import_losses_n", seen.losses, seen.n_losses),
      ...this.#notes("notes", "page.import_notes_n", seen.notes, seen.n_notes),
    );
    this.body.scrollTop = scrollTop;
    if (key) [.../** @type {NodeListOf<HTMLElement>} */ (this.body.querySelectorAll("[data-key]"))].find((item) => item.dataset["key"] === key)?.focus();
  }

  /** @param {Preview} seen */
  #sum({ totals }) {
    const { t } = this.options;
    const whole = totals.recordings ? t("page.import_sum", { n: totals.recordings, segments: totals.segments, time: duration(totals.duration_us) }) : t("page.import_sum_none");
    const further = /** @type {const} */ ([
      [totals.same, "page.import_sum_same", ""], [totals.unmatched, "page.import_sum_unmatched", "is-bad"],
      [totals.failed, "page.import_sum_failed", "is-broken"], [totals.unknown, "page.import_sum_unknown", "slp-muted"],
    ]);
    return [whole, ...further.flatMap(([n, key, kind]) => (n ? [" · ", h("span", { class: kind }, t(key, { n }))] : []))];
  }

  /** @param {import("./import-parts.js").Tier} tier @param {string|null} meaning */
  #mean(tier, meaning) {
    const { tiers, fields } = this.choices;
    const known = this.options.guideline.fields ?? [];
    delete tiers[tier.name];
    if (meaning !== null) tiers[tier.name] = meaning;
    delete fields[tier.field];
    // A layer that the guideline does not have is given to it, else the editor would not show it.
    if (meaning === `layer:${tier.field}` && !known.some((field) => field.name === tier.field)) fields[tier.field] = tier.name || tier.field;
    void this.#look();
  }

  /**
   * One mapping for all tables with the same columns.
   * @param {ImportedFile[]} files
   */
  #columns(files) {
    const { t } = this.options;
    /** @type {Map<string, ImportedFile[]>} */
    const alike = new Map();
    for (const file of files) {
      if (!file.table) continue;
      const key = JSON.stringify([file.format, file.table.columns]);
      alike.set(key, [...(alike.get(key) ?? []), file]);
    }
    return [...alike].flatMap(([key, group]) => {
      const [first] = group;
      if (!first?.table) return [];
      const title = group.length === 1 ? t("page.import_columns_of", { name: first.path }) : t("page.import_columns_of_n", { name: first.path, n: group.length - 1 });
      return [this.#details(`columns ${key}`, title, group.some((file) => file.state === "failed"), columnTable(first.table, key, {
        t,
        onColumns: (values) => {
          for (const file of group) this.choices.files[file.path] = { format: first.format, values };
          this.opened.set(`columns ${key}`, true);
          void this.#look();
        },
      }))];
    });
  }

  /** @param {string} key @param {string} words @param {string[]} notes @param {number} n */
  #notes(key, words, notes, n) {
    if (!n) return [];
    const more = n - notes.length;
    return [this.#details(key, this.options.t(words, { n }), false,
      h("ul", {}, ...notes.map((note) => h("li", {}, note)), more > 0 ? h("li", {}, this.options.t("page.import_more_notes", { n: more })) : null))];
  }

  /** @param {string} key @param {string} title @param {boolean} isOpen at first @param {...HTMLElement} children */
  #details(key, title, isOpen, ...children) {
    const summary = h("summary", { "data-key": `details ${key}` }, title);
    const details = h("details", { class: `is-${key.split(" ")[0]}`, open: this.opened.get(key) ?? isOpen }, summary, ...children);
    summary.addEventListener("click", () => this.opened.set(key, !details.open));
    return details;
  }

  async #takeIn() {
    const { t, take } = this.options;
    this.turn += 1;
    this.isTaking = true;
    this.take.disabled = this.cancel.disabled = true;
    setText(this.sums, t("page.import_taking"));
    setText(this.said, "");
    try {
      this.report = await take(this.choices);
    } catch (error) {
      this.isTaking = this.cancel.disabled = false;
      await this.#look();
      setText(this.said, explain(error, t));
      return;
    }
    this.element.close();
  }
}
