// "Label my audio": files dropped anywhere or picked, one dialog that is filled in already, then sending; what is
// annotation among them is shown before it is taken in.

import { h, setText } from "../editor/dom.js";
import { askWhere } from "./ask.js";
import { readDrop, readPicked, sortOut } from "./dropped.js";
import { sendAnnotations, showImport, summary } from "./import.js";
import { offerImport } from "./offer.js";
import { explain, post, request, upload } from "./upload.js";

/** @typedef {import("../editor/i18n.js").Translate} Translate */

// Many systems show only files of these kinds in their picker: sound, and what is often found beside it.
const ACCEPTED = "audio/*,video/*,.flac,.opus,.amr,.sph,.w64,.caf,.textgrid,.eaf,.csv,.tsv,.xlsx,.json,.jsonl,.rttm,.ctm,.stm,.srt,.vtt,.txt,.lab,.uem,.xml";

export class Intake {
  /**
   * @param {{root: HTMLElement, t: Translate, locale: string, project: () => string|null,
   *   onTaken: (project: string, recording: string|null) => void,
   *   onImported: (project: string, recordings: string[], first: string|null) => void}} options
   *   onImported: annotations of recordings were taken in; first: the one to open, if audio came with them
   */
  constructor(options) {
    this.options = options;
    this.picker = h("input", { type: "file", multiple: true, accept: ACCEPTED, class: "slp-hidden", tabindex: "-1", "aria-hidden": "true" });
    this.picker.addEventListener("change", () => this.ask(readPicked(this.picker.files ?? [])));
    this.veil = h("div", { class: "slp-veil", "aria-hidden": "true" }, h("div", {}, options.t("page.drop_here")));
    this.tray = h("div", { class: "slp-tray", role: "status", "aria-live": "polite" });
    options.root.append(this.picker, this.veil, this.tray);
    this.listening = new AbortController();
    this.#listenForDrops(this.listening.signal);
  }

  dispose() {
    this.listening.abort();
    for (const element of [this.picker, this.veil, this.tray]) element.remove();
  }

  /** Open the system's file picker. */
  pick() {
    this.picker.value = "";
    this.picker.click();
  }

  /** Ask for files or a folder of annotations. */
  offer() {
    const { root, t } = this.options;
    offerImport({ root, t, onPicked: (files) => void this.ask(readPicked(files)) });
  }

  /** @param {AbortSignal} signal */
  #listenForDrops(signal) {
    let depth = 0;
    const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
    const show = () => this.veil.classList.toggle("is-shown", depth > 0);
    const on = (/** @type {keyof DocumentEventMap} */ type, /** @type {(event: any) => void} */ listener) =>
      document.addEventListener(type, listener, { signal, capture: true });
    on("dragenter", (event) => { if (hasFiles(event)) { depth += 1; event.preventDefault(); show(); } });
    on("dragleave", (event) => { if (hasFiles(event)) { depth = Math.max(0, depth - 1); show(); } });
    on("dragover", (event) => { if (hasFiles(event)) event.preventDefault(); });
    on("drop", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      event.stopPropagation();
      depth = 0;
      show();
      readDrop(event.dataTransfer).then((dropped) => this.ask(dropped), (error) => this.tell(explain(error, this.options.t)));
    });
  }

  /**
   * One question, then sending.
   * @param {import("./dropped.js").Dropped} dropped
   */
  async ask(dropped) {
    const { t, root, locale } = this.options;
    const { folder, paths } = dropped;
    const { audio, annotations } = await sortOut(dropped);
    if (!audio.length && !annotations.length) {
      if (folder !== null) this.#line(t("page.folder_empty", { name: folder }), "bad");
      return;
    }
    const sorted = { audio: audio.filter((file) => file.size > 0), annotations };
    for (const file of audio) if (file.size === 0) this.#line(t("page.upload_empty", { name: file.name }), "bad");
    if (!sorted.audio.length && !annotations.length) return;
    let projects, presets;
    try {
      [projects, presets] = await Promise.all([request("/api/projects"), request("/api/presets")]);
    } catch (error) {
      this.tell(explain(error, t));
      return;
    }
    const { dialog, open } = askWhere({
      sorted, folder, t, locale, presets,
      own: projects.filter((/** @type {any} */ item) => item.id !== "samples"),
      taken: projects.map((/** @type {any} */ item) => item.name),
      current: this.options.project(),
      onChosen: (into) => this.#send(sorted, paths, into),
    });
    root.append(dialog);
    open();
  }

  /**
   * @param {import("./dropped.js").Sorted} sorted
   * @param {Map<File, string>} paths
   * @param {import("./ask.js").Into} into
   */
  async #send({ audio, annotations }, paths, into) {
    const { t } = this.options;
    let id = into.id;
    try {
      id ??= (await post("/api/projects", { name: into.name, language: into.language, preset: into.preset })).id;
    } catch (error) {
      this.#line(explain(error, t), "bad");
      return;
    }
    const project = /** @type {string} */ (id);
    const wanted = await this.#sendAnnotations(project, annotations, paths);
    // What is annotated is opened when its annotation is there.
    const taken = await this.#sendAudio(project, audio, { opens: wanted === null });
    if (wanted === null) return;
    const places = Object.fromEntries([...taken].map(([file, recording]) => [paths.get(file) ?? file.name, recording]));
    await this.#bringIn(project, wanted, places);
  }

  /** Send annotations; null: there are none, or they could not be sent. @param {string} project @param {File[]} files @param {Map<File, string>} paths */
  async #sendAnnotations(project, files, paths) {
    const { t } = this.options;
    if (!files.length) return null;
    const line = this.#line(t("page.import_sending", { at: 0, n: files.length }), "busy");
    const words = /** @type {HTMLElement} */ (line.firstElementChild);
    try {
      return await sendAnnotations(project, files.map((file) => ({ file, path: paths.get(file) ?? file.name })),
        (at) => setText(words, t("page.import_sending", { at, n: files.length })));
    } catch (error) {
      this.#line(t("page.import_failed", { reason: explain(error, t) }), "bad");
      return null;
    } finally {
      line.remove();
    }
  }

  /**
   * Send audio; gives which recordings the files have become.
   * @param {string} project @param {File[]} files @param {{opens: boolean}} how opens: go to the first as soon as it is there
   */
  async #sendAudio(project, files, { opens }) {
    const { t } = this.options;
    /** @type {Map<File, string>} */
    const taken = new Map();
    /** @type {string[]} */
    const known = [];
    const line = this.#line("", "busy");
    const words = /** @type {HTMLElement} */ (line.firstElementChild);
    for (const [at, file] of files.entries()) {
      const tell = (/** @type {number} */ ratio) => {
        const percent = Math.round(ratio * 100);
        setText(words, files.length === 1 ? t("page.uploading", { name: file.name, percent })
          : t("page.uploading_of", { name: file.name, percent, at: at + 1, n: files.length }));
      };
      tell(0);
      try {
        const done = await upload(project, file, tell);
        if (!done.is_new) known.push(file.name);
        if (opens && !taken.size) this.options.onTaken(project, done.recording_id);
        taken.set(file, done.recording_id);
      } catch (error) {
        this.#line(t("page.upload_failed", { name: file.name, reason: explain(error, t) }), "bad");
      }
    }
    line.remove();
    if (known.length === 1) this.#line(t("page.upload_known", { name: known[0] ?? "" }), "note");
    else if (known.length) this.#line(t("page.upload_known_n", { n: known.length }), "note");
    return taken;
  }

  /** @param {string} project @param {string} id @param {Record<string, string>} audio recordings that came with it */
  async #bringIn(project, id, audio) {
    const { t, root, locale } = this.options;
    let report;
    try {
      report = await showImport({ id, project, audio, root, locale, t });
    } catch (error) {
      this.tell(explain(error, t));
    }
    const [sent] = Object.values(audio);
    if (!report) {
      if (sent) this.options.onTaken(project, sent);
      return;
    }
    const recordings = report.imported.map(({ recording }) => recording);
    const { words, isPlain } = summary(report, t, locale);
    this.#line(words, isPlain ? "note" : "done");
    this.options.onImported(project, recordings, sent ? (recordings[0] ?? sent) : null);
  }

  /** Bad news that is not about one file. @param {string} words */
  tell(words) {
    this.#line(words, "bad");
  }

  /**
   * A line in the tray; bad news stays until it is dismissed.
   * @param {string} text
   * @param {"busy"|"note"|"done"|"bad"} kind a note goes by itself
   */
  #line(text, kind) {
    const line = h("div", { class: `slp-line is-${kind}` }, h("span", {}, text));
    const close = h("button", { type: "button", class: "slp-close", "aria-label": this.options.t("page.close") }, "×");
    close.addEventListener("click", () => line.remove());
    line.append(close);
    this.tray.append(line);
    if (kind === "note") setTimeout(() => line.remove(), 8000);
    return line;
  }
}
