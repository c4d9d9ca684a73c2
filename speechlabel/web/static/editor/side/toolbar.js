// The bar at the top: sound, undo, zoom, how far the work is; everything on it has a key too.

import { attr, h, icon, setText } from "../dom.js";
import { nameOf } from "../i18n.js";
import { RATES } from "../hear/listening.js";
import { countProblems } from "../model/problems.js";
import { clock } from "../see/timeline.js";

const REST_MS = 400; // problems are counted when the typing rests

export class Toolbar {
  #shownHead = "";
  /** @type {() => void} */
  #stopCounting = () => {};

  /** @param {import("../session.js").Session} session @param {HTMLElement} status the saved state */
  constructor(session, status) {
    const { t, scope, model } = session;
    this.session = session;
    this.play = this.#button("playPause", "play", "editor.tool.play");
    this.play.classList.add("sl-play");
    this.time = h("span", { class: "sl-clock", "aria-hidden": "true" });
    this.rate = h(
      "select",
      {
        class: "sl-rate",
        "aria-label": t("editor.tool.speed"),
        title: `${t("editor.tool.speed")} (${session.keyOf("slower")} / ${session.keyOf("faster")})`,
      },
      ...RATES.map((rate) => h("option", { value: rate }, `${rate}×`)),
    );
    this.loop = this.#button("loop", "loop", "editor.tool.loop");
    this.undo = this.#button("undo", "undo", "editor.tool.undo");
    this.redo = this.#button("redo", "redo", "editor.tool.redo");
    this.bar = h("i", {});
    this.count = h("span", { class: "sl-count" });
    this.problems = this.#button("nextProblem", "warn", "editor.tool.problems");
    this.problems.hidden = true;
    this.problems.classList.add("sl-problems");
    this.problemCount = h("span", {});
    this.problems.append(this.problemCount);
    this.panel = this.#button("panel", "panel", "editor.tool.panel");
    this.spectrogram = this.#button("spectrogram", "spectrogram", "editor.tool.spectrogram");
    const gap = () => h("span", { class: "sl-gap", "aria-hidden": "true" });
    this.element = h(
      "header",
      { class: "sl-bar", role: "group", "aria-label": t("editor.tool.label") },
      h("strong", { class: "sl-name", title: model.recording.name }, nameOf(model.recording, session.locale)),
      session.channels.button,
      gap(),
      this.play,
      this.time,
      this.rate,
      this.loop,
      gap(),
      this.undo,
      this.redo,
      gap(),
      this.#button("zoomOut", "zoomOut", "editor.tool.zoomOut"),
      this.#button("zoomIn", "zoomIn", "editor.tool.zoomIn"),
      this.#button("fitSegment", "fit", "editor.tool.fitSegment"),
      this.spectrogram,
      h("span", { class: "sl-spring" }),
      h("span", { class: "sl-progress", "aria-hidden": "true" }, this.bar),
      this.count,
      this.problems,
      status,
      this.panel,
      this.#button("settings", "gear", "editor.settings.title"),
      this.#button("help", "help", "editor.tool.help"),
    );
    scope.listen(this.element, "mousedown", (event) => {
      if (event.target instanceof Element && event.target.closest("button")) event.preventDefault();
    });
    scope.listen(this.rate, "change", () => {
      session.listening.setRate(Number(this.rate.value));
      session.returnFocus();
    });
    this.refresh();
  }

  /** Show what can be undone, how much is done, the settings. */
  refresh() {
    const { model, settings, t, readOnly, panelOpen } = this.session;
    this.undo.disabled = readOnly || !model.canUndo;
    this.redo.disabled = readOnly || !model.canRedo;
    attr(this.loop, "aria-pressed", String(settings.loop));
    attr(this.panel, "aria-pressed", String(panelOpen));
    attr(this.spectrogram, "aria-pressed", String(settings.spectrogram));
    this.rate.value = String(settings.rate);
    let done = 0;
    for (const segment of model.segments) done += Number(segment.status === "done");
    setText(this.count, t("editor.tool.count", { done, total: model.segments.length }));
    this.#stopCounting();
    this.#stopCounting = this.session.scope.timeout(() => this.#countProblems(), REST_MS);
    this.bar.style.width = `${model.segments.length ? (done / model.segments.length) * 100 : 0}%`;
  }

  #countProblems() {
    const n = countProblems(this.session.model);
    this.problems.hidden = n === 0;
    setText(this.problemCount, String(n));
  }

  /** @param {boolean} playing */
  playing(playing) {
    this.play.replaceChildren(icon(playing ? "pause" : "play"));
    attr(this.play, "aria-label", this.session.t(playing ? "editor.tool.pause" : "editor.tool.play"));
  }

  /** @param {number} us */
  setHead(us) {
    const shown = `${clock(us, 1)} / ${clock(this.session.timeline.durationUs)}`;
    if (shown !== this.#shownHead) setText(this.time, (this.#shownHead = shown));
  }

  /** @param {string} command @param {string} picture @param {string} title */
  #button(command, picture, title) {
    const { t, scope } = this.session;
    const key = this.session.keyOf(command);
    const button = h(
      "button",
      {
        type: "button",
        class: "sl-tool",
        "aria-label": t(title),
        title: key ? `${t(title)} (${key})` : t(title),
      },
      icon(picture),
    );
    scope.listen(button, "click", () => this.session.run(command));
    return button;
  }
}
