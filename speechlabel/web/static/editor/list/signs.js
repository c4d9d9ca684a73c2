// A palette of signs that no keyboard has, beside the text: searched by name, chosen by arrows, put in by Enter.

import { attr, h } from "../dom.js";
import { pickLocale } from "../i18n.js";
import { findSigns, shownSign } from "../model/signs.js";

/** @typedef {import("../model/signs.js").Sign} Sign */

const KEPT = 24; // signs used last that are remembered
const GROUPS = /** @type {Record<import("../model/signs.js").Group, string>} */ ({
  vowels: "editor.signs.vowels",
  consonants: "editor.signs.consonants",
  diacritics: "editor.signs.diacritics",
  tones: "editor.signs.tones",
  more: "editor.signs.more",
});

export class Signs {
  /** @type {HTMLTextAreaElement|null} where the sign goes */
  #box = null;
  /** @type {{sign: Sign, button: HTMLElement}[]} */
  #shown = [];
  #at = 0;

  /** @param {import("../session.js").Session} session */
  constructor(session) {
    const { t, scope } = session;
    this.session = session;
    const words = t("editor.signs.find");
    this.field = h("input", {
      class: "sl-find-field",
      role: "combobox",
      "aria-expanded": "true",
      "aria-controls": "sl-signs",
      "aria-label": words,
      placeholder: words,
      spellcheck: "false",
    });
    this.list = h("div", { class: "sl-signs-list", id: "sl-signs", role: "listbox", "aria-label": t("editor.signs.title") });
    this.name = h("p", { class: "sl-faint", role: "status" });
    this.dialog = h(
      "dialog",
      { class: "sl-dialog sl-signs", "aria-label": t("editor.signs.title") },
      this.field,
      this.list,
      this.name,
      h("p", { class: "sl-faint" }, t("editor.signs.how")),
    );
    session.root.append(this.dialog);
    scope.listen(this.field, "input", () => this.#fill());
    scope.listen(this.dialog, "keydown", (event) => this.#key(event));
    scope.listen(this.dialog, "mousedown", (event) => {
      if (event.target !== this.field) event.preventDefault(); // the caret of the search stays
    });
    scope.listen(this.list, "click", (event) => {
      const button = event.target instanceof Element ? event.target.closest("[role=option]") : null;
      const at = this.#shown.findIndex((item) => item.button === button);
      if (at < 0) return;
      this.#point(at);
      this.#take(event.shiftKey || event.ctrlKey || event.metaKey);
    });
    scope.listen(session.root, "pointerdown", (event) => {
      if (this.dialog.open && event.target instanceof Node && !this.dialog.contains(event.target)) this.dialog.close();
    });
  }

  open() {
    const { session } = this;
    if (this.dialog.open || session.readOnly) return;
    const focused = document.activeElement;
    const current = session.model.currentId ? session.rows.box(session.model.currentId) : null;
    const isOurs = focused instanceof HTMLTextAreaElement && focused.matches(".sl-text, .sl-layer");
    this.#box = isOurs ? focused : current;
    if (!this.#box || this.#box.readOnly) return;
    this.field.value = "";
    this.dialog.show(); // not modal: the text beside it stays to be seen, and takes the signs
    this.#fill();
    this.#place(this.#box); // by its height, which is known now
    this.field.focus();
  }

  /** Below the text, or above it where there is no room. @param {HTMLElement} box */
  #place(box) {
    const of = box.getBoundingClientRect();
    const all = this.session.root.getBoundingClientRect();
    const height = this.dialog.offsetHeight;
    const below = of.bottom + 6 - all.top;
    const above = of.top - 6 - all.top - height;
    const top = below + height < all.height ? below : Math.max(8, above);
    this.dialog.style.setProperty("inset-block-start", `${top}px`);
    this.dialog.style.setProperty("left", `${Math.max(8, Math.min(of.left - all.left, all.width - this.dialog.offsetWidth - 8))}px`);
  }

  #fill() {
    const { t, locale, settings } = this.session;
    const isSearch = this.field.value.trim() !== "";
    const found = findSigns(this.field.value, settings.recentSigns);
    const recent = isSearch ? [] : found.filter(({ sign }) => settings.recentSigns.includes(sign));
    /** @type {Map<string, Sign[]>} */
    const groups = new Map();
    if (recent.length) groups.set(t("editor.signs.recent"), recent);
    for (const sign of isSearch ? found : findSigns("", [])) {
      const title = t(GROUPS[sign.group]);
      groups.set(title, [...(groups.get(title) ?? []), sign]);
    }
    this.#shown = [];
    const parts = [...groups].map(([title, signs]) => {
      const buttons = signs.map((sign) => {
        const name = sign[pickLocale(locale) === "en" ? "en" : "zh-CN"];
        const id = `sl-sign-${this.#shown.length}`;
        const button = h("span", { class: "sl-sign", role: "option", id, title: name, "aria-label": name }, shownSign(sign.sign));
        this.#shown.push({ sign, button });
        return button;
      });
      return h("div", { role: "group", "aria-label": title }, h("h3", { "aria-hidden": "true" }, title), h("div", { class: "sl-signs-row" }, ...buttons));
    });
    this.list.replaceChildren(...parts);
    if (parts.length === 0) this.list.append(h("p", {}, t("editor.signs.none")));
    this.#point(0);
  }

  /** @param {number} at */
  #point(at) {
    const { locale } = this.session;
    attr(this.#shown[this.#at]?.button ?? this.list, "aria-selected", null);
    this.#at = Math.max(0, Math.min(at, this.#shown.length - 1));
    const now = this.#shown[this.#at];
    attr(this.field, "aria-activedescendant", now?.button.id);
    this.name.textContent = now ? now.sign[pickLocale(locale) === "en" ? "en" : "zh-CN"] : "";
    if (!now) return;
    attr(now.button, "aria-selected", "true");
    now.button.scrollIntoView({ block: "nearest" });
  }

  /** Up and down: to the sign that lies nearest in the next line. @param {1|-1} direction */
  #line(direction) {
    const here = this.#shown[this.#at]?.button.getBoundingClientRect();
    if (!here) return;
    let best = -1;
    let least = Infinity;
    this.#shown.forEach(({ button }, i) => {
      const there = button.getBoundingClientRect();
      const down = (there.top - here.top) * direction;
      const far = down * 1000 + Math.abs(there.left - here.left);
      if (down > here.height / 2 && far < least) [best, least] = [i, far];
    });
    if (best >= 0) this.#point(best);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing || event.keyCode === 229) return;
    const staysOpen = event.shiftKey || event.ctrlKey || event.metaKey;
    if (event.key === "Escape") this.#leave();
    else if (event.key === "Enter") this.#take(staysOpen);
    else if (event.key === "ArrowRight") this.#point(this.#at + 1);
    else if (event.key === "ArrowLeft") this.#point(this.#at - 1);
    else if (event.key === "ArrowDown") this.#line(1);
    else if (event.key === "ArrowUp") this.#line(-1);
    else if (event.key !== "Tab") return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {boolean} staysOpen */
  #take(staysOpen) {
    const { session } = this;
    const now = this.#shown[this.#at];
    if (!now || !this.#box?.isConnected) return;
    this.#box.focus({ preventScroll: true });
    session.insertMark(now.sign.sign);
    const { sign } = now.sign;
    session.change({ recentSigns: [sign, ...session.settings.recentSigns.filter((item) => item !== sign)].slice(0, KEPT) });
    if (staysOpen) this.field.focus();
    else this.dialog.close();
  }

  #leave() {
    this.dialog.close();
    if (this.#box?.isConnected) this.#box.focus({ preventScroll: true });
  }
}
