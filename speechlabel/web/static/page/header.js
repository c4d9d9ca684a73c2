// The bar on top: which recording, which view, export, own audio, language, light or dark.

import { h, setText } from "../editor/dom.js";
import { keep, kept } from "./place.js";
import { reasonWords, request } from "./upload.js";

/** @typedef {import("../editor/i18n.js").Translate} Translate */
/** @typedef {import("./place.js").Place} Place */

export class Header {
  /**
   * @param {{t: Translate, locale: string, go: (change: Partial<Place>) => void, pick: () => void,
   *   listed: (project: string, rows: any[]) => void, switchLanguage: () => void, resetSamples: () => void}} options
   */
  constructor(options) {
    const { t } = options;
    this.options = options;
    /** @type {Place} */
    this.place = { project: null, recording: null, segment: null, view: "label" };
    this.recording = h("button", { type: "button", class: "slp-picker", "aria-haspopup": "listbox", "aria-expanded": "false", title: t("page.pick_recording") }, "…");
    this.recording.addEventListener("click", () => this.#toggle());
    this.views = /** @type {const} */ (["label", "projects", "export"]).map((view) => {
      const button = h("button", { type: "button", class: "slp-tab", "data-view": view }, t(`page.view_${view}`));
      button.addEventListener("click", () => options.go({ view }));
      return button;
    });
    this.reset = h("button", { type: "button", class: "slp-button is-quiet slp-reset", title: t("page.reset_samples_help") }, t("page.reset_samples"));
    this.reset.addEventListener("click", () => options.resetSamples());
    const own = h("button", { type: "button", class: "slp-button is-primary", title: t("page.label_my_audio_help") }, t("page.label_my_audio"));
    own.addEventListener("click", () => options.pick());
    const language = h("button", { type: "button", class: "slp-button is-quiet", lang: options.locale === "en" ? "zh-CN" : "en" }, options.locale === "en" ? "中文" : "English");
    language.addEventListener("click", () => options.switchLanguage());
    const dark = h("button", { type: "button", class: "slp-button is-quiet", "aria-label": t("page.light_dark"), title: t("page.light_dark") }, "◐");
    dark.addEventListener("click", () => toggleDark());
    // Who is typing goes on typing: a click on these does not take the caret away.
    for (const button of [language, dark]) button.addEventListener("mousedown", (event) => event.preventDefault());
    this.list = h("div", { class: "slp-list" });
    this.element = h("header", { class: "slp-header" },
      h("h1", { class: "slp-brand" }, "speechlabel"),
      h("div", { class: "slp-pick" }, this.recording, this.list),
      h("nav", { class: "slp-tabs", "aria-label": t("page.views") }, ...this.views),
      h("span", { class: "slp-space" }), this.reset, own, language, dark);
    this.listening = new AbortController();
    document.addEventListener("pointerdown", (event) => {
      if (!(event.target instanceof Node) || !this.element.contains(event.target)) this.#close();
    }, { signal: this.listening.signal });
    this.element.addEventListener("keydown", (event) => this.#keys(event));
    this.element.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget instanceof Element && !relatedTarget.closest(".slp-pick")) this.#close();
    });
  }

  dispose() {
    this.listening.abort();
    this.element.remove();
  }

  /** @param {Place} place @param {string} [name] what people call the recording */
  show(place, name) {
    this.place = place;
    setText(this.recording, name ?? place.recording ?? this.options.t("page.pick_recording"));
    this.reset.hidden = place.project !== "samples";
    for (const button of this.views) button.setAttribute("aria-current", button.dataset["view"] === place.view ? "page" : "false");
  }

  /** @param {KeyboardEvent} event */
  #keys(event) {
    if (!this.element.classList.contains("is-open")) return;
    event.stopPropagation();
    if (event.isComposing || event.keyCode === 229) return; // the input method's, while one searches in Chinese
    const options = [.../** @type {NodeListOf<HTMLElement>} */ (this.list.querySelectorAll("[role=option]"))].filter((item) => !item.hidden);
    const at = options.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (event.key === "Escape") { this.#close(); this.recording.focus(); }
    else if (event.key === "ArrowDown") (options[at + 1] ?? options[0])?.focus();
    else if (event.key === "ArrowUp") (options[at - 1] ?? options.at(-1))?.focus();
    else if (event.key === "Enter" && at < 0) options[0]?.click();
    else return;
    event.preventDefault();
  }

  #close() {
    this.element.classList.remove("is-open");
    this.recording.setAttribute("aria-expanded", "false");
  }

  async #toggle() {
    if (this.element.classList.contains("is-open")) return this.#close();
    this.element.classList.add("is-open");
    this.recording.setAttribute("aria-expanded", "true");
    const { t } = this.options;
    let groups;
    try {
      const projects = await request("/api/projects");
      groups = await Promise.all(projects.map(async (/** @type {any} */ project) => ({ project, recordings: await request(`/api/projects/${project.id}/recordings`) })));
    } catch {
      return this.list.replaceChildren(h("p", { class: "slp-group", role: "alert" }, t("editor.open.network")));
    }
    for (const { project, recordings } of groups) this.options.listed(project.id, recordings);
    const search = h("input", { type: "search", placeholder: t("page.search_recordings"), "aria-label": t("page.search_recordings") });
    const list = h("div", { role: "listbox", "aria-label": t("page.pick_recording") });
    for (const { project, recordings } of groups.reverse()) {
      const name = titleOf(project, t);
      const head = h("div", { class: "slp-group", "aria-hidden": "true" }, name);
      list.append(h("div", { role: "group", "aria-label": name }, head, ...recordings.map((/** @type {any} */ item) => this.#row(project, item))));
    }
    search.addEventListener("input", () => {
      const wanted = search.value.toLowerCase();
      for (const group of list.children) {
        const rows = [.../** @type {NodeListOf<HTMLElement>} */ (group.querySelectorAll("[role=option]"))];
        for (const row of rows) row.hidden = !(row.dataset["name"] ?? "").includes(wanted);
        /** @type {HTMLElement} */ (group).hidden = wanted !== "" && rows.every((row) => row.hidden);
      }
    });
    this.list.replaceChildren(search, list);
    list.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "center" });
    search.focus();
  }

  /** @param {any} project @param {any} item */
  #row(project, item) {
    const { t } = this.options;
    const state = item.state === "ready" ? t("page.n_done_of", { done: item.done ?? 0, n: item.segments ?? 0 })
      : item.state === "failed" ? t("page.state_failed") : `${Math.round((item.progress ?? 0) * 100)} %`;
    const name = nameOf(item, this.options.locale);
    const row = h("button", { type: "button", role: "option", class: `slp-option${item.state === "failed" ? " is-failed" : ""}`, "data-name": `${name} ${item.name} ${project.name}`.toLowerCase(), title: item.error ? reasonWords(t, item.error_code, item.error).words : item.name,
      "aria-selected": item.id === this.place.recording && project.id === this.place.project ? "true" : "false" },
      h("span", {}, name), h("span", { class: "slp-muted" }, `${duration(item.duration_us)} · ${state}`));
    row.addEventListener("click", () => {
      this.#close();
      this.options.go({ project: project.id, recording: item.id, segment: null, view: "label" });
    });
    return row;
  }
}

/**
 * What people call a recording: its title in their language if it has one, else its file's name.
 * @param {{name: string, title?: Record<string, string>|null}} item @param {string} locale
 */
export function nameOf(item, locale) {
  return item.title?.[locale] ?? item.name;
}

/**
 * What people call a project: its name; the samples have one in each language until somebody renames them.
 * @param {{id: string, name: string}} project @param {Translate} t
 */
export function titleOf({ id, name }, t) {
  return id === "samples" && /^samples(_\d+)?$/.test(name) ? t("page.samples") : name;
}

/** A length as people read it: 0:07, 12:30, 1:02:03. @param {number} us */
export function duration(us) {
  const seconds = Math.round(us / 1e6);
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}:${two(seconds % 60)}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** Light or dark: the system's until one is chosen. */
export function applyDark() {
  const chosen = kept("theme");
  const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.body.classList.toggle("dark", dark);
}

function toggleDark() {
  keep("theme", document.body.classList.contains("dark") ? "light" : "dark");
  applyDark();
}
