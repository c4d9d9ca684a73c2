// Whether what was typed is saved, in words and a picture; the banner of a tab that only reads; messages.

import { attr, h, icon, setText } from "../dom.js";

/** @typedef {import("../types.js").SaveState} SaveState */

/** "elsewhere": this recording is saved, edits of another one are not. @type {Record<SaveState|"elsewhere", {icon: string, words: string}>} */
const SHOWN = {
  saved: { icon: "check", words: "editor.save.saved" },
  elsewhere: { icon: "cloudOff", words: "editor.save.elsewhere" },
  saving: { icon: "spin", words: "editor.save.saving" },
  offline: { icon: "cloudOff", words: "editor.save.offline" },
  conflict: { icon: "warn", words: "editor.save.conflict" },
  readonly: { icon: "lock", words: "editor.save.readonly" },
};
/** Why it waits, where a person can do something about it. @type {Record<string, string>} */
const PROBLEMS = {
  signed_out: "editor.problem.signedOut",
  disk_full: "editor.problem.diskFull",
  locked: "editor.problem.busy",
  busy: "editor.problem.busy",
  too_large: "editor.problem.tooLarge",
};
const TOAST_MS = 3500;
const RESTS_MS = 250;

export class Status {
  /** @type {string} */
  #shown = "";
  /** @type {() => void} */
  #hideToast = () => {};
  /** @type {() => void} */
  #stopResting = () => {};

  /** @param {import("../session.js").Session} session */
  constructor(session) {
    const { t } = session;
    this.session = session;
    this.words = h("span", {});
    this.element = h("button", { type: "button", class: "sl-save" });
    // Screen readers are told of lasting states only: not of each "saving" while one types.
    this.live = h("span", { class: "sl-hidden", role: "status", "aria-live": "polite" });
    this.toast = h("div", { class: "sl-toast", hidden: true });
    this.takeOver = h("button", { type: "button", class: "sl-action" }, t("editor.readonly.takeOver"));
    this.banner = h(
      "div",
      { class: "sl-banner", hidden: true },
      icon("lock"),
      h("span", {}, t("editor.readonly.words")),
      this.takeOver,
    );
    this.warning = h(
      "div",
      { class: "sl-banner sl-warn", hidden: true },
      icon("warn"),
      h("span", {}, t("editor.save.notDurable")),
    );
    session.scope.listen(this.takeOver, "click", () => session.takeOver());
    session.scope.listen(this.element, "click", () => session.waiting.open());
  }

  /** Show the client's state, never better than it is. */
  refresh() {
    const { state } = this.session.client;
    this.#stopResting();
    // A letter is saved before the next one is typed: the sign would flicker, and each time the page be painted.
    if (state === "saved" && this.#shown.startsWith("saving"))
      this.#stopResting = this.session.scope.timeout(() => this.#show(), RESTS_MS);
    else this.#show();
    this.banner.hidden = state !== "readonly";
    this.warning.hidden = this.session.client.durable || state === "readonly";
  }

  #show() {
    const { state: here, pending, problem, stuckElsewhere } = this.session.client;
    const state = here === "saved" && stuckElsewhere > 0 ? "elsewhere" : here;
    const key = `${state}/${pending}/${problem}/${stuckElsewhere}`;
    if (key === this.#shown) return;
    const isCalm = state === "saving" || (state === "saved" && this.#shown.startsWith("saving"));
    const isNews = this.#shown !== "" && !this.#shown.startsWith(state) && !isCalm;
    this.#shown = key;
    const why = state === "offline" ? PROBLEMS[problem ?? ""] : undefined;
    const words = this.session.t(why ?? SHOWN[state].words, { n: state === "elsewhere" ? stuckElsewhere : pending });
    attr(this.element, "data-state", state);
    setText(this.words, words);
    attr(this.element, "title", this.session.t("editor.save.title"));
    this.element.replaceChildren(icon(SHOWN[state].icon), this.words);
    if (isNews) this.announce(words);
  }

  /** Say something to everybody for a while. @param {string} words @param {"info"|"warn"|"error"} [kind] */
  say(words, kind = "info") {
    setText(this.toast, words);
    this.toast.dataset["kind"] = kind;
    this.toast.hidden = false;
    this.#hideToast();
    this.#hideToast = this.session.scope.timeout(
      () => (this.toast.hidden = true),
      kind === "info" ? TOAST_MS : TOAST_MS * 2,
    );
    this.announce(words);
  }

  /** What was said needs no answer any more. */
  unsay() {
    this.#hideToast();
    this.toast.hidden = true;
  }

  /** Say something to screen readers only. @param {string} words */
  announce(words) {
    // The same words twice are read only if the element was empty in between.
    this.live.textContent = "";
    this.session.scope.timeout(() => setText(this.live, words), 30);
  }
}
