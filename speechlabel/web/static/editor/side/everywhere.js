// A change of a speaker in the other recordings of the project too: offered, confirmed, done by the server, told.
// The open recording is changed by its own editor, as ever; the server is asked for the others only.

import { ClientError } from "../sync/answers.js";
import { h } from "../dom.js";
import { listed } from "../i18n.js";

const AT_ONCE = 20; // recordings a request, so that each is answered soon

/** @typedef {{name: string, is_generic: boolean, recordings: string[]}} ProjectSpeaker */
/** @typedef {{recording: string, segments: number}} Part */
/** @typedef {{changed: string[], merged: Part[], locked: Part[], unchanged: string[], failed: {recording: string, reason: string}[]}} Report */

export class Everywhere {
  /** Speakers of the project, as listed when the sheet was opened. @type {ProjectSpeaker[]} */
  #known = [];
  /** @type {HTMLInputElement|null} */
  #box = null;

  /** @param {import("../session.js").Session} session */
  constructor(session) {
    this.session = session;
    this.path = `/api/projects/${encodeURIComponent(session.model.project.id)}/speakers`;
  }

  /** Whether the person wants the change in the whole project. */
  get isWanted() {
    return this.#box?.isConnected === true && this.#box.checked;
  }

  /**
   * A box to tick; it shows once it is known that other recordings have a speaker of that name.
   * @param {string} name
   */
  offer(name) {
    this.#known = [];
    const box = (this.#box = h("input", { type: "checkbox" }));
    const words = h("span", {});
    const label = h("label", { class: "sl-everywhere-box", hidden: true }, box, words);
    void this.#list().then((found) => {
      this.#known = found;
      const n = this.#others(name).length + 1;
      words.append(this.session.t("editor.everywhere.box", { n, name }));
      label.hidden = n < 2;
    });
    return { label, box };
  }

  /**
   * Ask, then rename here by `here` and in the others by the server; where somebody has the new name, two become one.
   * @param {string} name @param {string} newName @param {() => void} here
   */
  ask(name, newName, here) {
    const { t, model } = this.session;
    const others = this.#others(name);
    const n = others.length + 1;
    const bothHere = model.speakers.some((item) => item.name === newName) ? 1 : 0;
    const both = bothHere + others.filter((id) => this.#others(newName).includes(id)).length;
    const isGeneric = this.#known.some((item) => item.name === name && item.is_generic);
    const all = this.#button("sl-action", t("editor.everywhere.all", { n }), () => {
      here();
      void this.#rename(name, newName, others, bothHere);
    });
    const one = this.#button("sl-plain", t("editor.everywhere.one"), here);
    this.#show(
      t("editor.everywhere.title", { name, new: newName }),
      [
        t("editor.everywhere.what", { name, new: newName, n }),
        both ? t("editor.everywhere.both", { new: newName, n: both }) : "",
        isGeneric ? t("editor.everywhere.generic", { name }) : "",
        t("editor.everywhere.undo"),
      ],
      [all, one, this.#button("sl-plain", t("editor.everywhere.cancel"))],
    );
  }

  /** Another colour in the other recordings. @param {string} name @param {string|null} color */
  async recolor(name, color) {
    const { t } = this.session;
    const others = this.#others(name);
    const report = await this.#send("change", { name, changes: { color } }, others);
    const n = report.changed.length + report.unchanged.length + 1;
    this.#tell(t("editor.everywhere.colored", { name, n }), name, report);
  }

  /** @param {string} name @param {string} newName @param {string[]} others @param {number} bothHere 1: merged here */
  async #rename(name, newName, others, bothHere) {
    const { t } = this.session;
    const report = await this.#send("rename", { name, new_name: newName }, others);
    const n = report.changed.length + report.merged.length + 1;
    const both = report.merged.length + bothHere;
    const merged = both ? t("editor.everywhere.merged", { n: both }) : "";
    this.#tell([t("editor.everywhere.done", { name, new: newName, n }), merged].filter(Boolean).join(" "), name, report);
  }

  /** What is as it was wants to be read; else a line is enough. @param {string} words @param {string} name @param {Report} report */
  #tell(words, name, { locked, failed }) {
    const { t, locale } = this.session;
    const where = (/** @type {{recording: string}[]} */ items) => listed(items.map((item) => item.recording), locale);
    const left = failed.map(({ recording, reason }) => t("editor.everywhere.failed", { recording, reason }));
    if (locked.length) {
      const n = locked.reduce((sum, { segments }) => sum + segments, 0);
      left.unshift(t("editor.everywhere.locked", { name, n, where: where(locked) }));
    }
    if (left.length === 0) this.session.say(words);
    else
      this.#show(t("editor.everywhere.left"), [words, ...left], [this.#button("sl-action", t("editor.everywhere.close"))]);
  }

  /** @param {string} name @returns {string[]} ids of other recordings that have a speaker of that name */
  #others(name) {
    const here = this.session.model.recording.id;
    return this.#known.find((item) => item.name === name)?.recordings.filter((id) => id !== here) ?? [];
  }

  /** @returns {Promise<ProjectSpeaker[]>} none when the server does not answer: then nothing is offered */
  async #list() {
    try {
      return await this.session.client.server.json(this.path, Array.isArray);
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      return [];
    }
  }

  /** @param {"rename"|"change"} verb @param {object} wish @param {string[]} recordings @returns {Promise<Report>} */
  async #send(verb, wish, recordings) {
    /** @type {Report} */
    const report = { changed: [], merged: [], locked: [], unchanged: [], failed: [] };
    for (let at = 0; at < recordings.length; at += AT_ONCE) {
      const some = recordings.slice(at, at + AT_ONCE);
      try {
        const isIt = (/** @type {any} */ body) => Array.isArray(body?.failed);
        /** @type {Report} */
        const part = await this.session.client.server.json(`${this.path}/${verb}`, isIt, { ...wish, recordings: some });
        report.changed.push(...part.changed);
        report.merged.push(...part.merged);
        report.locked.push(...part.locked);
        report.unchanged.push(...part.unchanged);
        report.failed.push(...part.failed);
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
        const reason = error.code === "network" ? this.session.t("editor.open.network") : error.message;
        report.failed.push(...some.map((recording) => ({ recording, reason })));
      }
    }
    return report;
  }

  /** @param {string} kind @param {string} words @param {() => void} [action] */
  #button(kind, words, action = () => {}) {
    const button = h("button", { type: "button", class: kind }, words);
    button.addEventListener("click", () => {
      button.closest("dialog")?.close();
      action();
    });
    return button;
  }

  /** @param {string} title @param {string[]} lines @param {HTMLElement[]} buttons */
  #show(title, lines, buttons) {
    const said = lines.filter(Boolean).map((line) => h("p", {}, line));
    const dialog = h(
      "dialog",
      { class: "sl-dialog sl-everywhere", "aria-label": title },
      h("h2", {}, title),
      ...said,
      h("footer", {}, ...buttons),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      this.session.returnFocus();
    });
    this.session.root.append(dialog);
    dialog.showModal();
    buttons[0]?.focus();
  }
}
