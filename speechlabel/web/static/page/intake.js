// "Label my audio": files dropped anywhere or picked, one dialog that is filled in already, then sending.

import { h, setText } from "../editor/dom.js";
import { askWhere } from "./ask.js";
import { readDrop } from "./dropped.js";
import { explain, post, request, upload } from "./upload.js";

/** @typedef {import("../editor/i18n.js").Translate} Translate */

export class Intake {
  /**
   * @param {{root: HTMLElement, t: Translate, locale: string, project: () => string|null,
   *   onTaken: (project: string, recording: string|null) => void}} options
   */
  constructor(options) {
    this.options = options;
    this.picker = h("input", { type: "file", multiple: true, accept: "audio/*,video/*,.flac,.opus,.amr,.sph,.w64,.caf", class: "slp-hidden", tabindex: "-1", "aria-hidden": "true" });
    this.picker.addEventListener("change", () => this.ask({ files: [...(this.picker.files ?? [])], folder: null }));
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
  async ask({ files, folder }) {
    const { t, root, locale } = this.options;
    if (!files.length) {
      if (folder !== null) this.#line(t("page.folder_empty", { name: folder }), "bad");
      return;
    }
    const real = files.filter((file) => file.size > 0);
    for (const file of files) if (file.size === 0) this.#line(t("page.upload_empty", { name: file.name }), "bad");
    if (!real.length) return;
    let projects, presets;
    try {
      [projects, presets] = await Promise.all([request("/api/projects"), request("/api/presets")]);
    } catch (error) {
      this.tell(explain(error, t));
      return;
    }
    const { dialog, open } = askWhere({
      dropped: { files: real, folder }, t, locale, presets,
      own: projects.filter((/** @type {any} */ item) => item.id !== "samples"),
      taken: projects.map((/** @type {any} */ item) => item.name),
      current: this.options.project(),
      onChosen: (into) => this.#send(real, into),
    });
    root.append(dialog);
    open();
  }

  /**
   * @param {File[]} files
   * @param {import("./ask.js").Into} into
   */
  async #send(files, into) {
    const { t } = this.options;
    let id = into.id;
    try {
      id ??= (await post("/api/projects", { name: into.name, language: into.language, preset: into.preset })).id;
    } catch (error) {
      this.#line(explain(error, t), "bad");
      return;
    }
    const project = /** @type {string} */ (id);
    let opened = false;
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
        const taken = await upload(project, file, tell);
        if (!taken.is_new) known.push(file.name);
        if (!opened) this.options.onTaken(project, taken.recording_id);
        opened = true;
      } catch (error) {
        this.#line(t("page.upload_failed", { name: file.name, reason: explain(error, t) }), "bad");
      }
    }
    line.remove();
    if (known.length === 1) this.#line(t("page.upload_known", { name: known[0] ?? "" }), "note");
    else if (known.length) this.#line(t("page.upload_known_n", { n: known.length }), "note");
  }

  /** Bad news that is not about one file. @param {string} words */
  tell(words) {
    this.#line(words, "bad");
  }

  /**
   * A line in the tray; bad news stays until it is dismissed.
   * @param {string} text
   * @param {"busy"|"note"|"bad"} kind
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
