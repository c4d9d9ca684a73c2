// At the right of each lane: hear this channel alone, not at all, on one side. In the bar: how loud.

import { attr, h, icon, setText } from "../dom.js";
import { MOST_DB } from "./loudness.js";

const MOST_CHANNELS = 8;
/** @type {Record<string, string>} */
const SIDES = { "-1": "editor.hear.left", 0: "editor.hear.middle", 1: "editor.hear.right" };

export class Strips {
  /** @type {(() => void)[]} */
  #refreshers = [];

  /** @param {import("../session.js").Session} session */
  constructor(session) {
    this.session = session;
    const { mixer } = session.listening;
    const { channels } = session.model.recording;
    const count = mixer.isApart && channels <= MOST_CHANNELS ? channels : 0;
    this.element = h("div", { class: "sl-strips", hidden: count === 0 });
    for (let channel = 0; channel < count; channel += 1) this.element.append(this.#strip(channel));
    // They lie on the waveform, where a press would draw a segment.
    for (const type of ["pointerdown", "dblclick", "contextmenu"])
      session.scope.listen(this.element, type, (event) => event.stopPropagation());
    session.scope.listen(this.element, "mousedown", (event) => event.preventDefault()); // the caret stays where it is
    session.waveform.element.append(this.element);
    session.toolbar.loop.after(this.#slider());
    this.refresh();
  }

  refresh() {
    for (const refresh of this.#refreshers) refresh();
  }

  /** @param {number} channel */
  #strip(channel) {
    const { t, listening } = this.session;
    const { mixer } = listening;
    const n = channel + 1;
    const solo = this.#button(() => mixer.toggle("solo", channel), t("editor.hear.solo", { n }), t("editor.hear.soloSign"));
    const mute = this.#button(() => mixer.toggle("muted", channel), t("editor.hear.mute", { n }), t("editor.hear.muteSign"));
    const side = this.#button(() => mixer.turn(channel), "", "");
    this.#refreshers.push(() => {
      attr(solo, "aria-pressed", String(mixer.heard.solo.includes(channel)));
      attr(mute, "aria-pressed", String(mixer.heard.muted.includes(channel)));
      const place = t(SIDES[mixer.heard.pans[channel] ?? 0] ?? "editor.hear.middle");
      setText(side, place);
      for (const name of ["aria-label", "title"]) attr(side, name, t("editor.hear.side", { n, place }));
    });
    return h(
      "div",
      { role: "group", "aria-label": t("editor.wave.channel", { n }) },
      h("span", { "aria-hidden": "true" }, t("editor.wave.channel", { n })),
      solo,
      mute,
      side,
    );
  }

  /** @param {() => void} act @param {string} name @param {string} sign */
  #button(act, name, sign) {
    const button = h("button", { type: "button", "aria-label": name, title: name }, sign);
    this.session.scope.listen(button, "click", () => {
      act();
      this.refresh();
    });
    return button;
  }

  #slider() {
    const { t, scope, listening, player } = this.session;
    const { mixer } = listening;
    const input = h("input", { type: "range", min: 0, max: MOST_DB, step: 1, "aria-label": t("editor.hear.louder") });
    const show = () => {
      input.value = String(mixer.heard.db);
      player.setLoudness(mixer.heard.db);
      const words = t("editor.hear.db", { n: mixer.heard.db });
      attr(input, "aria-valuetext", words);
      const keys = [this.session.keyOf("quieter"), this.session.keyOf("louder")].filter(Boolean).join(" / ");
      attr(input, "title", `${t("editor.hear.louder")}: ${words}${keys && ` (${keys})`}`);
    };
    mixer.onRaise = show;
    scope.listen(input, "input", () => mixer.raise(Number(input.value)));
    scope.listen(input, "pointerup", () => this.session.returnFocus());
    show();
    return h("span", { class: "sl-loudness" }, icon("loud"), input);
  }
}
