// The side: who speaks, what is heard besides, whether it is valid, language, note.

import { toggleLabel } from "../commands/label.js";
import { attr, h, icon, setText } from "../dom.js";
import { titleOf } from "../i18n.js";
import { Speakers } from "./speakers.js";

/** @typedef {import("../types.js").Segment} Segment */

export class Panel {
  /** @type {HTMLElement|null} where the caret was before a reason was asked for */
  #comeBack = null;
  #closeAfter = false;
  /** The segment whose note is in the box: it may be left with the caret in there. @type {string|null} */
  #noteOf = null;

  /** @param {import("../session.js").Session} session */
  constructor(session) {
    const { t } = session;
    this.session = session;
    this.speakers = new Speakers(session);
    this.labels = h("div", { class: "sl-toggles" });
    this.valid = h(
      "button",
      { type: "button", class: "sl-toggle", "data-valid": "yes" },
      icon("check"),
      t("editor.panel.valid"),
    );
    this.invalid = h(
      "button",
      { type: "button", class: "sl-toggle sl-bad", "data-valid": "no" },
      icon("cross"),
      t("editor.panel.invalid"),
    );
    this.reasons = h("div", {
      class: "sl-toggles sl-reasons",
      role: "group",
      "aria-label": t("editor.panel.reason"),
      hidden: true,
    });
    this.unsure = h("button", { type: "button", class: "sl-toggle" }, icon("question"), t("editor.panel.unsure"));
    this.lock = h("button", { type: "button", class: "sl-toggle sl-lock" }, icon("lock"), h("span", {}), h("kbd", { "aria-hidden": "true" }));
    this.language = h("select", { "aria-label": t("editor.panel.language") });
    this.note = h("textarea", {
      class: "sl-note",
      rows: "1",
      "aria-label": t("editor.panel.note"),
      placeholder: `${t("editor.panel.note")} (${session.keyOf("note")})`,
    });
    this.body = h(
      "div",
      { class: "sl-panel-body" },
      this.speakers.element,
      section(t("editor.panel.labels"), [session.keyOf("label")], this.labels),
      section(
        t("editor.panel.validity"),
        [session.keyOf("invalid"), session.keyOf("unsure")],
        h("div", { class: "sl-toggles sl-three" }, this.valid, this.invalid, this.unsure),
        this.reasons,
        this.lock,
      ),
      h("section", { class: "sl-pair" }, this.language, this.note),
    );
    const close = h(
      "button",
      {
        type: "button",
        class: "sl-tool sl-panel-close",
        "aria-label": t("editor.panel.close"),
        title: t("editor.panel.close"),
      },
      icon("cross"),
    );
    this.element = h("aside", { class: "sl-panel", "aria-label": t("editor.panel.label") }, close, this.body);
    session.scope.listen(close, "click", () => this.toggle(false));
    this.#listen();
    this.refresh(true);
  }

  /** Show the current segment. @param {boolean} [again] speakers or colours may have changed */
  refresh(again = false) {
    const { model, t, locale } = this.session;
    const segment = model.current;
    const locked = this.session.readOnly || !segment || segment.is_locked;
    this.speakers.refresh(segment, again);
    if (again || this.labels.childElementCount !== model.guideline.labels.length) this.#buildLabels();
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (this.labels.querySelectorAll("[data-label]"))) {
      const name = button.dataset["label"] ?? "";
      if (button.dataset["scope"] === "segment")
        attr(button, "aria-pressed", String(segment?.noise_labels.includes(name) ?? false));
      button.disabled = locked;
    }
    attr(this.valid, "aria-pressed", String(segment ? segment.is_valid : false));
    attr(this.invalid, "aria-pressed", String(segment ? !segment.is_valid : false));
    attr(this.unsure, "aria-pressed", String(segment?.status === "unsure"));
    for (const button of [this.valid, this.invalid, this.unsure]) button.disabled = locked;
    this.#showLock(segment);
    this.reasons.hidden = !segment || segment.is_valid || model.guideline.invalid_reasons.length === 0;
    if (!this.reasons.hidden) {
      if (this.reasons.childElementCount !== model.guideline.invalid_reasons.length) {
        this.reasons.replaceChildren(
          ...model.guideline.invalid_reasons.map((reason, i) =>
            h(
              "button",
              { type: "button", class: "sl-toggle", "data-reason": reason.name, title: titleOf(reason, locale) },
              h("span", { class: "sl-grow-text" }, titleOf(reason, locale)),
              i < 9 ? h("kbd", {}, String(i + 1)) : null,
            ),
          ),
        );
      }
      for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (this.reasons.querySelectorAll("button"))) {
        attr(button, "aria-pressed", String(button.dataset["reason"] === segment?.invalid_reason));
        button.disabled = locked;
      }
    }
    this.#showLanguage(segment?.language ?? "", t("editor.panel.languageNone"));
    this.language.disabled = this.note.disabled = locked;
    const note = segment?.note ?? "";
    const isOther = this.#noteOf !== (segment?.id ?? null);
    this.#noteOf = segment?.id ?? null;
    if (note !== this.note.value && (isOther || !this.session.isComposingIn(this.note))) this.note.value = note;
  }

  /** @param {boolean} [open] */
  toggle(open = !this.session.panelOpen) {
    this.session.openPanel(open);
    if (!open && this.element.contains(document.activeElement)) this.session.returnFocus();
  }

  /** Put the focus on the first thing in it that can have it. */
  enter() {
    this.session.openPanel(true);
    const first = this.body.querySelector("button:enabled, select:enabled, textarea:enabled, input:enabled");
    if (first instanceof HTMLElement) first.focus();
  }

  /** Ask for a new speaker's name. */
  addSpeaker() {
    if (this.session.readOnly) return;
    this.session.openPanel(true);
    this.speakers.add();
  }

  /** Put the focus on the reasons: a digit or Enter takes one and goes back to the text. */
  askReason() {
    if (this.session.model.guideline.invalid_reasons.length === 0) return;
    this.#closeAfter = !this.session.panelOpen;
    this.#comeBack = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    this.session.openPanel(true);
    this.refresh();
    this.reasons.querySelector("button")?.focus();
    this.reasons.scrollIntoView({ block: "nearest" });
    this.session.say(this.session.t("editor.say.askReason"));
  }

  /** Put the caret into the note; Enter or Escape goes back to where it was. */
  askNote() {
    if (this.note.disabled) return;
    this.#closeAfter = !this.session.panelOpen;
    this.#comeBack = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    this.session.openPanel(true);
    this.note.focus();
    this.note.select();
  }

  /** @param {KeyboardEvent} event */
  #noteKey(event) {
    if (event.isComposing || event.keyCode === 229 || event.shiftKey) return; // Shift+Enter: a line break
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    this.#noted(this.note.value.trim());
    if (this.#comeBack?.isConnected && this.#comeBack !== this.note) this.#answered();
    else this.session.returnFocus();
  }

  /** It is the one thing of a locked segment that can be changed. @param {Segment|undefined} segment */
  #showLock(segment) {
    const { t, readOnly } = this.session;
    const isLocked = segment?.is_locked ?? false;
    const key = this.session.keyOf("lock");
    const title = t(isLocked ? "editor.panel.unlockTitle" : "editor.panel.lockTitle");
    const [, words, keyOf] = this.lock.children;
    setText(/** @type {Element} */ (words), t(isLocked ? "editor.row.locked" : "editor.field.lock"));
    setText(/** @type {Element} */ (keyOf), key);
    attr(this.lock, "aria-pressed", String(isLocked));
    attr(this.lock, "title", key ? `${title} (${key})` : title);
    this.lock.disabled = readOnly || !segment;
  }

  #answered() {
    this.session.status.unsay();
    const back = this.#comeBack;
    this.#comeBack = null;
    if (this.#closeAfter) this.session.openPanel(false);
    this.#closeAfter = false;
    if (back?.isConnected) back.focus({ preventScroll: true });
  }

  #buildLabels() {
    const { model, locale, t } = this.session;
    this.labels.replaceChildren(
      ...model.guideline.labels.map((label) => {
        const title = titleOf(label, locale);
        const dot = h("i", { class: "sl-dot" });
        dot.style.setProperty("--sl-speaker", label.color ?? "var(--sl-muted)");
        const key = label.key ? h("kbd", {}, label.key) : null;
        return h(
          "button",
          {
            type: "button",
            class: "sl-toggle",
            "data-label": label.name,
            "data-scope": label.scope,
            title: label.scope === "inline" ? t("editor.panel.inline", { mark: label.mark ?? label.name }) : title,
          },
          dot,
          h("span", { class: "sl-grow-text" }, title),
          key,
        );
      }),
    );
  }

  /** @param {string} value @param {string} none */
  #showLanguage(value, none) {
    const { guideline } = this.session.model;
    const names = ["", ...guideline.languages, ...(value && !guideline.languages.includes(value) ? [value] : [])];
    if (
      this.language.options.length !== names.length ||
      [...this.language.options].some((option, i) => option.value !== names[i])
    ) {
      const display =
        typeof Intl.DisplayNames === "function"
          ? new Intl.DisplayNames([this.session.locale], { type: "language", fallback: "code" })
          : null;
      const nameOf = (/** @type {string} */ code) => {
        try {
          return display?.of(code) ?? code;
        } catch {
          return code; // a guideline may name a dialect that the browser does not know
        }
      };
      this.language.replaceChildren(...names.map((name) => h("option", { value: name }, name ? nameOf(name) : none)));
    }
    this.language.value = value;
  }

  #listen() {
    const { session } = this;
    const { scope, model } = session;
    // A click must not take the caret out of the text.
    scope.listen(this.element, "mousedown", (event) => {
      if (event.target instanceof Element && event.target.closest("button")) event.preventDefault();
    });
    scope.listen(this.element, "click", (event) => {
      const button = event.target instanceof Element ? event.target.closest("button") : null;
      const segment = model.current;
      if (!(button instanceof HTMLButtonElement) || !segment) return;
      const { label, reason } = button.dataset;
      if (label) toggleLabel(session, segment, label);
      if (reason) this.#takeReason(segment, reason);
      if (button === this.valid && !segment.is_valid)
        session.edit(() => model.update(session.targets(segment), { is_valid: true, invalid_reason: null }));
      if (button === this.invalid && segment.is_valid) session.run("invalid");
      if (button === this.unsure) session.run("unsure");
      if (button === this.lock) session.run("lock");
    });
    scope.listen(this.reasons, "keydown", (event) => this.#reasonKey(event));
    scope.listen(this.language, "change", () => {
      const segment = model.current;
      if (segment)
        session.edit(() => model.update(session.targets(segment), { language: this.language.value || null }));
    });
    scope.listen(this.note, "input", (event) => {
      if (!event.isComposing) this.#noted(this.note.value);
    });
    scope.listen(this.note, "compositionend", () => this.#noted(this.note.value));
    scope.listen(this.note, "keydown", (event) => this.#noteKey(event));
    scope.listen(this.note, "change", () => this.#noted(this.note.value.trim()));
  }

  /** Each letter counts: a tab can be closed, or another segment picked, without leaving the box first. @param {string} note */
  #noted(note) {
    const { session } = this;
    const id = this.#noteOf;
    if (id !== null && session.model.byId(id)) session.edit(() => session.model.setNote(id, note || null));
  }

  /** @param {KeyboardEvent} event */
  #reasonKey(event) {
    const buttons = [...this.reasons.querySelectorAll("button")];
    const at = buttons.findIndex((button) => button === document.activeElement);
    const step = { ArrowDown: 2, ArrowUp: -2, ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const byDigit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape") this.#answered();
    else if (step) buttons[Math.min(buttons.length - 1, Math.max(0, at + step))]?.focus();
    else if (byDigit) buttons[Number(byDigit[1]) - 1]?.click();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {Segment} segment @param {string} reason */
  #takeReason(segment, reason) {
    const { session } = this;
    const wanted = segment.invalid_reason === reason ? null : reason;
    session.edit(() => session.model.update(session.targets(segment), { is_valid: false, invalid_reason: wanted }));
    if (this.#comeBack) this.#answered();
  }
}

/** @param {string} title @param {string[]} keys @param {...Node} children */
function section(title, keys, ...children) {
  return h(
    "section",
    {},
    h("div", { class: "sl-head" }, h("h2", {}, title), ...keys.map((key) => h("kbd", {}, key))),
    ...children,
  );
}
