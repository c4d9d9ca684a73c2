// The keys that matter, at the foot of the page; those of the place where the focus is.

import { h } from "../dom.js";
import { showChord } from "./keys.js";

/** @typedef {import("./keys.js").KeyContext} KeyContext */

/** Eight for each place: command, and a word shorter than in the help. @type {Record<KeyContext, [string, string][]>} */
const SHOWN = {
  text: [
    ["playPause", "editor.strip.play"],
    ["doneNext", "editor.strip.doneNext"],
    ["next", "editor.strip.next"],
    ["split", "editor.strip.split"],
    ["mergeNext", "editor.strip.merge"],
    ["speaker", "editor.strip.speaker"],
    ["label", "editor.strip.tag"],
    ["invalid", "editor.strip.invalid"],
  ],
  wave: [
    ["playPause", "editor.strip.play"],
    ["replay", "editor.strip.replay"],
    ["split", "editor.strip.split"],
    ["mergeNext", "editor.strip.merge"],
    ["insert", "editor.strip.insert"],
    ["remove", "editor.strip.remove"],
    ["setEnd", "editor.strip.setStart"],
    ["editText", "editor.strip.editText"],
  ],
};

/** Commands whose word in the strip speaks for two: the one whose key stands before it. @type {Record<string, string>} */
const PAIRS = { next: "previous", setEnd: "setStart" };

export class Keystrip {
  /** @type {KeyContext|null} */
  #context = null;

  /** @param {import("../session.js").Session} session */
  constructor(session) {
    const { t, scope } = session;
    this.session = session;
    this.keys = h("div", { class: "sl-keys" });
    this.all = h(
      "button",
      { type: "button", class: "sl-key" },
      h("kbd", {}, session.keyOf("help")),
      t("editor.strip.all"),
    );
    this.element = h("footer", { class: "sl-strip", "aria-label": t("editor.strip.label") }, this.keys, this.all);
    scope.listen(this.element, "mousedown", (event) => event.preventDefault());
    scope.listen(this.all, "click", () => session.run("help"));
    scope.listen(this.keys, "click", (event) => {
      const button = event.target instanceof Element ? event.target.closest("button") : null;
      const id = button instanceof HTMLElement ? button.dataset["command"] : undefined;
      if (id) session.run(id);
    });
    this.show("text");
  }

  /** @param {KeyContext} context */
  show(context) {
    if (context === this.#context) return;
    this.#context = context;
    const { t } = this.session;
    this.keys.replaceChildren(
      ...SHOWN[context].flatMap(([id, words]) => {
        const shown = this.#chord(id, context);
        if (!shown) return []; // it was taken away
        const needsDigit = id === "speaker" || id === "label";
        // A key that wants a digit cannot be done by a click: it only tells.
        return needsDigit
          ? h("span", { class: "sl-key" }, h("kbd", {}, shown), t(words))
          : h(
              "button",
              { type: "button", class: "sl-key", tabindex: "-1", "data-command": id },
              h("kbd", {}, shown),
              t(words),
            );
      }),
    );
  }

  /** The key to show: of two that go together, both; of several, the shortest. @param {string} id @param {KeyContext} context */
  #chord(id, context) {
    const chords = (/** @type {string} */ of) =>
      this.session.commands.find((command) => command.id === of)?.[context].map((chord) => showChord(chord)) ?? [];
    const [first = "", ...more] = chords(id);
    const shortest = more.reduce((best, chord) => (chord.length < best.length ? chord : best), first);
    const pair = PAIRS[id];
    const partner = pair ? chords(pair)[0] : undefined;
    if (!partner || !first) return context === "text" ? first : shortest;
    const [, modifiers = "", key = ""] = /^(.*\+)?(.+)$/.exec(first) ?? [];
    return partner.startsWith(modifiers) ? `${partner} ${key}` : first;
  }
}
