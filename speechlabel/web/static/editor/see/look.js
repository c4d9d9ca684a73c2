// How the sound is shown: lanes, levels, the spectrogram and its settings, and how high all of it is.

import { attr, h, icon } from "../dom.js";
import { RANGES_DB, SCALES, TOPS_HZ, WINDOWS_US, lookOf } from "./spectrum.js";

const MIN_HEIGHT = 90;
const STEP_PX = 16;
/** @type {Record<string, string>} */
const SCALE_WORDS = {
  linear: "editor.look.linear",
  log: "editor.look.log",
  mel: "editor.look.mel",
};

/** The corner of the waveform with what can be set about it. */
export class LookMenu {
  /** @param {import("../session.js").Session} session @param {() => void} onChange */
  constructor(session, onChange) {
    const { t, scope } = session;
    this.session = session;
    this.onChange = onChange;
    this.lanes = this.#switch("speakerLanes", "editor.look.speakerLanes");
    this.levels = this.#switch("normalise", "editor.look.normalise");
    this.spectrogram = h(
      "div",
      { class: "sl-look-part" },
      this.#select("editor.look.scale", "scale", SCALES, (value) => t(SCALE_WORDS[value] ?? "")),
      this.#select("editor.look.window", "windowUs", WINDOWS_US, (value) => t("editor.look.ms", { n: +value / 1000 })),
      this.#select("editor.look.top", "topHz", TOPS_HZ, (value) => t("editor.look.khz", { n: +value / 1000 })),
      this.#select("editor.look.range", "rangeDb", RANGES_DB, (value) => t("editor.look.db", { n: value })),
    );
    const switches = [this.lanes, this.levels].map(({ label }) => label);
    this.element = h(
      "details",
      { class: "sl-look" },
      h("summary", { "aria-label": t("editor.look.title"), title: t("editor.look.title") }, icon("sliders")),
      h("div", { class: "sl-look-body" }, ...switches, this.spectrogram),
    );
    // What is pressed here is not for the waveform below.
    for (const type of /** @type {const} */ (["pointerdown", "pointermove", "dblclick", "wheel"]))
      scope.listen(this.element, type, (event) => event.stopPropagation());
    scope.listen(this.element, "focusout", (event) => {
      if (!(event.relatedTarget instanceof Node) || !this.element.contains(event.relatedTarget))
        this.element.open = false;
    });
    scope.listen(this.element, "keydown", (event) => {
      if (event.key !== "Escape" || !this.element.open) return;
      event.stopPropagation();
      this.element.open = false;
      session.returnFocus();
    });
    this.refresh();
  }

  refresh() {
    const { speakerLanes, normalise, spectrogram } = this.session.settings;
    this.lanes.input.checked = speakerLanes;
    this.levels.input.checked = normalise;
    this.spectrogram.hidden = !spectrogram;
  }

  /** What a command turns on and off. @param {"speakerLanes"|"normalise"} command @param {string} words */
  #switch(command, words) {
    const { session } = this;
    const input = h("input", { type: "checkbox" });
    session.scope.listen(input, "change", () => void session.run(command));
    const key = session.keyOf(command);
    const label = h("label", { class: "sl-check" }, input, session.t(words), h("kbd", { "aria-hidden": "true" }, key));
    return { input, label };
  }

  /** @param {string} title @param {string} name @param {readonly (string|number)[]} values @param {(value: string) => string} words */
  #select(title, name, values, words) {
    const { view, rangeDb } = lookOf(this.session.settings.look, this.session.model.recording.sample_rate);
    const chosen = /** @type {Record<string, string|number>} */ ({ ...view, rangeDb })[name];
    const options = values.map((value) => h("option", { value, selected: value === chosen }, words(String(value))));
    const select = h("select", {}, ...options);
    this.session.scope.listen(select, "change", () => {
      const value = name === "scale" ? select.value : Number(select.value);
      this.session.change({ look: { ...this.session.settings.look, [name]: value } });
      this.onChange();
    });
    return h("label", {}, this.session.t(title), select);
  }
}

/** The line below the waveform: drag it, or move it by keys, and the waveform is as high as one likes. */
export class Splitter {
  /** @param {import("../session.js").Session} session @param {HTMLElement} above */
  constructor(session, above) {
    const { t, scope } = session;
    this.session = session;
    this.above = above;
    this.element = h("div", {
      class: "sl-splitter",
      role: "separator",
      tabindex: "0",
      "aria-orientation": "horizontal",
      "aria-valuemin": MIN_HEIGHT,
      "aria-label": t("editor.look.height"),
      title: t("editor.look.height"),
    });
    let startY = 0;
    let height = 0;
    scope.listen(this.element, "pointerdown", (event) => {
      event.preventDefault();
      this.element.setPointerCapture(event.pointerId);
      [startY, height] = [event.clientY, above.offsetHeight];
    });
    scope.listen(this.element, "pointermove", (event) => {
      if (this.element.hasPointerCapture(event.pointerId)) this.#set(height + event.clientY - startY);
    });
    scope.listen(this.element, "lostpointercapture", () => this.#keep());
    scope.listen(this.element, "dblclick", () => {
      session.change({ waveHeight: 0 });
      this.apply();
    });
    scope.listen(this.element, "keydown", (event) => {
      const by = event.key === "ArrowUp" ? -STEP_PX : event.key === "ArrowDown" ? STEP_PX : 0;
      if (by === 0) return;
      event.preventDefault();
      event.stopPropagation();
      this.#set(above.offsetHeight + by);
      this.#keep();
    });
    this.apply();
  }

  /** Take the height that was kept; without one the style's own. */
  apply() {
    const { waveHeight } = this.session.settings;
    this.above.style.height = waveHeight ? `${waveHeight}px` : "";
    attr(this.element, "aria-valuenow", waveHeight || Math.max(MIN_HEIGHT, this.above.offsetHeight));
  }

  /** @param {number} px */
  #set(px) {
    const most = this.session.root.clientHeight * 0.7;
    this.above.style.height = `${Math.round(Math.min(most, Math.max(MIN_HEIGHT, px)))}px`;
  }

  #keep() {
    this.session.change({ waveHeight: this.above.offsetHeight });
    this.apply();
  }
}
