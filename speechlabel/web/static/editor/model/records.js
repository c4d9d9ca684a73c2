// Segment and Speaker as speechlabel/records.py has them: defaults, rules, and the JSON form that leaves
// defaults out.  No DOM, no fetch.

/** @typedef {import("../types.js").Segment} Segment */
/** @typedef {import("../types.js").Speaker} Speaker */
/** @typedef {import("../types.js").Target} Target */

/** A command or an edit that breaks a rule; `code` and `field` name it for translation. */
export class EditError extends Error {
  /**
   * @param {"record"|"option"|"conflict"|"read_only"|"not_found"} code
   * @param {string} message
   * @param {{field?: string, reason?: string, id?: string, conflicts?: Record<string, any>[]}} [data]
   */
  constructor(code, message, data = {}) {
    super(message);
    this.name = "EditError";
    this.code = code;
    this.field = data.field ?? null;
    this.reason = data.reason ?? null;
    this.id = data.id ?? null;
    this.conflicts = data.conflicts ?? [];
  }
}

/** @type {readonly never[]} */
const NONE = Object.freeze([]);
/** @type {Readonly<Record<string, never>>} */
const EMPTY = Object.freeze({});

// In field order, since JSON is written in it.
const SEGMENT_DEFAULTS = {
  id: "",
  channel: null,
  start_us: NaN,
  end_us: NaN,
  kind: "speech",
  text: null,
  language: null,
  speaker: null,
  noise_labels: NONE,
  tags: NONE,
  events: NONE,
  is_valid: true,
  invalid_reason: null,
  fields: EMPTY,
  words: NONE,
  status: "machine",
  is_locked: false,
  confidence: null,
  note: null,
  tier: null,
  parent_id: null,
  custom: EMPTY,
  version: 0,
};
const SPEAKER_DEFAULTS = {
  id: "",
  name: "",
  role: null,
  gender: null,
  age_band: null,
  accent: null,
  language: null,
  channel: null,
  color: null,
  custom: EMPTY,
  version: 0,
};
/** @type {Record<Target, Record<string, any>>} */
export const DEFAULTS = { segment: SEGMENT_DEFAULTS, speaker: SPEAKER_DEFAULTS };
const REQUIRED = { segment: ["start_us", "end_us"], speaker: ["id", "name"] };

/** @type {Record<string, readonly string[]>} */
const CHOICES = {
  kind: ["speech", "nonspeech", "noise", "music", "silence", "event", "ignore"],
  status: ["machine", "draft", "done", "unsure"],
  gender: ["female", "male", "other"],
};
const ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$/;
// What XML, JSON or SQL could not carry; with the u flag the surrogates here are the lone ones.
const UNWRITABLE = /[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]/u;
const UNWRITABLE_ALL = new RegExp(UNWRITABLE, "gu");
const MAX_TEXT = 100_000;

/**
 * Text that a record may hold: line ends become line feeds, other control characters go.
 * @param {string} text
 */
export function cleanText(text) {
  return text.replace(/\r\n?/g, "\n").replace(UNWRITABLE_ALL, "");
}

/** @param {string} field @param {unknown} value @param {string} reason @returns {never} */
function refuse(field, value, reason) {
  throw new EditError("record", `${field} = ${JSON.stringify(value)?.slice(0, 80)}: ${reason}`, { field, reason });
}

/** @param {string} field @param {unknown} value @param {number} max */
function checkText(field, value, max) {
  if (value === null) return;
  if (typeof value !== "string") refuse(field, value, "must be text");
  if (value.length > max && [...value].length > max) refuse(field, value, `longer than ${max} characters`);
  if (UNWRITABLE.test(value)) refuse(field, value, "holds a control character");
}

/** @param {string} field @param {unknown} value @param {number} [from] */
function checkWhole(field, value, from = -Infinity) {
  if (!Number.isSafeInteger(value)) refuse(field, value, "must be a whole number");
  if (/** @type {number} */ (value) < from) refuse(field, value, `must be at least ${from}`);
}

/** @param {string} field @param {unknown} values */
function checkNames(field, values) {
  if (!Array.isArray(values)) refuse(field, values, "must be a list");
  if (new Set(values).size !== values.length) refuse(field, values, "names a label twice");
  for (const value of values) checkText(field, value ?? refuse(field, values, "must be text"), 200);
}

/** @param {string} field @param {any} parts @param {"word"|"label"} name @param {number} max */
function checkParts(field, parts, name, max) {
  if (!Array.isArray(parts)) refuse(field, parts, "must be a list");
  for (const part of parts) {
    checkText(field, part[name] ?? refuse(field, part, `has no ${name}`), max);
    for (const time of [part.start_us, part.end_us]) if (time !== null) checkWhole(field, time, 0);
    if (part.start_us !== null && part.end_us !== null && part.end_us < part.start_us)
      refuse(field, part, "ends before it starts");
    if (part.score !== null && typeof part.score !== "number") refuse(field, part, "must be a number");
  }
}

/**
 * Throw an EditError when a segment breaks a rule of records.py.
 * @param {Segment} segment
 */
export function checkSegment(segment) {
  if (!ID.test(segment.id)) refuse("id", segment.id, "is not a legal id");
  checkWhole("start_us", segment.start_us, 0);
  checkWhole("end_us", segment.end_us);
  if (segment.end_us < segment.start_us || (segment.end_us === segment.start_us && segment.kind !== "event"))
    refuse("end_us", segment.end_us, `must be after the start, ${segment.start_us}`);
  if (segment.channel !== null) checkWhole("channel", segment.channel, 0);
  if (!CHOICES.kind.includes(segment.kind)) refuse("kind", segment.kind, "is not known");
  if (!CHOICES.status.includes(segment.status)) refuse("status", segment.status, "is not known");
  for (const name of /** @type {const} */ (["is_valid", "is_locked"]))
    if (typeof segment[name] !== "boolean") refuse(name, segment[name], "must be true or false");
  const sure = segment.confidence;
  if (sure !== null && !(typeof sure === "number" && sure >= 0 && sure <= 1))
    refuse("confidence", sure, "must lie between 0 and 1");
  checkText("text", segment.text, MAX_TEXT);
  checkText("note", segment.note, MAX_TEXT);
  for (const name of /** @type {const} */ (["language", "speaker", "invalid_reason", "tier", "parent_id"]))
    checkText(name, segment[name], 500);
  checkNames("noise_labels", segment.noise_labels);
  checkNames("tags", segment.tags);
  checkParts("words", segment.words, "word", MAX_TEXT);
  checkParts("events", segment.events, "label", 200);
  for (const [name, value] of Object.entries(segment.fields))
    checkText(`fields.${name}`, value ?? refuse(`fields.${name}`, value, "must be text"), MAX_TEXT);
}

/**
 * Throw an EditError when a speaker breaks a rule of records.py.
 * @param {Speaker} speaker
 */
export function checkSpeaker(speaker) {
  if (!ID.test(speaker.id)) refuse("id", speaker.id, "is not a legal id");
  checkText("name", speaker.name ?? refuse("name", null, "is missing"), 200);
  if (!trim(speaker.name)) refuse("name", speaker.name, "is empty");
  if (speaker.gender !== null && !CHOICES.gender.includes(speaker.gender))
    refuse("gender", speaker.gender, "is not known");
  for (const name of /** @type {const} */ (["role", "age_band", "accent", "language", "color"]))
    checkText(name, speaker[name], 500);
  if (speaker.channel !== null) checkWhole("channel", speaker.channel, 0);
}

/** @param {Target} target @param {any} record */
export function check(target, record) {
  if (target === "segment") checkSegment(record);
  else checkSpeaker(record);
}

/** @param {string} name @param {any} value */
function fullValue(name, value) {
  if (name === "words" && Array.isArray(value)) return value.map((item) => ({ word: item.word, ...times(item) }));
  if (name === "events" && Array.isArray(value)) return value.map((item) => ({ label: item.label, ...times(item) }));
  return value;
}

/** @param {any} item */
function times(item) {
  return { start_us: item.start_us ?? null, end_us: item.end_us ?? null, score: item.score ?? null };
}

/**
 * A whole record from its JSON form: defaults are put back, unknown fields refused.
 * @template {Target} K
 * @param {K} target
 * @param {Record<string, any>} data
 * @returns {K extends "segment" ? Segment : Speaker}
 */
export function full(target, data) {
  for (const name of REQUIRED[target]) if (!(name in data)) refuse(name, undefined, "is missing");
  return /** @type {any} */ (replaced(target, DEFAULTS[target], data));
}

/**
 * A copy of a record with some fields changed (given in JSON form).  Not checked.
 * @template {Record<string, any>} R
 * @param {Target} target
 * @param {R} record
 * @param {Record<string, any>} changes
 * @returns {R}
 */
export function replaced(target, record, changes) {
  /** @type {any} */
  const out = { ...record };
  for (const name of Object.keys(changes)) {
    if (!(name in DEFAULTS[target])) refuse(name, changes[name], "is not a field");
    out[name] = fullValue(name, changes[name]);
  }
  return out;
}

/**
 * JSON form of one field's value.
 * @param {string} name
 * @param {any} value
 */
export function plain(name, value) {
  if ((name !== "words" && name !== "events") || value === null) return value;
  return value.map((/** @type {Record<string, any>} */ item) =>
    Object.fromEntries(Object.entries(item).filter(([, part]) => part !== null)),
  );
}

/**
 * JSON form of a record, without the fields that have their default.
 * @param {Target} target
 * @param {Segment|Speaker} record
 * @returns {Record<string, any>}
 */
export function compact(target, record) {
  /** @type {Record<string, any>} */
  const out = {};
  const defaults = DEFAULTS[target];
  for (const name of Object.keys(defaults)) {
    const value = /** @type {any} */ (record)[name];
    if (!same(value, defaults[name])) out[name] = plain(name, value);
  }
  return out;
}

/**
 * Whether two JSON values are equal (the order of keys does not matter).
 * @param {any} one
 * @param {any} other
 * @returns {boolean}
 */
export function same(one, other) {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => key in other && same(one[key], other[key]));
}

/**
 * Only those changes that change something.
 * @param {any} record
 * @param {Record<string, any>} changes  in JSON form
 * @returns {Record<string, any>}
 */
export function different(record, changes) {
  return Object.fromEntries(
    Object.entries(changes).filter(([name, value]) => !same(value, plain(name, record[name] ?? null))),
  );
}

/**
 * What changes; a machine's draft that a person touches is a draft of theirs.
 * @param {Segment} segment
 * @param {Record<string, any>} changes
 */
export function touched(segment, changes) {
  const wanted = different(segment, changes);
  const isTouched = Object.keys(wanted).length > 0 && segment.status === "machine" && !("status" in changes);
  return isTouched ? { ...wanted, status: "draft" } : wanted;
}

// The blanks of Python's str.split and str.strip; JavaScript's \s knows U+FEFF as well and lacks U+001C–U+001F
// and U+0085.
const BLANK = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const BLANKS = new RegExp(`${BLANK}+`, "g");
const HEAD = new RegExp(`^${BLANK}+`);
const TAIL = new RegExp(`${BLANK}+$`);
/** @param {string} text */
export const squash = (text) => text.replace(BLANKS, "");
/** @param {string} text */
export const trimStart = (text) => text.replace(HEAD, "");
/** @param {string} text */
export const trimEnd = (text) => text.replace(TAIL, "");
/** @param {string} text */
export const trim = (text) => trimStart(trimEnd(text));
