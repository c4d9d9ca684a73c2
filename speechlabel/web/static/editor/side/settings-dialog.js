// How the editor behaves, in one place; each change is in effect at once and kept in this browser.

import { h, icon } from "../dom.js";
import { BREAKS, REWINDS_MS, TEXT_SIZES } from "../settings.js";

/** @typedef {import("../settings.js").Settings} Settings */
/** @typedef {{[Name in keyof Settings]: Settings[Name] extends boolean ? Name : never}[keyof Settings]} Switch */

const LINE_PX = 22; // see editor.css

export class SettingsDialog {
  /** @param {import("../session.js").Session} session */
  constructor(session) {
    const { t, scope } = session;
    this.session = session;
    const words = { "aria-label": t("editor.settings.close"), title: t("editor.settings.close") };
    const close = h("button", { type: "button", class: "sl-tool", ...words }, icon("cross"));
    this.body = h("div", { class: "sl-settings-body" });
    this.dialog = h(
      "dialog",
      { class: "sl-dialog sl-settings", "aria-label": t("editor.settings.title") },
      h("header", {}, h("h2", {}, t("editor.settings.title")), close),
      this.body,
      h("p", { class: "sl-faint" }, t("editor.settings.kept")),
    );
    scope.listen(close, "click", () => this.dialog.close());
    scope.listen(this.dialog, "click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    scope.listen(this.dialog, "close", () => session.returnFocus());
    this.apply();
  }

  open() {
    if (this.dialog.open) return;
    const { t } = this.session;
    const seconds = (/** @type {number} */ ms) => t("editor.row.seconds", { n: ms / 1000 });
    this.body.replaceChildren(
      this.#group(
        "editor.group.listen",
        this.#switch("autoPlay", "editor.option.autoPlay"),
        this.#switch("pauseTyping", "editor.option.pauseTyping"),
        this.#switch("followList", "editor.option.followList"),
        this.#choice("rewindMs", "editor.settings.rewind", REWINDS_MS, seconds),
      ),
      this.#group(
        "editor.group.write",
        this.#switch("proposals", "editor.settings.proposals"),
        this.#switch("spellCheck", "editor.settings.spellCheck"),
      ),
      this.#group(
        "editor.settings.look",
        this.#choice("textSize", "editor.settings.textSize", TEXT_SIZES, (size) => `${size} %`),
        this.#switch("compact", "editor.settings.compact"),
        this.#switch("layersInAll", "editor.settings.layersInAll"),
      ),
      this.#group(
        "editor.settings.breaks",
        this.#choice("breakMinutes", "editor.settings.breakAfter", BREAKS, (minutes) =>
          minutes ? t("editor.settings.minutes", { n: minutes }) : t("editor.settings.never"),
        ),
      ),
    );
    if (this.session.model.project.id === "samples")
      this.body.lastElementChild?.after(this.#group("editor.steps.title", this.#switch("firstSteps", "editor.settings.firstSteps")));
    this.dialog.showModal();
  }

  /** Give the page the size and the density that are wished. */
  apply() {
    const { root, settings, rows } = this.session;
    root.style.setProperty("--sl-scale", String(settings.textSize / 100));
    // Whole pixels: the heights of rows are added up.
    root.style.setProperty("--sl-line-height", `${Math.round((LINE_PX * settings.textSize) / 100)}px`);
    root.classList.toggle("sl-sized", settings.textSize !== 100);
    root.classList.toggle("sl-compact", settings.compact);
    rows.restyle();
  }

  /** @param {Partial<Settings>} settings */
  #change(settings) {
    this.session.change(settings);
    this.apply();
    this.session.desk.firstSteps.apply();
  }

  /** @param {string} title @param {...HTMLElement} children */
  #group(title, ...children) {
    return h("fieldset", {}, h("legend", {}, this.session.t(title)), ...children);
  }

  /** @param {Switch} name @param {string} words */
  #switch(name, words) {
    const input = h("input", { type: "checkbox", checked: this.session.settings[name] });
    input.addEventListener("change", () => this.#change({ [name]: input.checked }));
    return h("label", { class: "sl-check" }, input, this.session.t(words));
  }

  /**
   * @param {"rewindMs"|"textSize"|"breakMinutes"} name @param {string} words
   * @param {readonly number[]} values @param {(value: number) => string} show
   */
  #choice(name, words, values, show) {
    const now = this.session.settings[name];
    const all = values.includes(now) ? values : [...values, now].sort((one, other) => one - other);
    const select = h("select", { class: "sl-select" }, ...all.map((value) => h("option", { value }, show(value))));
    select.value = String(now);
    select.addEventListener("change", () => this.#change({ [name]: Number(select.value) }));
    return h("label", { class: "sl-settings-row" }, this.session.t(words), select);
  }
}
