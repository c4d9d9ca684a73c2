// The keys that matter, at the foot of the page; those of the place where the focus is.

import { h } from "./dom.js";
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
    ["setStart", "editor.strip.setStart"],
    ["editText", "editor.strip.editText"],
  ],
};

export class Keystrip {
  /** @type {KeyContext|null} */
  #context = null;

  /** @param {import("./session.js").Session} session */
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
    const { commands, t } = this.session;
    this.keys.replaceChildren(
      ...SHOWN[context].map(([id, words]) => {
        const chords = commands.find((command) => command.id === id)?.[context] ?? [];
        const shown =
          id === "next"
            ? "Alt+↑ ↓"
            : id === "setStart"
              ? "[ ]" // the word beside it names both
              : chords[0]
                ? showChord(chords[chords.length > 1 && id === "speaker" ? chords.length - 1 : 0] ?? "")
                : "";
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
}
