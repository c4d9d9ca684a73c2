// One row of the list: number, time, speaker, text in place, labels, state.

import { attr, h, icon, setText } from "../dom.js";
import { titleOf } from "../i18n.js";
import { Layers } from "./layers.js";
import { marksIn, pieces } from "../model/marks.js";
import { problemsOf } from "../model/problems.js";
import { STATES, nextStatus, stateOf } from "../model/state.js";
import { speakerColor } from "../see/theme.js";
import { clock } from "../see/timeline.js";

/** @typedef {import("../types.js").Segment} Segment */

export class Row {
  #segment = /** @type {Segment|null} */ (null);
  #state = "";
  #chips = "";
  #painted = "";
  /** What is proposed behind a text. */
  #ghost = { text: "", proposal: "" };

  /** @param {import("../session.js").Session} session @param {string} id */
  constructor(session, id) {
    this.session = session;
    this.id = id;
    this.number = h("span", {});
    this.play = h(
      "button",
      { class: "sl-num", type: "button", tabindex: "-1", "data-act": "play" },
      this.number,
      icon("play"),
    );
    this.start = h("span", { class: "sl-start" });
    this.length = h("span", { class: "sl-length" });
    this.speaker = h("span", { class: "sl-who" }, h("i", { class: "sl-dot" }), h("span", { class: "sl-who-name" }));
    this.text = h("textarea", {
      class: "sl-text",
      rows: "1",
      tabindex: "-1",
      spellcheck: "false",
      dir: "auto",
      autocomplete: "off",
      autocapitalize: "off",
    });
    this.mirror = h("div", { class: "sl-mirror", "aria-hidden": "true", dir: "auto" });
    this.grow = h("div", { class: "sl-grow" }, this.mirror, this.text);
    this.hint = h("span", { class: "sl-hint", "aria-hidden": "true", hidden: true });
    this.problem = h("span", { class: "sl-problem", hidden: true });
    this.layers = new Layers(session);
    this.chips = h("span", { class: "sl-chips" });
    this.state = h("button", { class: "sl-state", type: "button", tabindex: "-1", "data-act": "state" });
    this.element = h(
      "div",
      { class: "sl-row", role: "listitem", "data-id": id },
      this.play,
      h("span", { class: "sl-time", "aria-hidden": "true" }, this.start, this.length),
      this.speaker,
      h("div", { class: "sl-cell" }, this.grow, this.hint, this.layers.element, this.problem),
      this.chips,
      this.state,
    );
  }

  /**
   * Show a segment. Only what differs touches the page.
   * @param {Segment} segment @param {number} index @param {{total: number, isCurrent: boolean, isSelected: boolean, hint: string, again: boolean}} how
   *   again: speakers, labels or colours may have changed
   */
  update(segment, index, how) {
    const { t } = this.session;
    attr(this.element, "aria-posinset", index + 1);
    attr(this.element, "aria-setsize", how.total);
    attr(this.element, "aria-current", how.isCurrent ? "true" : null);
    this.element.classList.toggle("sl-picked", how.isSelected);
    setText(this.number, String(index + 1));
    for (const part of [this.text, this.state]) attr(part, "tabindex", how.isCurrent ? 0 : -1);
    // An empty box has room for the hint; under a text it takes a line of its own.
    attr(this.text, "placeholder", how.isCurrent ? how.hint || t("editor.text.placeholder") : null);
    this.hint.hidden = !how.hint || !segment.text;
    setText(this.hint, how.hint);
    this.layers.update(segment, how.isCurrent);
    this.#lint(segment, index, how.isCurrent);
    if (this.#segment === segment && !how.again) {
      this.#name(segment, index);
      return;
    }
    this.#segment = segment;
    const digits = 1;
    setText(this.start, clock(segment.start_us, digits));
    setText(this.length, t("editor.row.seconds", { n: ((segment.end_us - segment.start_us) / 1e6).toFixed(1) }));
    this.element.classList.toggle(
      "sl-right",
      segment.channel !== null && segment.channel % 2 === 1 && this.session.waveform.channels > 1,
    );
    this.#who(segment);
    this.setText(segment.text ?? "");
    this.text.readOnly = this.session.readOnly || segment.is_locked;
    this.#speak(segment);
    this.#showChips(segment);
    const state = stateOf(segment);
    if (state !== this.#state) {
      this.#state = state;
      this.element.dataset["state"] = state;
      this.state.replaceChildren(icon(STATES[state].icon));
    }
    this.#showNext(segment);
    this.#name(segment, index);
  }

  /** Say what language it is, and have it spelt where the browser can. @param {Segment} segment */
  #speak(segment) {
    const { model, settings } = this.session;
    const language = segment.language ?? model.project.language ?? null;
    attr(this.text, "lang", language);
    attr(this.text, "spellcheck", String(settings.spellCheck && isSpelt(language)));
  }

  /** Put text into the box, unless an input method is at work in it. @param {string} text */
  setText(text) {
    this.paint(text);
    if (this.text.value === text || this.session.isComposingIn(this.text)) return;
    const { selectionStart, selectionEnd } = this.text;
    const hadFocus = document.activeElement === this.text;
    this.text.value = text;
    if (hadFocus) this.text.setSelectionRange(selectionStart, selectionEnd);
  }

  /** Propose what may follow a text ("": nothing). @param {string} text @param {string} proposal */
  propose(text, proposal) {
    this.#ghost = { text, proposal };
    this.paint(this.text.value);
  }

  /** Lay the marks of a text, and what is being looked for, under the box. @param {string} text */
  paint(text) {
    const { model, finder } = this.session;
    const marks = marksIn(text, model.guideline);
    const ranges = [
      ...marks.map(({ start, end, label }) => ({ start, end, kind: label ? "sl-mark" : "sl-mark-unknown" })),
      ...finder.rangesOf(this.id, text),
    ];
    const proposal = this.#ghost.text === text ? this.#ghost.proposal : "";
    const key = JSON.stringify([text, ranges, proposal]);
    if (key === this.#painted) return;
    this.#painted = key;
    const shown = pieces(text, ranges).map(({ text: part, kinds }) =>
      kinds.length ? h("span", { class: kinds.join(" ") }, part) : part,
    );
    // A word in the making stays in its line in the box, so its rest may begin the next one here.
    if (proposal) shown.push(h("wbr"), h("span", { class: "sl-ghost" }, proposal));
    this.mirror.replaceChildren(...shown, " "); // the blank gives an empty last line its height
  }

  /** What the state is, and what a click makes of it. @param {Segment} segment */
  #showNext(segment) {
    const { t, readOnly } = this.session;
    const wanted = nextStatus(segment);
    const key = wanted === "draft" ? "" : this.session.keyOf(wanted === "done" ? "toggleDone" : "unsure");
    const state = t(STATES[stateOf(segment)].title);
    const isBoth = !segment.is_valid && segment.status !== "machine";
    const now = isBoth ? t("editor.state.invalidAnd", { state: t(STATES[segment.status].title) }) : state;
    const isFixed = readOnly || segment.is_locked;
    const next = t(STATES[wanted].title);
    const title = isFixed ? now : t("editor.state.click", { now, next: key ? `${next} (${key})` : next });
    attr(this.state, "aria-label", title);
    attr(this.state, "title", title);
    this.state.disabled = isFixed;
  }

  /** Say what needs a look: a sign at the time, and the sentences below the text where the person is. @param {Segment} segment @param {number} index @param {boolean} isCurrent */
  #lint(segment, index, isCurrent) {
    const { t } = this.session;
    const found = problemsOf(segment, index, this.session.model).map(({ key, values }) => t(key, values));
    this.element.classList.toggle("sl-has-problem", found.length > 0);
    this.problem.hidden = !isCurrent || found.length === 0;
    setText(this.problem, found.join(" · "));
    attr(this.play, "title", found.join(" · ") || null);
  }

  /** @param {Segment} segment @param {number} index */
  #name(segment, index) {
    const { t, model } = this.session;
    const speaker = model.speaker(segment.speaker)?.name ?? t("editor.speaker.none");
    const values = {
      n: index + 1,
      start: clock(segment.start_us, 1),
      end: clock(segment.end_us, 1),
      speaker,
      state: t(STATES[stateOf(segment)].title),
    };
    attr(this.text, "aria-label", t("editor.row.label", values));
    attr(this.play, "aria-label", t("editor.row.play", { n: index + 1 }));
  }

  /** @param {Segment} segment */
  #who(segment) {
    const { model } = this.session;
    const speaker = model.speaker(segment.speaker);
    const color = speakerColor(model.speakers, segment.speaker, this.session.isDark);
    this.speaker.style.setProperty("--sl-speaker", color ?? "transparent");
    this.element.style.setProperty("--sl-speaker", color ?? "transparent");
    this.speaker.classList.toggle("sl-nobody", !speaker);
    const name = /** @type {Element} */ (this.speaker.lastElementChild);
    setText(name, speaker?.name ?? "—");
    attr(this.speaker, "title", speaker?.name ?? null);
  }

  /** @param {Segment} segment */
  #showChips(segment) {
    const { model, t, locale } = this.session;
    /** @type {{text: string, color: string, title?: string}[]} */
    const wanted = [];
    if (!segment.is_valid && segment.invalid_reason) {
      const reason = model.guideline.invalid_reasons.find((item) => item.name === segment.invalid_reason);
      wanted.push({ text: reason ? titleOf(reason, locale) : segment.invalid_reason, color: "var(--sl-bad)" });
    }
    if (segment.is_locked) wanted.push({ text: t("editor.row.locked"), color: "var(--sl-text)" });
    for (const name of [...segment.noise_labels, ...segment.tags]) {
      const label = model.guideline.labels.find((item) => item.name === name);
      wanted.push({ text: label ? titleOf(label, locale) : name, color: label?.color ?? "var(--sl-muted)" });
    }
    const isOneLane = this.session.waveform.channels === 1;
    // Where it lies is not to be seen in the lanes.
    if (isOneLane && this.session.channelOf(segment) !== null)
      wanted.push({ text: t("editor.wave.channel", { n: Number(segment.channel) + 1 }), color: "var(--sl-muted)" });
    if (!isOneLane && segment.channel === null) wanted.push({ text: t("editor.wave.mix"), color: "var(--sl-muted)" });
    if (segment.note) wanted.push({ text: t("editor.row.hasNote"), color: "var(--sl-muted)", title: segment.note });
    const key = JSON.stringify(wanted);
    if (key === this.#chips) return;
    this.#chips = key;
    this.chips.replaceChildren(
      ...wanted.map(({ text, color, title = text }) => {
        const chip = h("span", { class: "sl-chip", title }, text);
        chip.style.setProperty("--sl-chip", color);
        return chip;
      }),
    );
  }
}

/** Whether words of a language are spelt with letters: a check of Chinese or Japanese finds faults in all of it. @param {string|null} language */
const isSpelt = (language) => language !== null && !/^(zh|cmn|yue|wuu|nan|hak|gan|hsn|ja)\b/i.test(language);
