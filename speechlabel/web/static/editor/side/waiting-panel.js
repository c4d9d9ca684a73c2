// What is not saved yet: of which recording, since when, why; try now, keep it in a file, bring such a file back.

import { h, icon, setText } from "../dom.js";
import { nameOf } from "../i18n.js";
import { WaitingFileError } from "../sync/waiting.js";

/** @typedef {import("../types.js").Waiting} Waiting */

/** Why it waits, and what helps. @type {Record<string, string>} */
const WHY = {
  network: "editor.waiting.network",
  signed_out: "editor.problem.signedOut",
  disk_full: "editor.problem.diskFull",
  too_large: "editor.problem.tooLarge",
  other_tab: "editor.waiting.otherTab",
  conflict: "editor.waiting.conflict",
  stale: "editor.waiting.conflict",
  gone: "editor.waiting.gone",
};

export class WaitingPanel {
  /** @param {import("../session.js").Session} session */
  constructor(session) {
    const { t, scope } = session;
    this.session = session;
    this.title = h("h2", {});
    this.list = h("div", { class: "sl-waiting-list" });
    this.said = h("p", { role: "status", hidden: true });
    const button = (/** @type {string} */ key, /** @type {() => void} */ action, kind = "sl-plain") => {
      const made = h("button", { type: "button", class: kind }, t(key));
      scope.listen(made, "click", action);
      return made;
    };
    this.file = h("input", { type: "file", accept: ".json,application/json", hidden: true });
    this.again = button("editor.waiting.tryNow", () => void this.#tryNow(), "sl-action");
    this.keep = button("editor.waiting.toFile", () => this.#toFile());
    this.dialog = h(
      "dialog",
      { class: "sl-dialog sl-waiting", "aria-label": t("editor.waiting.label") },
      this.title,
      this.list,
      this.said,
      h(
        "footer",
        {},
        button("editor.waiting.fromFile", () => this.file.click()),
        h("span", { class: "sl-spring" }),
        this.keep,
        this.again,
        button("editor.waiting.close", () => this.dialog.close()),
      ),
      this.file,
    );
    scope.listen(this.file, "change", () => void this.#fromFile());
    scope.listen(this.dialog, "close", () => session.returnFocus());
  }

  open() {
    this.said.hidden = true;
    this.refresh();
    if (!this.dialog.open) this.dialog.showModal();
    if (!this.again.hidden) this.again.focus();
  }

  /** Show what waits; only while it is open. */
  refresh() {
    const { t, client } = this.session;
    const waiting = client.waiting();
    const steps = waiting.reduce((sum, item) => sum + item.steps, 0);
    setText(this.title, steps ? t("editor.waiting.title", { n: steps }) : t("editor.waiting.nothing"));
    this.list.replaceChildren(...waiting.map((item) => this.#row(item)));
    this.again.hidden = this.keep.hidden = steps === 0;
  }

  /** @param {Waiting} item */
  #row(item) {
    const { t, client, locale, onward, model } = this.session;
    const { of, problem } = item;
    const since = new Date(item.sinceMs).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });
    const name = of ? nameOf(of, locale) : t("editor.waiting.unknown");
    const why = problem === null ? "editor.save.saving" : (WHY[problem] ?? "editor.waiting.server");
    const open = h("button", { type: "button", class: "sl-plain" }, t("editor.waiting.open"));
    open.addEventListener("click", () => of && onward.go(of.recording, of.project));
    const drop = h("button", { type: "button", class: "sl-plain" }, t("editor.waiting.discard"));
    drop.addEventListener("click", async () => {
      if (!confirm(t("editor.waiting.discardSure", { n: item.steps, name }))) return;
      await client.discard(item.transcript);
      this.refresh();
    });
    return h(
      "section",
      {},
      icon("cloudOff"),
      h("strong", {}, item.isHere ? t("editor.waiting.here", { name }) : name),
      h("span", { class: "sl-faint" }, t("editor.waiting.since", { n: item.steps, since })),
      h("p", {}, t(why, { n: item.steps })),
      !item.isHere && of && (of.recording !== model.recording.id || of.project !== model.project.id) ? open : null,
      problem === "gone" && !item.isHere ? drop : null,
    );
  }

  async #tryNow() {
    const { t, client } = this.session;
    this.again.disabled = true;
    await client.tryNow();
    this.again.disabled = false;
    this.refresh();
    this.#say(t(client.waiting().length ? "editor.waiting.notYet" : "editor.waiting.allSaved"));
  }

  #toFile() {
    const { t, client } = this.session;
    const day = new Date().toISOString().slice(0, 16).replace(/[-:]/g, "").replace("T", "-");
    const address = URL.createObjectURL(new Blob([client.exportPending()], { type: "application/json" }));
    const link = h("a", { href: address, download: `speechlabel-unsaved-${day}.json` });
    link.click();
    this.session.scope.timeout(() => URL.revokeObjectURL(address), 10_000); // some browsers read it a little later
    this.#say(t("editor.waiting.kept", { name: link.download }));
  }

  async #fromFile() {
    const { t, client, reopen } = this.session;
    const file = this.file.files?.[0];
    this.file.value = "";
    if (!file) return;
    try {
      const n = await client.bringBack(await file.text());
      if (n === 0) {
        this.#say(t("editor.waiting.nothingNew", { name: file.name }));
        return;
      }
      this.dialog.close();
      await reopen();
    } catch (error) {
      if (!(error instanceof WaitingFileError)) throw error;
      this.#say(t("editor.waiting.badFile", { name: file.name }));
    }
  }

  /** @param {string} words */
  #say(words) {
    setText(this.said, words);
    this.said.hidden = false;
  }
}
