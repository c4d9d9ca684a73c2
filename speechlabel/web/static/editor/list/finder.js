// The bar for finding and replacing, above the list; "replace all" is shown before it is done.

import { attr, h, icon, setText } from "../dom.js";
import { SlowSearchError, FindHost } from "./find-host.js";
import { titleOf } from "../i18n.js";
import { layerChange, layersOf, layerText } from "../model/layers.js";
import { around, matchesIn, patternOf, replaced } from "../model/find.js";

/** @typedef {import("../model/find.js").Found} Found */
/** @typedef {{start: number, end: number, kind: string}} Range */

const REST_MS = 150; // typing rests that long before the search begins
const SHOWN = 300; // matches that the preview lists

export class Finder {
  /** @type {RegExp|null} */
  #pattern = null;
  /** @type {Found[]} */
  #found = [];
  #at = -1;
  /** @type {() => void} */
  #stop = () => {};

  /** @param {import("../session.js").Session} session */
  constructor(session) {
    const { t, scope } = session;
    this.session = session;
    this.host = new FindHost(scope);
    this.what = this.#field("editor.find.what");
    this.by = this.#field("editor.find.by");
    this.matchCase = this.#switch("Aa", "editor.find.case");
    this.wholeWord = this.#switch("“ ”", "editor.find.word");
    this.isRegex = this.#switch(".*", "editor.find.regex");
    this.layer = h(
      "select",
      { class: "sl-select", "aria-label": t("editor.find.layer"), hidden: layersOf(session.model.guideline).length === 0 },
      h("option", { value: "" }, t("editor.find.text")),
      ...layersOf(session.model.guideline).map((layer) => h("option", { value: layer.name }, titleOf(layer, session.locale))),
    );
    this.count = h("span", { class: "sl-find-count", role: "status" });
    this.one = h("button", { type: "button", class: "sl-toggle" }, t("editor.find.replace"));
    this.all = h("button", { type: "button", class: "sl-toggle" }, t("editor.find.replaceAll"));
    this.replacing = h("span", { class: "sl-find-by", hidden: true }, this.by, this.one, this.all);
    this.element = h(
      "div",
      { class: "sl-find", role: "search", "aria-label": t("editor.find.label"), hidden: true },
      this.what,
      this.layer,
      this.matchCase,
      this.wholeWord,
      this.isRegex,
      this.count,
      this.#button("up", "editor.find.previous", () => this.step(-1)),
      this.#button("down", "editor.find.next", () => this.step(1)),
      this.replacing,
      h("span", { class: "sl-spring" }),
      this.#button("cross", "editor.find.close", () => this.close()),
    );
    this.dialog = h("dialog", { class: "sl-dialog sl-find-all", "aria-label": t("editor.find.replaceAll") });
    this.#listen();
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** @param {boolean} replacing whether to offer a replacement */
  open(replacing) {
    const box = this.session.inText();
    const picked = box?.value.slice(box.selectionStart, box.selectionEnd) ?? "";
    this.element.hidden = false;
    if (replacing) this.replacing.hidden = false;
    if (picked && !picked.includes("\n")) this.what.value = picked;
    this.what.select();
    this.what.focus();
    void this.#search();
  }

  close() {
    const here = this.#found[this.#at];
    this.element.hidden = true;
    this.replacing.hidden = true;
    this.#stop();
    this.#take(null, []);
    const { rows } = this.session;
    const box = here ? (this.#layer === null ? rows.box(here.id) : rows.layerBox(here.id, this.#layer)) : null;
    if (!here || !box || here.id !== this.session.model.currentId) this.session.returnFocus();
    else {
      box.focus({ preventScroll: true });
      if (box instanceof HTMLTextAreaElement) box.setSelectionRange(here.start, here.end);
    }
  }

  /** Go to the next match (1) or the one before (-1). @param {1|-1} direction */
  step(direction) {
    if (this.#found.length === 0) return;
    const from = this.#at < 0 && direction < 0 ? 0 : this.#at;
    this.#at = (from + direction + this.#found.length) % this.#found.length;
    this.#show();
  }

  /** Where is looked (null: in the text itself). */
  get #layer() {
    return this.layer.value || null;
  }

  /** Whether the match that is shown lies in a further layer. @param {string} id @param {string} layer */
  isHere(id, layer) {
    return this.#layer === layer && this.#found[this.#at]?.id === id;
  }

  /** What to mark in a row. @param {string} id @param {string} text @param {string|null} [layer] whose text it is; null: the text itself @returns {Range[]} */
  rangesOf(id, text, layer = null) {
    if (!this.#pattern || this.#layer !== layer) return [];
    const here = this.#found[this.#at];
    return matchesIn(text, this.#pattern).map(([start, end], at) => {
      const isHere = here?.id === id && here.at === at;
      return { start, end, kind: isHere ? "sl-found-here" : "sl-found" };
    });
  }

  /** Texts have changed while the bar is open. */
  textChanged() {
    if (this.isOpen && this.#pattern) this.#soon();
  }

  #soon() {
    this.#stop();
    this.#stop = this.session.scope.timeout(() => void this.#search(), REST_MS);
  }

  get #query() {
    return {
      text: this.what.value,
      isRegex: isOn(this.isRegex),
      matchCase: isOn(this.matchCase),
      wholeWord: isOn(this.wholeWord),
    };
  }

  #texts() {
    const { segments } = this.session.model;
    const layer = this.#layer;
    return layer === null ? segments : segments.map((segment) => ({ id: segment.id, text: layerText(segment, layer) }));
  }

  async #search() {
    const { t } = this.session;
    try {
      const pattern = patternOf(this.#query);
      this.#take(pattern, pattern ? await this.host.search(this.#texts(), pattern) : []);
    } catch (error) {
      this.#take(null, []);
      const isSlow = error instanceof SlowSearchError;
      if (!isSlow && !(error instanceof SyntaxError)) throw error;
      setText(this.count, t(isSlow ? "editor.find.slow" : "editor.find.wrong"));
    }
  }

  /** @param {RegExp|null} pattern @param {Found[]} found */
  #take(pattern, found) {
    const { model, rows } = this.session;
    const before = this.#found[this.#at];
    this.#pattern = pattern;
    this.#found = found;
    this.#at = before ? found.findIndex((item) => item.id === before.id && item.at === before.at) : -1;
    if (this.#at < 0 && model.currentId) {
      // From where the person is, on.
      const here = model.indexOf(model.currentId);
      const next = found.findIndex((item) => model.indexOf(item.id) >= here);
      this.#at = found.length ? Math.max(0, next) : -1;
    }
    this.#tell();
    rows?.repaint();
    if (!this.layer.hidden) rows?.refresh(null);
  }

  #tell() {
    const { t } = this.session;
    const n = this.#found.length;
    const none = this.#pattern ? t("editor.find.none") : "";
    setText(this.count, n ? t("editor.find.count", { at: this.#at + 1, n }) : none);
    for (const button of [this.one, this.all]) button.disabled = n === 0 || this.session.readOnly;
  }

  #show() {
    const here = this.#found[this.#at];
    if (!here) return;
    this.session.go(here.id, { play: false });
    this.#tell();
    this.session.rows.repaint();
    if (!this.layer.hidden) this.session.rows.refresh(null);
  }

  /** Replace the match that is shown, then go on to the next. */
  #replaceOne() {
    const here = this.#found[this.#at];
    const pattern = this.#pattern;
    const segment = here ? this.session.model.byId(here.id) : undefined;
    if (!here || !pattern || !segment) return;
    if (here.id !== this.session.model.currentId) return this.#show(); // first one sees what will change
    const was = layerText(segment, this.#layer) ?? "";
    const text = replaced(was, pattern, this.by.value, isOn(this.isRegex), (at) => at === here.at);
    const changes = layerChange(segment, this.#layer, text);
    if (this.session.edit(() => this.session.model.update(here.id, changes)) === undefined) return;
    void this.#search().then(() => this.#show());
  }

  /** Show all that would change, each with a box to leave it out. */
  #preview() {
    const { t, model } = this.session;
    const pattern = this.#pattern;
    if (!pattern) return;
    const open = this.#found.filter(({ id }) => model.byId(id)?.is_locked === false);
    const shown = open.slice(0, SHOWN);
    const list = h("ul", { class: "sl-find-list", tabindex: "0" });
    shown.forEach((found, i) => {
      const segment = model.byId(found.id);
      const text = (segment && layerText(segment, this.#layer)) ?? "";
      const [before, was, after] = around(text, [found.start, found.end]);
      const becomes = replaced(was, pattern, this.by.value, isOn(this.isRegex));
      const box = h("input", { type: "checkbox", checked: true, "data-at": i });
      list.append(
        h(
          "li",
          {},
          h(
            "label",
            {},
            box,
            h("span", { class: "sl-faint" }, `#${model.indexOf(found.id) + 1}`),
            h("span", {}, before, h("del", {}, was), h("ins", {}, becomes), after),
          ),
        ),
      );
    });
    const locked = this.#found.length - open.length;
    const notes = [
      locked ? t("editor.find.locked", { n: locked }) : "",
      open.length > SHOWN ? t("editor.find.more", { n: open.length - SHOWN }) : "",
    ].filter(Boolean);
    const go = h("button", { type: "button", class: "sl-action" });
    const cancel = h("button", { type: "button", class: "sl-toggle" }, t("editor.find.cancel"));
    const left = () =>
      new Set([...list.querySelectorAll("input:not(:checked)")].map((box) => Number(box.getAttribute("data-at"))));
    const tell = () => setText(go, t("editor.find.doAll", { n: open.length - left().size }));
    tell();
    list.addEventListener("change", tell);
    cancel.addEventListener("click", () => this.dialog.close());
    go.addEventListener("click", () => {
      const without = left();
      this.dialog.close();
      this.#replaceAll(open.filter((_, i) => !without.has(i)), pattern);
    });
    this.dialog.replaceChildren(
      h("header", {}, h("h2", {}, t("editor.find.replaceAll"))),
      list,
      ...notes.map((words) => h("p", { class: "sl-faint" }, words)),
      h("footer", {}, cancel, go),
    );
    this.dialog.showModal();
    go.focus();
  }

  /** @param {Found[]} chosen @param {RegExp} pattern */
  #replaceAll(chosen, pattern) {
    const { model, t } = this.session;
    /** @type {Map<string, Set<number>>} */
    const bySegment = new Map();
    for (const { id, at } of chosen) bySegment.set(id, (bySegment.get(id) ?? new Set()).add(at));
    const wishes = [...bySegment].flatMap(([id, which]) => {
      const segment = model.byId(id);
      if (!segment) return [];
      const was = layerText(segment, this.#layer) ?? "";
      const text = replaced(was, pattern, this.by.value, isOn(this.isRegex), (at) => which.has(at));
      return [/** @type {const} */ ([id, layerChange(segment, this.#layer, text)])];
    });
    if (this.session.edit(() => model.updateEach(wishes)) === undefined) return;
    this.session.say(t("editor.find.done", { n: chosen.length, m: wishes.length, key: this.session.keyOf("undo") }));
    void this.#search();
  }

  #listen() {
    const { scope } = this.session;
    scope.listen(this.element, "input", () => this.#soon());
    for (const button of [this.matchCase, this.wholeWord, this.isRegex])
      scope.listen(button, "click", () => {
        attr(button, "aria-pressed", String(!isOn(button)));
        void this.#search();
      });
    scope.listen(this.one, "click", () => this.#replaceOne());
    scope.listen(this.all, "click", () => this.#preview());
    scope.listen(this.dialog, "close", () => this.what.focus());
    scope.listen(this.element, "keydown", (event) => {
      if (event.isComposing || event.keyCode === 229) return;
      if (event.key === "Escape") this.close();
      else if (event.key === "Enter" && event.target === this.what) this.step(event.shiftKey ? -1 : 1);
      else if (event.key === "Enter" && event.target === this.by)
        event.ctrlKey || event.metaKey ? this.#preview() : this.#replaceOne();
      else if (event.key === "Tab" && !event.shiftKey && event.target === this.what && !this.replacing.hidden)
        this.by.select(); // the switches between them are reached backwards
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  /** @param {string} title */
  #field(title) {
    const words = this.session.t(title);
    return h("input", { class: "sl-find-field", placeholder: words, "aria-label": words, spellcheck: "false" });
  }

  /** @param {string} sign @param {string} title */
  #switch(sign, title) {
    const words = this.session.t(title);
    const names = { "aria-label": words, title: words, "aria-pressed": "false" };
    return h("button", { type: "button", class: "sl-toggle sl-find-switch", ...names }, sign);
  }

  /** @param {string} picture @param {string} title @param {() => void} act */
  #button(picture, title, act) {
    const words = this.session.t(title);
    const button = h("button", { type: "button", class: "sl-tool", "aria-label": words, title: words }, icon(picture));
    this.session.scope.listen(button, "click", act);
    return button;
  }
}

/** @param {Element} button */
function isOn(button) {
  return button.getAttribute("aria-pressed") === "true";
}
