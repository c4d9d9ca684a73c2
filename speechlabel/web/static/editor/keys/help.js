// All keys: to search, to print, to change.

import { h, icon, setText } from "../dom.js";
import { keyHelp, showChord } from "./keys.js";
import { PRESETS } from "./presets.js";
import { rebound, wish } from "./rebind.js";

/** @typedef {import("./keys.js").KeyContext} KeyContext */

/** What the mouse does, in the order of use. */
const MOUSE = [
  ["editor.mouse.click", "editor.mouse.clickDoes"],
  ["editor.mouse.double", "editor.mouse.doubleDoes"],
  ["editor.mouse.edge", "editor.mouse.edgeDoes"],
  ["editor.mouse.shiftEdge", "editor.mouse.shiftEdgeDoes"],
  ["editor.mouse.free", "editor.mouse.freeDoes"],
  ["editor.mouse.empty", "editor.mouse.emptyDoes"],
  ["editor.mouse.carry", "editor.mouse.carryDoes"],
  ["editor.mouse.wheel", "editor.mouse.wheelDoes"],
  ["editor.mouse.pan", "editor.mouse.panDoes"],
  ["editor.mouse.shiftClick", "editor.mouse.shiftClickDoes"],
  ["editor.mouse.touch", "editor.mouse.touchDoes"],
  ["editor.mouse.press", "editor.mouse.pressDoes"],
];
/** @type {Record<string, string>} */
const PRESET_TITLES = {
  default: "editor.preset.default",
  elan: "editor.preset.elan",
  praat: "editor.preset.praat",
  subtitleEdit: "editor.preset.subtitleEdit",
  labelStudio: "editor.preset.labelStudio",
};
/** Why a press cannot be a key. @type {Record<string, string>} */
const REFUSALS = {
  browser: "editor.bind.browser",
  inputMethod: "editor.bind.inputMethod",
  letter: "editor.bind.letter",
};

export class Help {
  /** The cell whose key is being chosen. @type {{id: string, context: KeyContext}|null} */
  #choosing = null;
  /** The cell whose key was chosen: there the focus goes back to. @type {{id: string, context: KeyContext}|null} */
  #last = null;
  #changed = false;

  /** @param {import("../session.js").Session} session */
  constructor(session) {
    const { t, scope } = session;
    this.session = session;
    this.search = h("input", {
      type: "search",
      class: "sl-search",
      placeholder: t("editor.help.search"),
      "aria-label": t("editor.help.search"),
    });
    this.preset = h(
      "select",
      { class: "sl-select", "aria-label": t("editor.help.preset"), title: t("editor.help.preset") },
      ...Object.keys(PRESETS).map((name) => h("option", { value: name }, t(PRESET_TITLES[name] ?? ""))),
    );
    this.reset = this.#tool("undo", "editor.help.reset", () => this.#take({ keys: {} }));
    this.nothing = h("p", { class: "sl-faint", hidden: true }, t("editor.help.nothing"));
    this.said = h("p", { class: "sl-bind-said", role: "status" });
    this.body = h("div", { class: "sl-help-body", tabindex: "0" });
    this.dialog = h(
      "dialog",
      { class: "sl-dialog sl-help", "aria-label": t("editor.help.title") },
      h(
        "header",
        {},
        h("h2", {}, t("editor.help.title")),
        this.search,
        this.preset,
        this.reset,
        this.#tool("print", "editor.help.print", () => window.print()),
        this.#tool("cross", "editor.help.close", () => this.dialog.close()),
      ),
      this.said,
      this.body,
    );
    scope.listen(this.search, "input", () => this.#filter());
    scope.listen(this.preset, "change", () => this.#take({ keyPreset: this.preset.value }));
    scope.listen(this.body, "click", (event) => this.#click(event));
    scope.listen(this.dialog, "keydown", (event) => this.#key(event), { capture: true });
    scope.listen(this.dialog, "cancel", (event) => {
      if (this.#choosing) event.preventDefault();
    });
    scope.listen(this.dialog, "click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    scope.listen(this.dialog, "close", () => {
      session.returnFocus();
      if (this.#changed) void session.reopen(); // tips and the strip name keys all over the page
      this.#changed = false;
    });
  }

  open() {
    if (this.dialog.open) return;
    this.search.value = "";
    this.#choosing = null;
    this.#show();
    this.dialog.showModal();
    this.search.focus();
  }

  #show() {
    const { t, settings } = this.session;
    this.preset.value = settings.keyPreset in PRESETS ? settings.keyPreset : "default";
    this.reset.hidden = Object.keys(settings.keys).length === 0;
    const mouse = h("tbody", {});
    for (const [what = "", does = ""] of MOUSE)
      mouse.append(h("tr", {}, h("td", {}, t(does)), h("td", { colspan: "2" }, t(what))));
    this.body.replaceChildren(
      ...keyHelp(this.session.commands).map(({ group, rows }) => this.#table(group, rows)),
      h("table", {}, h("caption", {}, t("editor.group.mouse")), mouse),
      h("p", { class: "sl-faint" }, t("editor.help.ime")),
      this.nothing,
    );
    setText(this.said, "");
    this.#filter();
  }

  /** @param {string} group @param {ReturnType<typeof keyHelp>[number]["rows"]} rows */
  #table(group, rows) {
    const { t } = this.session;
    const head = ["editor.help.does", "editor.help.inText", "editor.help.onWave"];
    return h(
      "table",
      {},
      h("caption", {}, t(group)),
      h("thead", {}, h("tr", {}, ...head.map((key) => h("th", { scope: "col" }, t(key))))),
      h(
        "tbody",
        {},
        ...rows.map(({ id, help }) =>
          h("tr", { "data-command": id }, h("td", {}, t(help)), this.#cell(id, "text"), this.#cell(id, "wave")),
        ),
      ),
    );
  }

  /** @param {string} id @param {KeyContext} context */
  #cell(id, context) {
    const { t, commands } = this.session;
    const command = commands.find((item) => item.id === id);
    const chords = command?.[context] ?? [];
    if (command?.native) return h("td", {}, ...chords.map((chord) => h("kbd", {}, showChord(chord))));
    const isHere = this.#choosing?.id === id && this.#choosing.context === context;
    const keys = chords.map((chord) =>
      isHere
        ? h(
            "button",
            { type: "button", class: "sl-bind-off", "data-chord": chord, title: t("editor.bind.remove") },
            h("kbd", {}, showChord(chord)),
            icon("cross"),
          )
        : h("kbd", {}, showChord(chord)),
    );
    const place = t(context === "text" ? "editor.help.inText" : "editor.help.onWave");
    const words = `${t("editor.bind.change", { what: t(command?.help ?? "") })} (${place})`;
    const change = h(
      "button",
      { type: "button", class: "sl-bind", "aria-label": words, title: words },
      icon("pencil"),
    );
    const press = h("span", { class: "sl-bind-press" }, t("editor.bind.press"));
    return h("td", { "data-context": context }, ...keys, isHere ? press : change);
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    const id = button?.closest("tr")?.dataset["command"];
    const context = /** @type {KeyContext|undefined} */ (button?.closest("td")?.dataset["context"]);
    if (!button || !id || !context) return;
    const { chord } = button.dataset;
    if (chord !== undefined) this.#bind(id, context, (had) => had.filter((item) => item !== chord));
    else this.#choose({ id, context });
  }

  /** @param {{id: string, context: KeyContext}|null} cell */
  #choose(cell) {
    const last = this.#choosing ?? this.#last;
    this.#choosing = cell;
    this.#last = null;
    const top = this.body.scrollTop;
    this.#show();
    this.body.scrollTop = top;
    if (cell) {
      setText(this.said, this.session.t("editor.bind.how"));
      this.body.focus();
    } else if (last) {
      const there = `tr[data-command="${last.id}"] td[data-context="${last.context}"] .sl-bind`;
      /** @type {HTMLElement|null} */ (this.body.querySelector(there))?.focus({ preventScroll: true });
    }
  }

  /** A key while one is being chosen. @param {KeyboardEvent} event */
  #key(event) {
    const cell = this.#choosing;
    if (!cell || event.target instanceof HTMLButtonElement) return;
    const { t, commands } = this.session;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape" && !event.altKey && !event.ctrlKey && !event.shiftKey) return this.#choose(null);
    const found = wish(commands, cell.id, cell.context, event);
    if (!found) return;
    const key = showChord(found.chord);
    const refusal = REFUSALS[found.kind];
    if (refusal) return setText(this.said, t(refusal, { key }));
    if (found.kind === "free") return this.#bind(cell.id, cell.context, (had) => [found.chord, ...had]);
    const other = t(commands.find((command) => command.id === found.by)?.help ?? "");
    const take = h("button", { type: "button", class: "sl-action" }, t("editor.bind.take"));
    const keep = h("button", { type: "button", class: "sl-toggle" }, t("editor.bind.keep"));
    this.said.replaceChildren(t("editor.bind.taken", { key, what: other }), take, keep);
    take.addEventListener("click", () => this.#bind(cell.id, cell.context, (had) => [found.chord, ...had]));
    keep.addEventListener("click", () => this.#choose(null));
    take.focus();
  }

  /** @param {string} id @param {KeyContext} context @param {(had: readonly string[]) => readonly string[]} change */
  #bind(id, context, change) {
    const { commands, settings } = this.session;
    const had = commands.find((command) => command.id === id)?.[context] ?? [];
    this.#last = { id, context };
    this.#choosing = null;
    this.#take({ keys: rebound(commands, settings.keys, id, context, change(had)) });
  }

  /** @param {Partial<import("../settings.js").Settings>} settings */
  #take(settings) {
    this.#changed = true;
    this.session.change(settings);
    this.#choose(null);
  }

  /** @param {string} picture @param {string} title @param {() => void} act */
  #tool(picture, title, act) {
    const { t, scope } = this.session;
    const words = { "aria-label": t(title), title: t(title) };
    const button = h("button", { type: "button", class: "sl-tool", ...words }, icon(picture));
    scope.listen(button, "click", act);
    return button;
  }

  #filter() {
    const wanted = this.search.value.trim().toLowerCase();
    let found = 0;
    for (const table of this.body.querySelectorAll("table")) {
      const caption = table.caption?.textContent?.toLowerCase() ?? "";
      let here = 0;
      for (const row of table.tBodies[0]?.rows ?? []) {
        const isFound = !wanted || caption.includes(wanted) || (row.textContent ?? "").toLowerCase().includes(wanted);
        row.hidden = !isFound;
        here += Number(isFound);
      }
      table.hidden = here === 0;
      found += here;
    }
    this.nothing.hidden = found > 0;
  }
}
