// "Label my audio": files dropped anywhere or picked, one dialog that is filled in already, then sending.

import { h } from "../editor/dom.js";
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
    this.picker.addEventListener("change", () => this.ask([...(this.picker.files ?? [])]));
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
      this.ask([...event.dataTransfer.files]);
    });
  }

  /**
   * One dialog: project, language, preset. Enter accepts what is filled in.
   * @param {File[]} files
   */
  async ask(files) {
    const { t, root } = this.options;
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
    const own = projects.filter((/** @type {any} */ item) => item.id !== "samples");
    const current = own.find((/** @type {any} */ item) => item.id === this.options.project());
    const first = real[0]?.name.replace(/\.[^.]*$/, "") ?? "audio";
    const name = h("input", { type: "text", value: current?.name ?? this.#freeName(first, projects), list: "slp-projects", required: true, maxlength: "200" });
    const list = h("datalist", { id: "slp-projects" }, ...own.map((/** @type {any} */ item) => h("option", { value: item.name })));
    const language = h("select", {}, ...["zh", "en", "yue", "ja", "ko", "de", "es", "fr", "ru", "ar"].map((code) =>
      h("option", { value: code, selected: code === (current?.language ?? (this.options.locale === "zh-CN" ? "zh" : "en")) }, t(`page.language_${code}`))));
    const preset = h("select", {}, ...presets.map((/** @type {string} */ item) => h("option", { value: item }, t(`page.preset_${item}`))));
    const known = () => own.find((/** @type {any} */ item) => item.name === name.value.trim());
    const follow = () => {
      const found = known();
      language.disabled = preset.disabled = Boolean(found);
      if (found) language.value = found.language;
    };
    name.addEventListener("input", follow);
    const seconds = real.length === 1 ? (real[0]?.name ?? "") : t("page.n_files", { n: real.length });
    const form = h("form", { method: "dialog" },
      h("h2", {}, t("page.label_my_audio")), h("p", { class: "slp-muted" }, seconds),
      h("label", {}, t("page.project"), name), list,
      h("label", {}, t("page.language"), language), h("label", {}, t("page.preset"), preset),
      h("div", { class: "slp-actions" },
        h("button", { type: "button", class: "slp-button", value: "cancel" }, t("page.cancel")),
        h("button", { type: "submit", class: "slp-button is-primary" }, t("page.start"))));
    const dialog = h("dialog", { class: "slp-dialog", "aria-label": t("page.label_my_audio") }, form);
    form.querySelector('[value="cancel"]')?.addEventListener("click", () => dialog.close());
    form.addEventListener("submit", () => this.#send(real, { id: known()?.id ?? null, name: name.value.trim(), language: language.value, preset: preset.value }));
    dialog.addEventListener("close", () => dialog.remove());
    // Keys typed here are the dialog's; the editor behind must not take them for commands.
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    root.append(dialog);
    follow();
    dialog.showModal();
    name.select();
  }

  /** @param {string} wanted @param {any[]} projects */
  #freeName(wanted, projects) {
    const taken = new Set(projects.map((item) => item.name));
    let name = wanted;
    for (let number = 2; taken.has(name); number += 1) name = `${wanted} ${number}`;
    return name;
  }

  /**
   * @param {File[]} files
   * @param {{id: string|null, name: string, language: string, preset: string}} into
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
    for (const file of files) {
      const line = this.#line(t("page.uploading", { name: file.name, percent: 0 }), "busy");
      try {
        const taken = await upload(project, file, (ratio) => {
          line.firstChild && (line.firstChild.textContent = t("page.uploading", { name: file.name, percent: Math.round(ratio * 100) }));
        });
        line.remove();
        if (!taken.is_new) this.#line(t("page.upload_known", { name: file.name }), "note");
        if (!opened) this.options.onTaken(project, taken.recording_id);
        opened = true;
      } catch (error) {
        line.remove();
        this.#line(t("page.upload_failed", { name: file.name, reason: explain(error, t) }), "bad");
      }
    }
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
