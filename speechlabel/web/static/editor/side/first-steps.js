// The first two minutes, on the samples: five things to try, ticked off as they are done.

import { attr, h, icon } from "../dom.js";

const STEPS = [
  { id: "play", words: "editor.steps.play" },
  { id: "correct", words: "editor.steps.correct" },
  { id: "speaker", words: "editor.steps.speaker" },
  { id: "noise", words: "editor.steps.noise" },
  { id: "export", words: "editor.steps.export" },
];
const COMMANDS = /** @type {Record<string, string>} */ ({ play: "playPause", speaker: "speaker", noise: "label" });

export class FirstSteps {
  /** How texts, speakers and labels were at first. @type {Record<string, string>} */
  #before = {};
  /** What plays by itself when a recording is opened was not done by the person. */
  #hasActed = false;

  /** @param {import("../session.js").Session} session */
  constructor(session) {
    const { t, scope, model, player } = session;
    this.session = session;
    this.list = h("ol", { class: "sl-steps-list" });
    const words = { "aria-label": t("editor.steps.close"), title: t("editor.steps.close") };
    const close = h("button", { type: "button", class: "sl-tool", ...words }, icon("cross"));
    const head = h("strong", {}, t("editor.steps.title"));
    this.element = h("section", { class: "sl-steps", "aria-label": t("editor.steps.title") }, head, this.list, close);
    scope.listen(this.element, "mousedown", (event) => event.preventDefault()); // the caret stays in the text
    scope.listen(close, "click", () => {
      session.change({ firstSteps: false });
      this.apply();
      if (this.element.contains(document.activeElement)) session.returnFocus();
    });
    if (model.project.id === "samples") this.#before = this.#signs(); // elsewhere there may be thousands
    scope.own(player.onState(({ playing }) => playing && this.#hasActed && this.#tick("play")));
    for (const type of ["keydown", "pointerdown"])
      scope.listen(session.root, type, () => (this.#hasActed = true), { capture: true, passive: true });
    scope.own(model.on("change", () => this.#changed()));
    const view = new MutationObserver(() => document.body.dataset["slView"] === "export" && this.#tick("export"));
    scope.observe(view).observe(document.body, { attributes: true, attributeFilter: ["data-sl-view"] });
    this.apply();
  }

  get #isOpen() {
    return this.session.settings.firstSteps && this.session.model.project.id === "samples" && !this.session.readOnly;
  }

  /** Show it or not, as the settings say. */
  apply() {
    const { t, settings } = this.session;
    this.element.hidden = !this.#isOpen;
    this.list.replaceChildren(
      ...STEPS.map(({ id, words }) => {
        const isDone = settings.steps[id] === true;
        const key = COMMANDS[id] ? this.session.keyOf(COMMANDS[id]).replace("1…9", "1") : "";
        const sign = h("span", { class: "sl-hidden" }, isDone ? t("editor.steps.done") : "");
        const item = h("li", {}, icon(isDone ? "check" : "ring"), t(words, { key }), sign);
        attr(item, "data-done", isDone);
        return item;
      }),
    );
  }

  #signs() {
    const { segments } = this.session.model;
    return {
      correct: segments.map(({ text }) => text).join("\n"),
      speaker: segments.map(({ speaker }) => speaker).join(),
      noise: segments.map(({ noise_labels: labels }) => labels.join("+")).join(),
    };
  }

  #changed() {
    if (!this.#isOpen) return;
    const now = this.#signs();
    for (const [id, sign] of Object.entries(now)) if (sign !== this.#before[id]) this.#tick(id);
    this.#before = now;
  }

  /** @param {string} id */
  #tick(id) {
    const { settings, t } = this.session;
    if (!this.#isOpen || settings.steps[id] === true) return;
    this.session.change({ steps: { ...settings.steps, [id]: true } });
    this.apply();
    if (STEPS.every((step) => settings.steps[step.id] === true)) this.session.announce(t("editor.steps.all"));
  }
}
