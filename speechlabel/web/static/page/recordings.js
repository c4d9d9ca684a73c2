// The table of a project's recordings: how far each is, failed ones on top, found by name, sorted by a click.
// Rows are known by the recording's id, so what is clicked is what opens, whatever the order.

import { h, attr, setText } from "../editor/dom.js";
import { loadTranslator } from "../editor/i18n.js";
import { duration, nameOf, titleOf } from "./header.js";
import { askName } from "./naming.js";
import { reasonWords, request } from "./upload.js";

/** @typedef {import("../editor/i18n.js").Translate} Translate */
/**
 * @typedef {object} Row as the server lists it
 * @property {string} id
 * @property {string} name
 * @property {Record<string, string>|null} title
 * @property {number} duration_us
 * @property {number} channels
 * @property {string|null} layout
 * @property {"new"|"preparing"|"ready"|"failed"} state
 * @property {string|null} error
 * @property {string|null} error_code
 * @property {number|null} progress
 * @property {number} segments
 * @property {number} done
 */
/** @typedef {"name"|"length"|"channels"|"state"|"done"} Column */

const COLUMNS = /** @type {const} */ (["name", "length", "channels", "state", "done"]);
const URGENCY = { failed: 0, preparing: 1, new: 2, ready: 3 };
const POLL_MS = 1000;

/** @param {HTMLElement} element @param {import("./index.js").Host} host */
export function mount(element, host) {
  const table = new Recordings(host.staticBase);
  element.append(table.element);
  const show = () => {
    const value = host.props.value;
    if (!value || typeof value !== "object") return;
    table.show(value.project, value.locale);
    // Where one exports from and drops to is the project one has chosen here.
    if (value.is_chosen) element.dispatchEvent(new CustomEvent("slp-project", { bubbles: true, detail: value.project }));
  };
  host.watch("value", show);
  show();
}

/**
 * The rows to show, in order. Without a chosen column: failed ones first, else as they were taken in.
 * @param {Row[]} rows @param {{column: Column|null, down: boolean, wanted: string, locale: string}} view
 */
export function arrange(rows, { column, down, wanted, locale }) {
  const text = wanted.trim().toLowerCase();
  const found = rows.filter((row) => `${nameOf(row, locale)}\n${row.name}`.toLowerCase().includes(text));
  const byName = new Intl.Collator(locale, { numeric: true });
  /** @type {Record<Column, (one: Row, other: Row) => number>} */
  const compare = {
    name: (one, other) => byName.compare(nameOf(one, locale), nameOf(other, locale)),
    length: (one, other) => one.duration_us - other.duration_us,
    channels: (one, other) => one.channels - other.channels,
    state: (one, other) => URGENCY[one.state] - URGENCY[other.state],
    done: (one, other) => share(one) - share(other),
  };
  if (column === null) return found.sort((one, other) => Number(other.state === "failed") - Number(one.state === "failed"));
  const sign = down ? -1 : 1;
  return found.sort((one, other) => sign * compare[column](one, other));
}

/** @param {{done: number, segments: number}} row */
function share(row) {
  return row.segments ? row.done / row.segments : -1;
}

class Recordings {
  /** @param {string} staticBase */
  constructor(staticBase) {
    this.staticBase = staticBase;
    /** @type {string|null} */ this.project = null;
    /** @type {string|null} */ this.locale = null;
    /** @type {Translate} */ this.t = (key) => key;
    /** @type {Row[]} */ this.rows = [];
    /** @type {Map<string, {element: HTMLTableRowElement, fill: (row: Row) => void}>} */ this.shown = new Map();
    /** @type {Column|null} */ this.column = null;
    this.down = false;
    this.turn = 0;
    this.summary = h("p", { class: "slp-summary", role: "status" });
    this.bar = h("progress", { max: "1", value: "0" });
    this.search = h("input", { type: "search" });
    this.search.addEventListener("input", () => this.#draw());
    this.more = h("button", { type: "button", class: "slp-more" }, "⋯");
    this.more.addEventListener("click", () => this.#nameProject());
    this.bringIn = h("button", { type: "button", class: "slp-bring-in" });
    this.bringIn.addEventListener("click", () => document.dispatchEvent(new CustomEvent("slp-bring-in")));
    this.head = h("tr");
    this.body = h("tbody");
    this.table = h("table", {}, h("thead", {}, this.head), this.body);
    this.empty = h("p", { class: "slp-muted slp-empty" });
    this.element = h("section", { class: "slp-recordings" },
      h("div", { class: "slp-above" }, this.summary, this.bar, this.search, this.bringIn, this.more),
      h("div", { class: "slp-scroll" }, this.table, this.empty));
  }

  /** Show a project, from now on as long as the view is looked at. @param {string|null} project @param {string} locale */
  async show(project, locale) {
    const turn = ++this.turn;
    if (project !== this.project) {
      this.rows = [];
      this.shown.clear(); // another project may have a recording of the same id
      this.search.value = "";
      this.column = null;
    }
    this.project = project;
    if (locale !== this.locale) {
      this.t = await loadTranslator(locale, this.staticBase);
      if (turn !== this.turn) return;
      this.locale = locale;
      this.shown.clear();
      this.#name();
    }
    while (turn === this.turn) {
      await this.#fetch(turn);
      const isBusy = this.rows.some((row) => row.state === "new" || row.state === "preparing") || this.isCut;
      if (!isBusy) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      if (document.body.dataset["slView"] !== "projects") return; // coming back shows it anew
    }
  }

  /** @param {number} turn */
  async #fetch(turn) {
    try {
      const rows = this.project ? await request(`/api/projects/${this.project}/recordings`) : [];
      if (turn !== this.turn) return;
      this.isCut = false;
      this.rows = rows;
      this.#draw();
    } catch {
      if (turn !== this.turn) return;
      this.isCut = true; // asked again: the server may only be starting anew
      setText(this.summary, this.t("editor.open.network"));
    }
  }

  /** Put the fixed words into the page's language. */
  #name() {
    const { t } = this;
    attr(this.search, "placeholder", t("page.search_recordings"));
    attr(this.search, "aria-label", t("page.search_recordings"));
    attr(this.bar, "aria-label", t("page.column_done"));
    attr(this.table, "aria-label", t("page.recordings"));
    setText(this.bringIn, t("page.import_title"));
    for (const name of ["title", "aria-label"]) attr(this.more, name, t("page.name_project"));
    this.head.replaceChildren(...COLUMNS.map((column) => {
      const button = h("button", { type: "button" }, t(`page.column_${column}`));
      button.addEventListener("click", () => this.#sort(column));
      return h("th", { scope: "col", class: `is-${column}` }, button);
    }), h("td", { class: "is-more" }));
  }

  async #nameProject() {
    const { project, t } = this;
    const found = await request(`/api/projects/${project}`).catch(() => null); // the table says so when it is cut off
    if (project && found) askName({ project, recording: null, name: titleOf(found, t), t });
  }

  /** Up, down, and back to the order of the project. @param {Column} column */
  #sort(column) {
    if (this.column !== column) [this.column, this.down] = [column, false];
    else if (!this.down) this.down = true;
    else this.column = null;
    this.#draw();
  }

  #draw() {
    const { t, rows, column, down } = this;
    const locale = this.locale ?? "en";
    COLUMNS.forEach((name, at) => {
      const head = this.head.children[at];
      if (head) attr(head, "aria-sort", name === column ? (down ? "descending" : "ascending") : "none");
    });
    const elements = arrange(rows, { column, down, wanted: this.search.value, locale }).map((row) => this.#row(row));
    const known = new Set(rows.map((row) => row.id));
    for (const id of this.shown.keys()) if (!known.has(id)) this.shown.delete(id);
    // Only what is new or moved is put in: focus and the place scrolled to stay.
    elements.forEach((element, at) => {
      if (this.body.children[at] !== element) this.body.insertBefore(element, this.body.children[at] ?? null);
    });
    while (this.body.children.length > elements.length) this.body.lastElementChild?.remove();
    const empty = !this.project ? "page.choose_project" : !rows.length ? "page.empty_project" : "page.none_found";
    setText(this.empty, elements.length ? "" : t(empty));
    this.table.hidden = !rows.length;
    this.search.hidden = rows.length < 2;
    this.more.hidden = !this.project;
    this.#sum();
  }

  #sum() {
    const { t, rows } = this;
    const sum = (/** @type {(row: Row) => number} */ of) => rows.reduce((total, row) => total + of(row), 0);
    const segments = sum((row) => row.segments);
    const done = sum((row) => row.done);
    const n = (/** @type {string[]} */ ...states) => rows.filter((row) => states.includes(row.state)).length;
    const parts = [t("page.n_recordings", { n: rows.length, time: duration(sum((row) => row.duration_us)) }), t("page.n_done_of", { done, n: segments })];
    if (n("new", "preparing")) parts.push(t("page.n_preparing", { n: n("new", "preparing") }));
    if (n("failed")) parts.push(t("page.n_failed", { n: n("failed") }));
    setText(this.summary, rows.length ? parts.join(" · ") : "");
    this.bar.hidden = !segments;
    this.bar.max = segments || 1;
    this.bar.value = done;
  }

  /** The element of a recording, up to date. @param {Row} row */
  #row(row) {
    let made = this.shown.get(row.id);
    if (!made) {
      made = this.#make(row);
      this.shown.set(row.id, made);
    }
    made.fill(row);
    return made.element;
  }

  /** @param {Row} row */
  #make(row) {
    const { t } = this;
    const locale = this.locale ?? "en";
    const query = new URLSearchParams({ project: this.project ?? "", recording: row.id });
    const link = h("a", { class: "slp-go", href: `?${query}` });
    const [length, channels] = [h("td", { class: "is-length" }), h("td", { class: "is-channels" })];
    const words = h("span");
    const bar = h("progress", { max: "1", value: "0", "aria-hidden": "true" });
    const small = h("small", { class: "slp-muted" });
    const details = h("details", {}, h("summary", {}, t("page.details")), small);
    const done = h("td", { class: "is-done" });
    const more = h("button", { type: "button", class: "slp-more", title: t("page.name_recording") }, "⋯");
    let name = "";
    more.addEventListener("click", () => askName({ project: this.project ?? "", recording: row.id, name, t }));
    const element = h("tr", { "data-id": row.id },
      h("td", { class: "is-name" }, link), length, channels, h("td", { class: "is-state" }, words, bar, details), done, h("td", { class: "is-more" }, more));
    element.addEventListener("click", (event) => {
      if (!(event.target instanceof Element) || event.target.closest("a, details, button")) return;
      if (!getSelection()?.toString()) link.click(); // the whole row is the target, unless one copies from it
    });
    const fill = (/** @type {Row} */ now) => {
      name = nameOf(now, locale);
      setText(link, name);
      attr(more, "aria-label", `${t("page.name_recording")}: ${name}`);
      attr(link, "title", nameOf(now, locale) === now.name ? now.name : `${nameOf(now, locale)} (${now.name})`);
      setText(length, duration(now.duration_us));
      const lanes = now.channels > 1 && now.layout ? ` · ${t(`page.lanes_${now.layout}`)}` : "";
      setText(channels, `${now.channels}${lanes}`);
      const isBusy = now.state === "preparing" && (now.progress ?? 0) > 0;
      const state = t(`page.state_${now.state === "preparing" && !isBusy ? "new" : now.state}`);
      const reason = now.error ? reasonWords(t, now.error_code, now.error) : null;
      setText(words, reason ? t("page.state_why", { state, reason: reason.words }) : isBusy ? `${state} ${Math.round((now.progress ?? 0) * 100)} %` : state);
      attr(element, "data-state", now.error && now.state === "ready" ? "warned" : now.state);
      bar.hidden = !isBusy;
      bar.value = now.progress ?? 0;
      details.hidden = !reason?.details;
      setText(small, reason?.details ?? "");
      setText(done, now.segments ? `${now.done} / ${now.segments}` : "");
    };
    return { element, fill };
  }
}
