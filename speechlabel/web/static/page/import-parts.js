// The parts of the dialog that shows an import: files with what is in them, tiers, columns of tables.

import { titleOf } from "../editor/i18n.js";
import { h } from "../editor/dom.js";
import { duration } from "./header.js";

/** @typedef {import("../editor/i18n.js").Translate} Translate */
/** @typedef {{recording: string, segments: number, duration_us: number, speakers: number, audio: string|null, how: string|null, is_same: boolean, n_losses: number}} Item */
/** @typedef {{columns: string[], rows: string[][], mapping: Record<string, string>, fields: string[], unit: string}} Table */
/**
 * @typedef {object} ImportedFile a file, or a folder that is read as a whole
 * @property {string} path
 * @property {string|null} format
 * @property {"read"|"failed"|"unknown"|"left_out"} state
 * @property {boolean} is_chosen
 * @property {Table|null} table
 * @property {Item[]} items
 * @property {string} [reason]
 * @property {number|null} [line]
 * @property {string|null} [where]
 * @property {string[]} [claims]
 */
/** @typedef {{name: string, segments: number, duration_us: number, recordings: number, example: string, field: string}} Tier */
/**
 * @typedef {object} Preview
 * @property {ImportedFile[]} files
 * @property {{files: number, recordings: number, segments: number, duration_us: number, unmatched: number, same: number, failed: number, unknown: number}} totals
 * @property {Tier[]} tiers
 * @property {number} channels
 * @property {string[]} notes
 * @property {number} n_notes
 * @property {string[]} losses
 * @property {number} n_losses
 * @property {{name: string, title: string}[]} readable
 */
/** @typedef {{name: string, title?: Record<string, string>|null}} Named */
/** @typedef {{fields?: Named[], labels: Named[]}} Guideline */

const FEW = 8; // recordings of one file that are shown at once
const LEFT_OUT = "\0"; // no name of a format

/**
 * The table of files. Each has its format to be corrected; its recordings lie below it.
 * @param {Preview} preview
 * @param {object} how
 * @param {Translate} how.t
 * @param {Set<string>} how.unfolded paths of files whose recordings are shown
 * @param {(path: string, format: string|null) => void} how.onFormat
 */
export function fileTable(preview, { t, unfolded, onFormat }) {
  const head = ["file", "format", "recording", "segments", "speakers", "length", "audio"];
  const body = h("tbody");
  const table = h("table", { class: "slp-files", "aria-label": t("page.import_files") },
    h("thead", {}, h("tr", {}, ...head.map((name) => h("th", { scope: "col", class: `is-${name}` }, t(`page.import_column_${name}`))))), body);
  for (const file of preview.files) body.append(...fileRows(file, preview, { t, unfolded, onFormat }));
  const hidden = preview.totals.recordings + preview.totals.failed + preview.totals.unknown
    - preview.files.reduce((sum, file) => sum + Math.max(1, file.items.length), 0);
  if (hidden > 0) body.append(h("tr", {}, h("td", { colspan: head.length, class: "slp-muted" }, t("page.import_more_rows", { n: hidden }))));
  return table;
}

/**
 * @param {ImportedFile} file @param {Preview} preview
 * @param {{t: Translate, unfolded: Set<string>, onFormat: (path: string, format: string|null) => void}} how
 */
function fileRows(file, preview, { t, unfolded, onFormat }) {
  const { items, path } = file;
  const format = h("td", { class: "is-format" }, formatSelect(file, preview, t, onFormat));
  const row = h("tr", { "data-state": file.state });
  if (file.state !== "read") {
    row.append(h("th", { scope: "row", class: "is-file" }, shownPath(path, t)), format, h("td", { colspan: 5, class: "is-why" }, whyNot(file, t)));
    return [row];
  }
  const [only] = items;
  if (items.length === 1 && only) {
    row.append(h("th", { scope: "row", class: "is-file" }, shownPath(path, t)), format, h("td", {}, only.recording), ...itemCells(only, t));
    return [row];
  }
  const sum = (/** @type {"segments"|"duration_us"} */ of) => items.reduce((total, item) => total + item[of], 0);
  const without = items.filter((item) => item.audio === null).length;
  const isOpen = unfolded.has(path) || (items.length <= FEW && !unfolded.has(`-${path}`));
  const fold = h("button", { type: "button", class: "slp-fold", "aria-expanded": String(isOpen), "data-key": `fold ${path}` }, shownPath(path, t));
  const below = items.map((item) => h("tr", { class: "is-item", hidden: !isOpen }, h("td", { colspan: 2 }), h("td", {}, item.recording), ...itemCells(item, t)));
  fold.addEventListener("click", () => {
    const opens = fold.getAttribute("aria-expanded") === "false";
    fold.setAttribute("aria-expanded", String(opens));
    for (const one of below) one.hidden = !opens;
    unfolded.delete(opens ? `-${path}` : path);
    unfolded.add(opens ? path : `-${path}`);
  });
  row.append(h("th", { scope: "row", class: "is-file" }, fold), format,
    h("td", {}, t("page.import_n_recordings", { n: items.length })),
    h("td", { class: "is-number" }, String(sum("segments"))), h("td"), h("td", { class: "is-number" }, duration(sum("duration_us"))),
    h("td", { class: without ? "is-bad" : "" }, without ? t("page.import_n_without", { n: without }) : t("page.import_all_found")));
  return [row, ...below];
}

/** @param {Item} item @param {Translate} t */
function itemCells(item, t) {
  const audio = item.audio === null ? h("td", { class: "is-bad" }, t("page.import_no_audio"))
    : h("td", { class: "is-audio" }, h("span", {}, item.audio), " ",
      h("small", { class: "slp-muted" }, item.is_same ? t("page.import_is_same") : t(`page.import_how_${item.how}`)));
  return [h("td", { class: "is-number" }, String(item.segments)), h("td", { class: "is-number" }, String(item.speakers)),
    h("td", { class: "is-number" }, duration(item.duration_us)), audio];
}

/** @param {ImportedFile} file @param {Translate} t */
function whyNot(file, t) {
  if (file.state === "left_out") return t("page.import_left_out");
  if (file.state === "unknown") return t("page.import_unknown");
  const claims = file.claims ?? [];
  if (claims.length > 1) return t("page.import_ambiguous");
  if (file.table && !isTable(file.table.mapping)) return t("page.import_say_columns");
  const line = file.line ? t("page.import_line", { n: file.line }) : "";
  return `${[file.where, line].filter(Boolean).join(" ")}${file.where || line ? t("page.colon") : ""}${file.reason ?? ""}`;
}

/** Whether columns are known that make a table one of labels. @param {Record<string, string>} mapping */
function isTable(mapping) {
  return "text" in mapping || ("start" in mapping && ("end" in mapping || "duration" in mapping));
}

/** @param {string} path @param {Translate} t */
function shownPath(path, t) {
  return path === "." ? t("page.import_all_files") : path;
}

/** @param {ImportedFile} file @param {Preview} preview @param {Translate} t @param {(path: string, format: string|null) => void} onFormat */
function formatSelect(file, { readable }, t, onFormat) {
  const option = (/** @type {{name: string, title: string}} */ { name, title }) => h("option", { value: name, selected: name === file.format && file.state !== "left_out" }, title);
  const claims = readable.filter(({ name }) => file.claims?.includes(name) && (file.claims?.length ?? 0) > 1);
  const others = readable.filter((item) => !claims.includes(item));
  const select = h("select", { "aria-label": t("page.import_format_of", { name: file.path }), "data-key": `format ${file.path}` });
  if (!file.format && file.state !== "left_out") select.append(h("option", { value: "", selected: true, disabled: true }, t("page.import_choose_format")));
  if (claims.length) select.append(h("optgroup", { label: t("page.import_looks_like") }, ...claims.map(option)), h("optgroup", { label: t("page.import_others") }, ...others.map(option)));
  else select.append(...others.map(option));
  select.append(h("option", { value: LEFT_OUT, selected: file.state === "left_out" }, t("page.import_leave_out")));
  select.addEventListener("change", () => onFormat(file.path, select.value === LEFT_OUT ? null : select.value));
  return select;
}

/**
 * The list of tiers, each with what it means.
 * @param {Preview} preview
 * @param {object} how
 * @param {Translate} how.t
 * @param {string} how.locale
 * @param {Guideline} how.guideline
 * @param {Record<string, string>} how.chosen
 * @param {(tier: Tier, meaning: string|null) => void} how.onMeaning null: as read
 */
export function tierTable({ tiers, channels }, { t, locale, guideline, chosen, onMeaning }) {
  const rows = tiers.map((tier) => {
    const name = tier.name || t("page.import_no_tier");
    const select = h("select", { "aria-label": t("page.import_meaning_of", { name }), "data-key": `tier ${tier.name}` });
    const option = (/** @type {string} */ value, /** @type {string} */ words) => h("option", { value, selected: (chosen[tier.name] ?? "") === value }, words);
    const group = (/** @type {string} */ label, /** @type {HTMLOptionElement[]} */ options) => (options.length ? h("optgroup", { label }, ...options) : null);
    const fields = guideline.fields ?? [];
    const isKnown = fields.some((field) => field.name === tier.field);
    const layers = [
      ...fields.map((field) => option(`layer:${field.name}`, titleOf(field, locale))),
      ...(isKnown ? [] : [option(`layer:${tier.field}`, t("page.import_new_layer", { name: tier.name || tier.field }))]),
    ];
    const lanes = channels > 1 ? Array.from({ length: channels }, (_, at) => option(`channel:${at}`, t("page.import_channel", { n: at + 1 }))) : [];
    select.append(...[
      option("", t("page.import_as_read")), tier.name ? option("speaker:", t("page.import_speaker")) : null, option("nobody", t("page.import_nobody")),
      group(t("page.import_channels"), lanes), group(t("page.import_layers"), layers),
      group(t("page.import_labels"), guideline.labels.map((label) => option(`label:${label.name}`, titleOf(label, locale)))),
      option("skip", t("page.import_leave_out")),
    ].filter((item) => item !== null));
    select.addEventListener("change", () => onMeaning(tier, select.value || null));
    return h("tr", {}, h("th", { scope: "row" }, name), h("td", { class: "is-number" }, String(tier.segments)),
      h("td", { class: "is-number" }, duration(tier.duration_us)), h("td", { class: "is-example" }, tier.example), h("td", {}, select));
  });
  const head = h("tr", {}, h("th", { scope: "col" }, t("page.import_tier")), h("th", { scope: "col", class: "is-number" }, t("page.import_column_segments")),
    h("th", { scope: "col", class: "is-number" }, t("page.import_column_length")), h("th", { scope: "col" }, t("page.import_example")), h("th", { scope: "col" }, t("page.import_meaning")));
  return h("table", { class: "slp-tiers", "aria-label": t("page.import_tiers") }, h("thead", {}, head), h("tbody", {}, ...rows));
}

/**
 * Columns of tables that are alike, each with the field it holds, above their first rows.
 * @param {Table} table @param {string} key
 * @param {{t: Translate, onColumns: (values: {columns: string, unit: string}) => void}} how
 */
export function columnTable(table, key, { t, onColumns }) {
  const { columns, rows, mapping, fields, unit } = table;
  const held = columns.map((name) => fields.find((field) => mapping[field] === name) ?? "");
  const words = (/** @type {string} */ field) => {
    const text = t(`page.field_${field}`);
    return text === `page.field_${field}` ? field : text;
  };
  const known = fields.filter((field) => words(field) !== field);
  const offered = [...known, ...fields.filter((field) => !known.includes(field))];
  const units = h("select", { "data-key": `unit ${key}` }, ...["s", "ms"].map((name) => h("option", { value: name, selected: name === unit }, t(`page.import_unit_${name}`))));
  const selects = columns.map((name, at) => h("select", { "aria-label": t("page.import_field_of", { name }), "data-key": `column ${key} ${at}` },
    h("option", { value: "" }, t("page.import_no_field")),
    ...offered.map((field) => h("option", { value: field, selected: held[at] === field }, words(field)))));
  const tell = () => onColumns({ columns: columnsText(columns, selects.map((select) => select.value), fields), unit: units.value });
  for (const [at, select] of selects.entries()) select.addEventListener("change", () => {
    // A field has one column: chosen here, it is no longer there.
    for (const [other, one] of selects.entries()) if (other !== at && one.value === select.value) one.value = "";
    tell();
  });
  units.addEventListener("change", tell);
  return h("div", {},
    h("div", { class: "slp-sideways", role: "group", tabindex: "0", "aria-label": t("page.import_columns") }, h("table", { class: "slp-columns" },
      h("thead", {}, h("tr", {}, ...columns.map((name, at) => h("th", { scope: "col" }, h("span", {}, name), selects[at])))),
      h("tbody", {}, ...rows.map((row) => h("tr", {}, ...columns.map((_, at) => h("td", {}, row[at] ?? ""))))))),
    h("label", { class: "is-inline" }, t("page.import_unit"), units));
}

/**
 * What the server is told of columns: "field=number;field=number". A field that has no column is named too, with
 * nothing behind it: else one would be guessed.
 * @param {string[]} columns @param {string[]} held the field of each column, "" for none @param {string[]} fields all that there are
 */
export function columnsText(columns, held, fields) {
  // By number: a header may hold any sign. Where one is such a number itself it is taken by its name.
  const names = new Set(columns);
  const place = (/** @type {number} */ at) => (names.has(String(at + 1)) ? (columns[at] ?? "") : String(at + 1));
  const without = fields.filter((field) => !held.includes(field)).map((field) => `${field}=`);
  return [...without, ...held.flatMap((field, at) => (field ? [`${field}=${place(at)}`] : []))].join(";");
}
