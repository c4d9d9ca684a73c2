// How the channels of a recording are labelled, as one lane or a lane each, and changing that.

import { ClientError } from "../sync/answers.js";
import { attr, h, icon, setText } from "../dom.js";

const POLL_MS = 400;

/** @type {readonly ["mixed"|"separate"|"auto", string, string][]} */
const CHOICES = [
  ["mixed", "editor.channels.mixed", "editor.channels.mixedHelp"],
  ["separate", "editor.channels.separate", "editor.channels.separateHelp"],
  ["auto", "editor.channels.auto", "editor.channels.autoHelp"],
];

export class Channels {
  #isWorking = false;

  /** @param {import("../session.js").Session} session */
  constructor(session) {
    const { t, scope, model } = session;
    const { channels, layout } = model.recording;
    this.session = session;
    const now = t(session.waveform.channels > 1 ? "editor.channels.separate" : "editor.channels.mixed");
    const title = t("editor.channels.title", { n: channels });
    this.button = h(
      "button",
      { type: "button", class: "sl-tool", "aria-label": title, title: `${title}: ${now}`, "aria-haspopup": "dialog", hidden: channels < 2 },
      icon("lanes"),
    );
    this.said = h("p", { class: "sl-channels-said", role: "status", hidden: true });
    this.bar = h("progress", { max: "1", "aria-label": t("editor.channels.working"), hidden: true });
    const close = h("button", { type: "button", class: "sl-plain" }, t("editor.channels.close"));
    this.rows = CHOICES.map(([wanted, name, help]) => {
      const isNow = wanted === (layout === "dual_mono" ? "mixed" : layout);
      const row = h(
        "button",
        { type: "button", class: "sl-choice", "data-layout": wanted, "aria-current": isNow ? "true" : null },
        h("strong", {}, t(name)),
        isNow ? h("span", { class: "sl-chip" }, t("editor.channels.now")) : null,
        h("span", { class: "sl-faint" }, t(help)),
      );
      scope.listen(row, "click", () => (isNow ? this.dialog.close() : void this.#change(wanted)));
      return row;
    });
    this.effect = h("p", {});
    this.dialog = h(
      "dialog",
      { class: "sl-dialog sl-channels", "aria-label": title },
      h("h2", {}, title),
      h("div", { class: "sl-choices" }, ...this.rows),
      this.effect,
      this.said,
      this.bar,
      h("footer", {}, close),
    );
    scope.listen(this.button, "click", () => this.open());
    scope.listen(close, "click", () => this.dialog.close());
    scope.listen(this.dialog, "close", () => session.returnFocus());
  }

  open() {
    const { t, client, model, readOnly } = this.session;
    const isCut = (/** @type {import("../types.js").Segment} */ { text, status }) => text === null && status === "machine";
    const hasWork = model.revision > 0 || client.pending > 0 || !model.segments.every(isCut);
    setText(this.effect, t(hasWork ? "editor.channels.keeps" : "editor.channels.cuts"));
    for (const row of this.rows) row.disabled = readOnly || this.#isWorking;
    this.dialog.showModal();
    this.rows.find((row) => row.hasAttribute("aria-current"))?.focus();
  }

  /** @param {"mixed"|"separate"|"auto"} layout */
  async #change(layout) {
    const { t, client, model, scope, reopen } = this.session;
    const project = model.project.id;
    this.#work(true, t("editor.channels.working"));
    try {
      // A pass whose first edits are not saved yet would count as untouched, and be cut anew.
      if (!(await client.flush())) {
        this.#work(false, t("editor.channels.unsaved"));
        return;
      }
      if (!(await client.prepare(project, model.recording.id, layout))) {
        this.#work(false, t("editor.channels.busy"));
        return;
      }
      for (;;) {
        await scope.sleep(POLL_MS);
        const row = (await client.recordings(project)).find((item) => item.id === model.recording.id);
        if (row && row.state === "preparing") attr(this.bar, "value", row.progress ?? 0);
        else if (row?.error) throw new ClientError("failed", row.error);
        else if (row?.progress === null || row === undefined) break;
      }
      this.dialog.close();
      await reopen();
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      const words = error.code === "network" ? t("editor.open.network") : error.message;
      this.#work(false, t("editor.channels.failed", { message: words }));
    }
  }

  /** @param {boolean} isWorking @param {string} words */
  #work(isWorking, words) {
    this.#isWorking = isWorking;
    for (const row of this.rows) row.disabled = isWorking;
    this.bar.hidden = !isWorking;
    setText(this.said, words);
    this.said.hidden = false;
  }
}
