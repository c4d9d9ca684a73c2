// What steps and refusals are called, in words.

import { idOf } from "./edits.js";
import { listed, titleOf } from "../i18n.js";
import { STATES, stateOf } from "./state.js";
import { clock } from "../see/timeline.js";

/** @typedef {import("./records.js").EditError} EditError */
/** @typedef {import("../types.js").UndoResult} UndoResult */

/** What a step that was taken back is called. @type {Record<import("../types.js").UndoResult["kind"], string>} */
export const STEPS = {
  insert: "editor.step.insert",
  delete: "editor.step.delete",
  update: "editor.step.update",
  speaker: "editor.step.speaker",
  split: "editor.step.split",
  merge: "editor.step.merge",
  recut: "editor.step.recut",
};

/** What a changed field is called. @type {Record<string, string>} */
const CHANGED = {
  text: "editor.field.text",
  start_us: "editor.field.time",
  end_us: "editor.field.time",
  speaker: "editor.field.speaker",
  noise_labels: "editor.field.labels",
  tags: "editor.field.labels",
  is_valid: "editor.field.valid",
  invalid_reason: "editor.field.reason",
  language: "editor.field.language",
  note: "editor.field.note",
  is_locked: "editor.field.lock",
  status: "editor.field.status",
};
const SHOWN_LETTERS = 40;
const SHOWN_NUMBERS = 4;

/**
 * What was taken back or done again, where, and how it is now.
 * @param {"undo"|"redo"} which
 * @param {UndoResult} result
 * @param {import("./model.js").Model} model  as it is now
 * @param {import("../i18n.js").Translate} t
 * @param {string} locale
 * @returns {string}
 */
export function recalled(which, { kind, edits }, model, t, locale) {
  const fields = kind === "update" ? fieldsOf(edits) : [];
  const names = [...new Set(fields.map((name) => t(CHANGED[name] ?? STEPS.update).toLowerCase()))];
  const voice = edits.find((edit) => edit.target === "speaker");
  const name = voice && voice.action !== "delete" ? (model.speaker(idOf(voice))?.name ?? "") : "";
  const what = names.length ? listed(names, locale) : `${t(STEPS[kind])}${name && ` ${name}`}`;
  const there = edits.filter((edit) => edit.target === "segment").map((edit) => model.indexOf(idOf(edit)));
  const numbers = [...new Set(there.filter((index) => index >= 0))].sort((a, b) => a - b).map((index) => index + 1);
  let said = t(which === "undo" ? "editor.undo.did" : "editor.redo.did", { what });
  if (numbers.length && kind !== "speaker") {
    const shown = numbers.slice(0, SHOWN_NUMBERS).map(String);
    if (numbers.length > SHOWN_NUMBERS) shown.push("…");
    const n = listed(shown, locale);
    said = t(numbers.length === 1 ? "editor.undo.segment" : "editor.undo.segments", { said, n });
  }
  const segment = numbers.length === 1 ? model.segments[numbers[0] - 1] : undefined;
  const now = segment && fields[0] ? valueOf(fields[0], segment, model, t, locale) : null;
  return now === null ? said : t("editor.undo.now", { said, now: now || t("editor.undo.empty") });
}

/** Fields that a person would say were changed: not what changes along with them. @param {readonly import("../types.js").Edit[]} edits */
function fieldsOf(edits) {
  const names = new Set(edits.flatMap((edit) => (edit.action === "update" ? Object.keys(edit.changes) : [])));
  const order = Object.keys(CHANGED).filter((name) => names.has(name));
  return order.length > 1 ? order.filter((name) => name !== "status") : order;
}

/**
 * What a segment has in a field, for people; null: it says nothing.
 * @param {string} field
 * @param {import("../types.js").Segment} segment
 * @param {import("./model.js").Model} model
 * @param {import("../i18n.js").Translate} t
 * @param {string} locale
 */
function valueOf(field, segment, model, t, locale) {
  const title = (/** @type {readonly {name: string, title?: any}[]} */ items, /** @type {string} */ name) =>
    titleOf(items.find((item) => item.name === name) ?? { name }, locale);
  /** @type {Record<string, () => string>} */
  const values = {
    text: () => quoted(segment.text ?? ""),
    note: () => quoted(segment.note ?? ""),
    start_us: () => `${clock(segment.start_us, 2)} – ${clock(segment.end_us, 2)}`,
    speaker: () => model.speaker(segment.speaker)?.name ?? t("editor.speaker.none"),
    noise_labels: () => segment.noise_labels.map((name) => title(model.guideline.labels, name)).join(", "),
    is_valid: () => t(segment.is_valid ? "editor.panel.valid" : "editor.panel.invalid"),
    invalid_reason: () => title(model.guideline.invalid_reasons, segment.invalid_reason ?? ""),
    status: () => t(STATES[stateOf(segment)].title),
    language: () => segment.language ?? "",
  };
  return values[field === "end_us" ? "start_us" : field]?.() ?? null;
}

/** @param {string} text */
function quoted(text) {
  const letters = [...text.replace(/\s+/g, " ").trim()];
  const shown = letters.length > SHOWN_LETTERS ? `${letters.slice(0, SHOWN_LETTERS).join("")}…` : letters.join("");
  return shown && `“${shown}”`; // the quotation marks of both languages
}

/**
 * Why something was refused, in words.
 * @param {EditError} error @param {import("../i18n.js").Translate} t
 * @param {string} lockKey the key that unlocks, "" if none does
 */
export function explain(error, t, lockKey) {
  if (error.code === "read_only") return t("editor.error.readOnly");
  if (error.field === "is_locked") return lockKey ? t("editor.error.locked", { key: lockKey }) : t("editor.error.lockedNoKey");
  if (error.field === "at") return t("editor.error.splitInside");
  if (error.field === "merge") return t("editor.error.mergeChannels");
  return t("editor.error.refused", { message: error.message });
}
