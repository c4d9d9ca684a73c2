// A quiet line in the foot: audio done, the pace of the day, what is left at that pace; now and then, a break.

import { h, setText } from "../dom.js";
import { keepDays, loadDays } from "../settings.js";
import { achieved, audioOf, dayName, isBreakDue, leftMs, newClock, ratioOf, touched, withMore } from "./pace.js";

const KEEP_MS = 5000;
const REFRESH_MS = 500;

export class Progress {
  /** What is not kept yet. */
  #clock = newClock();
  #doneUs = 0;
  #isBreak = false;
  #queued = false;

  /** @param {import("../session.js").Session} session */
  constructor(session) {
    const { scope, root, model } = session;
    this.session = session;
    this.element = h("span", { class: "sl-pace" });
    this.#doneUs = audioOf(model.segments).doneUs;
    for (const type of ["keydown", "pointerdown", "wheel"])
      scope.listen(root, type, () => this.#input(), { passive: true, capture: true });
    scope.own(model.on("change", () => this.#soon()));
    scope.interval(() => this.#keep(), KEEP_MS);
    scope.listen(window, "pagehide", () => this.#keep());
    scope.own(() => this.#keep());
    this.#show();
  }

  #input() {
    this.#clock = touched(this.#clock, Date.now());
    this.#soon();
  }

  #soon() {
    if (this.#queued) return;
    this.#queued = true;
    this.session.scope.timeout(() => {
      this.#queued = false;
      this.#show();
    }, REFRESH_MS);
  }

  #show() {
    const { t, model, settings } = this.session;
    const { totalUs, doneUs } = audioOf(model.segments);
    this.#clock = achieved(this.#clock, doneUs - this.#doneUs);
    if (doneUs > this.#doneUs) this.session.announce(this.session.toolbar.count.textContent ?? "");
    this.#doneUs = doneUs;
    const isBreak = isBreakDue(this.#clock, settings.breakMinutes);
    this.element.classList.toggle("sl-break", isBreak);
    if (isBreak) {
      const words = t("editor.pace.break", { n: Math.floor(this.#clock.sinceRestMs / 60_000) });
      setText(this.element, words);
      if (!this.#isBreak) this.session.announce(words);
    } else {
      const day = this.#today();
      const ratio = ratioOf(day);
      const left = leftMs(day, totalUs - doneUs);
      const done = t("editor.pace.done", { done: minutes(doneUs), total: minutes(totalUs) });
      const pace = ratio !== null ? t("editor.pace.ratio", { ratio: ratio.toFixed(1) }) : "";
      const rest = left ? t("editor.pace.left", { n: Math.max(1, Math.round(left / 60_000)) }) : "";
      setText(this.element, [done, pace, rest].filter(Boolean).join(" · "));
      const values = { work: Math.round(day.workMs / 60_000), audio: minutes(day.audioUs) };
      this.element.title = t("editor.pace.help", values);
    }
    this.#isBreak = isBreak;
  }

  #today() {
    const name = dayName(new Date());
    return withMore(loadDays(), name, this.#clock)[name] ?? newClock();
  }

  #keep() {
    const { workMs, audioUs } = this.#clock;
    if (workMs === 0 && audioUs === 0) return;
    keepDays(withMore(loadDays(), dayName(new Date()), this.#clock));
    this.#clock = { ...this.#clock, workMs: 0, audioUs: 0 };
  }
}

/** @param {number} us */
const minutes = (us) => (us / 60e6).toFixed(1);
