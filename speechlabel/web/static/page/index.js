// The page around the editor: start at once on a recording, switch views, take in own audio.

import { mount as mountEditor } from "../editor/index.js";
import { h } from "../editor/dom.js";
import { loadTranslator } from "../editor/i18n.js";
import { Header, applyDark, nameOf } from "./header.js";
import { Intake } from "./intake.js";
import { nameScrollers } from "./scrollers.js";
import { keep, readLocale, readPlace, writePlace, writePlaceSoon } from "./place.js";
import { RefusedError, explain, post, reasonWords, request } from "./upload.js";

/** @typedef {import("./place.js").Place} Place */
/**
 * @typedef {object} Host what Gradio gives a custom component
 * @property {{value: any}} props
 * @property {(name: string, data?: object) => void} trigger
 * @property {(name: string, listener: () => void) => void} watch
 * @property {string} staticBase
 */

// The other views are told where the page is, and lists are read, when the editor has drawn what was opened.
const LATEST_MS = 2000;
const SETTLED_MS = 400;

/** @param {HTMLElement} element @param {Host} host */
export async function mount(element, host) {
  const page = new Page(element, host);
  await page.build();
}

class Page {
  /** @param {HTMLElement} element @param {Host} host */
  constructor(element, host) {
    this.host = host;
    this.root = h("div", { class: "slp-page" });
    this.stage = h("div", { class: "slp-stage" });
    element.append(this.root);
    this.locale = readLocale();
    this.place = readPlace();
    /** @type {Header|null} */ this.header = null;
    /** @type {MutationObserver|null} */ this.scrollers = null;
    /** @type {Intake|null} */ this.intake = null;
    /** @type {{dispose(): void}|null} */ this.editor = null;
    /** Recordings that are known to be prepared, as "project/recording". @type {Set<string>} */ this.prepared = new Set();
    this.opening = 0;
    this.telling = 0;
    applyDark();
    window.addEventListener("popstate", () => this.#move(readPlace(), { push: false }));
    host.watch("value", () => {
      const wanted = host.props.value;
      if (wanted && typeof wanted === "object" && wanted.nonce !== this.nonce) {
        this.nonce = wanted.nonce;
        this.#forget(wanted.recut);
      }
    });
    document.addEventListener("slp-project", (event) => this.#choose(/** @type {CustomEvent} */ (event).detail));
    document.addEventListener("slp-bring-in", () => this.intake?.offer());
    document.addEventListener("slp-changed", (event) => this.#changed(/** @type {CustomEvent} */ (event).detail));
    document.addEventListener("click", (event) => {
      const link = event.target instanceof Element ? event.target.closest("a.slp-go") : null;
      if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return; // a tab of its own
      event.preventDefault();
      this.go(readPlace(link.search));
    });
  }

  /** Make everything anew in the present language. */
  async build() {
    this.t = await loadTranslator(this.locale, this.host.staticBase);
    document.documentElement.lang = this.locale;
    this.scrollers?.disconnect();
    this.scrollers = nameScrollers(this.t("page.export_lines"));
    this.header?.dispose();
    this.intake?.dispose();
    this.editor?.dispose();
    this.editor = null;
    this.header = new Header({
      t: this.t, locale: this.locale,
      go: (change) => this.go(change),
      listed: (project, rows) => this.#learn(project, rows),
      pick: () => this.intake?.pick(),
      switchLanguage: () => this.#switchLanguage(),
      resetSamples: () => this.#resetSamples(),
    });
    this.root.replaceChildren(this.header.element, this.stage);
    this.intake = new Intake({
      root: this.root, t: this.t, locale: this.locale,
      project: () => this.place.project,
      onTaken: (project, recording) => this.go({ project, recording, segment: null, view: "label" }),
      onImported: (project, recordings, first) => this.#imported(project, recordings, first),
    });
    if (!this.place.project) {
      const start = await request(`/api/start?locale=${this.locale}`);
      this.place = { ...this.place, project: start.project, recording: start.recording };
    } else if (!this.place.recording) {
      this.place = { ...this.place, recording: await this.#firstOf(this.place.project) };
    }
    await this.#move(this.place, { push: false, again: true });
  }

  /**
   * Recordings that are segmented anew: what the editor holds of one of them is no longer what there is.
   * @param {{project: string, recordings: string[]}} recut
   */
  #forget({ project, recordings }) {
    for (const recording of recordings) this.prepared.delete(`${project}/${recording}`);
    if (project !== this.place.project || !recordings.includes(this.place.recording ?? "")) return;
    this.opening += 1;
    this.editor?.dispose();
    this.editor = null;
    this.stage.replaceChildren();
    if (this.place.view === "label") this.#open();
  }

  /**
   * Annotations of recordings were taken in: what the editor holds of them is not all there is.
   * @param {string} project @param {string[]} recordings @param {string|null} first the one to go to
   */
  #imported(project, recordings, first) {
    this.#forget({ project, recordings });
    const wanted = first ?? (this.place.view === "label" ? recordings[0] : null);
    if (wanted) this.go({ project, recording: wanted, segment: null, view: "label" });
    else void this.#changed({ project, recording: null, isGone: false });
  }

  /** Something has another name, or is gone: go on with what is there. @param {import("./naming.js").Changed} what */
  async #changed({ project, recording, isGone }) {
    const isHere = project === this.place.project && (recording === null || recording === this.place.recording);
    if (isGone) this.prepared.delete(`${project}/${recording}`);
    if (!isGone || !isHere) {
      await this.#learnNames(project);
      return this.#tell();
    }
    const start = recording === null ? await request(`/api/start?locale=${this.locale}`).catch(() => null) : null;
    const next = recording === null ? (start?.project ?? null) : project;
    this.go({ project: next, recording: start?.recording ?? (next && (await this.#firstOf(next))), segment: null });
  }

  /** The recording to go on with in a project: the first that is not done. @param {string} project @returns {Promise<string|null>} */
  async #firstOf(project) {
    const rows = await request(`/api/projects/${project}/recordings`).catch(() => []); // opening it says what is wrong
    const open = rows.find((/** @type {any} */ row) => row.state !== "failed" && (row.state !== "ready" || row.done < row.segments));
    return (open ?? rows[0])?.id ?? null;
  }

  /** @param {string} project */
  async #choose(project) {
    if (project === this.place.project) return;
    const recording = await this.#firstOf(project);
    if (this.place.view === "projects") this.go({ project, recording, segment: null });
  }

  /** @param {Partial<Place>} change */
  go(change) {
    this.#move({ ...this.place, ...change }, { push: true });
  }

  /**
   * @param {Place} place
   * @param {{push: boolean, again?: boolean}} options again: build the editor even if the place is the same
   */
  async #move(place, { push, again = false }) {
    const same = place.project === this.place.project && place.recording === this.place.recording;
    this.place = place;
    writePlace(place, { push });
    document.body.dataset["slView"] = place.view;
    this.header?.show(place, this.names?.[`${place.project}/${place.recording}`]);
    const opens = again || !same || !this.editor;
    clearTimeout(this.telling);
    if (opens && place.view === "label") this.#tellIn(LATEST_MS);
    else this.#tell();
    if (opens) await this.#open();
  }

  /** @param {number} ms */
  #tellIn(ms) {
    clearTimeout(this.telling);
    this.telling = setTimeout(() => this.#tell(), ms);
  }

  /** Tell the other views where the page is. */
  #tell() {
    clearTimeout(this.telling);
    this.telling = 0;
    const { project, recording, view } = this.place;
    this.host.trigger("select", { project, recording, view, locale: this.locale });
  }

  async #open() {
    const turn = ++this.opening;
    const t = /** @type {import("../editor/i18n.js").Translate} */ (this.t);
    const { project, recording, segment } = this.place;
    this.editor?.dispose();
    this.editor = null;
    if (project && !recording && this.place.view === "label") {
      const first = await this.#firstOf(project); // some may have come since the project was chosen
      if (turn !== this.opening) return;
      if (first) return this.#move({ ...this.place, recording: first }, { push: false });
    }
    if (!project || !recording) {
      this.stage.replaceChildren(h("p", { class: "slp-notice" }, t("page.nothing_yet")));
      this.header?.show(this.place);
      return;
    }
    if (this.place.view !== "label") return this.#learnNames(project); // it is opened when it is looked at
    const wasKnown = this.prepared.has(`${project}/${recording}`);
    if (!wasKnown && !(await this.#whenReady(turn, project, recording))) return;
    if (turn !== this.opening) return;
    const place = h("div", { class: "slp-editor" });
    this.stage.replaceChildren(place);
    this.editor = await mountEditor(place, {
      project, recording, segment: segment ?? undefined, locale: this.locale, api: "", staticBase: this.host.staticBase,
      onEvent: (/** @type {string} */ name, /** @type {any} */ detail) => {
        if (wasKnown && name === "opened") setTimeout(() => this.#checkPrepared(turn, project, recording), SETTLED_MS);
        if (wasKnown && name === "failed") this.#openAnew(turn, project, recording);
        else this.#told(name, detail);
      },
      onGo: (place) => this.go({ ...place, segment: null, view: "label" }),
    });
  }

  /**
   * Wait until the recording is prepared, telling how far it is.
   * @param {number} turn @param {string} project @param {string} recording
   */
  async #whenReady(turn, project, recording) {
    const t = /** @type {import("../editor/i18n.js").Translate} */ (this.t);
    for (;;) {
      /** @type {any[]} */
      let rows;
      try {
        rows = await request(`/api/projects/${project}/recordings`);
      } catch (error) {
        if (turn !== this.opening) return null;
        const isRefused = error instanceof RefusedError;
        const words = isRefused ? explain(error, t) : t("editor.open.network");
        this.stage.replaceChildren(h("p", { class: "slp-notice is-bad", role: "alert" }, words));
        if (isRefused) return null;
        await new Promise((resolve) => setTimeout(resolve, 1000)); // the server may only be starting anew
        if (turn !== this.opening) return null;
        continue;
      }
      if (turn !== this.opening) return null;
      const item = rows.find((row) => row.id === recording);
      this.#learn(project, rows);
      if (item?.state === "ready") return item;
      if (!item || item.state === "failed") {
        const reason = item ? reasonWords(t, item.error_code, item.error ?? "") : null;
        const text = reason ? t("page.cannot_prepare", { name: nameOf(item, this.locale), reason: reason.words }) : t("page.no_recording", { id: recording });
        this.stage.replaceChildren(h("div", { class: "slp-notice is-bad", role: "alert" }, h("p", {}, text),
          reason?.details ? h("p", { class: "slp-muted" }, reason.details) : null));
        return null;
      }
      const percent = Math.round((item.progress ?? 0) * 100);
      this.stage.replaceChildren(h("div", { class: "slp-notice", role: "status" },
        h("p", {}, t("page.preparing", { name: item.name, percent })), h("progress", { max: "100", value: percent })));
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }

  /**
   * What was known to be prepared could not be opened: ask what is the matter, and wait if that helps.
   * @param {number} turn @param {string} project @param {string} recording
   */
  #openAnew(turn, project, recording) {
    this.prepared.delete(`${project}/${recording}`);
    if (turn === this.opening) void this.#open();
  }

  /**
   * What was known to be prepared may be being prepared anew.
   * @param {number} turn @param {string} project @param {string} recording
   */
  async #checkPrepared(turn, project, recording) {
    if (turn === this.opening) await this.#learnNames(project);
    if (turn === this.opening && !this.prepared.has(`${project}/${recording}`)) await this.#open();
  }

  /** @param {string} project */
  async #learnNames(project) {
    const rows = await request(`/api/projects/${project}/recordings`).catch(() => null);
    if (rows) this.#learn(project, rows);
  }

  /** Keep what the list of a project says of its recordings. @param {string} project @param {any[]} rows */
  #learn(project, rows) {
    for (const row of rows)
      if (row.state === "ready") this.prepared.add(`${project}/${row.id}`);
      else this.prepared.delete(`${project}/${row.id}`);
    this.names = { ...this.names, ...Object.fromEntries(rows.map((row) => [`${project}/${row.id}`, nameOf(row, this.locale)])) };
    this.header?.show(this.place, this.names[`${this.place.project}/${this.place.recording}`]);
  }

  /** @param {string} name @param {any} detail */
  #told(name, detail) {
    if (this.telling && (name === "opened" || name === "failed")) this.#tellIn(SETTLED_MS);
    if (name === "segment") {
      this.place = { ...this.place, segment: detail.id };
      writePlaceSoon(this.place);
    } else if (name === "export") {
      this.go({ view: "export" });
    }
  }

  async #switchLanguage() {
    this.locale = this.locale === "en" ? "zh-CN" : "en";
    keep("locale", this.locale);
    await this.build();
  }

  async #resetSamples() {
    const t = /** @type {import("../editor/i18n.js").Translate} */ (this.t);
    if (!window.confirm(t("page.reset_samples_confirm"))) return;
    try {
      await post("/api/samples/reset", {});
    } catch (error) {
      this.intake?.tell(explain(error, t));
      return;
    }
    await this.#open();
  }
}
