// The only way a transcript changes: the browser's half of speechlabel/edits.py.  tests/vectors/edits.json
// holds both to one set of examples.  Edits are in their JSON form; carets and lengths count characters
// (code points), as Python does.  No DOM, no fetch.

import { EditError, check, compact, plain, replaced, full, same, squash, trimEnd, trimStart } from "./records.js";

/** @typedef {import("../types.js").Segment} Segment */
/** @typedef {import("../types.js").Speaker} Speaker */
/** @typedef {import("../types.js").Word} Word */
/** @typedef {import("../types.js").Edit} Edit */
/** @typedef {import("../types.js").Target} Target */
/** @typedef {{get(id: string): Segment|undefined}} SegmentTable */
/** @typedef {{get(id: string): Speaker|undefined}} SpeakerTable */
/** @typedef {{segment: SegmentTable, speaker: SpeakerTable}} Tables  the state before, by target and id */
/** @typedef {{segment: Map<string, Segment|null>, speaker: Map<string, Speaker|null>}} Changed  null: deleted */

// Han, kana, bopomofo, CJK punctuation and full-width forms are written without blanks between words.
const UNSPACED =
  /^[\u2e80-\u312f\u3190-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\u{20000}-\u{3ffff}]$/u;

/** @param {Edit} edit @returns {string} */
export const idOf = (edit) => (edit.action === "insert" ? edit.record.id : edit.id);

/**
 * Apply edits in order, whole or not at all.  Gives only what changed, so that one edit of 20,000 segments
 * costs one segment.
 * @param {Tables} before
 * @param {readonly Edit[]} edits
 * @param {number|null} revision  version of every record touched; null: they keep theirs (not yet saved)
 * @returns {Changed}
 */
export function apply(before, edits, revision) {
  /** @type {{segment: Map<string, any>, speaker: Map<string, any>}} */
  const changed = { segment: new Map(), speaker: new Map() };
  /** @type {Record<string, any>[]} */
  const conflicts = [];
  for (const edit of edits) {
    const id = idOf(edit);
    const original = before[edit.target].get(id);
    const table = changed[edit.target];
    const now = table.has(id) ? table.get(id) : original;
    if (edit.action === "insert") {
      if (now) conflicts.push(conflict(edit, now));
      else table.set(id, checked(edit.target, full(edit.target, edit.record), revision));
      continue;
    }
    if (edit.version === null && original)
      throw new EditError("conflict", `the edit of ${edit.target} ${id} names no version`, {
        reason: "version_missing",
        id,
      });
    if (!now || (original && edit.version !== original.version)) conflicts.push(conflict(edit, original));
    else if (edit.action === "delete") table.set(id, null);
    else table.set(id, checked(edit.target, replaced(edit.target, now, edit.changes), revision));
  }
  if (conflicts.length)
    throw new EditError("conflict", `${conflicts.length} of ${edits.length} edits met newer data`, {
      reason: "stale",
      conflicts,
    });
  return changed;
}

/** @param {Target} target @param {any} record @param {number|null} revision */
function checked(target, record, revision) {
  check(target, record);
  if (revision !== null) record.version = revision;
  return record;
}

/** @param {Edit} edit @param {Segment|Speaker|undefined} theirs */
function conflict(edit, theirs) {
  const shown = theirs ? { ...compact(edit.target, theirs), version: theirs.version } : null;
  return { target: edit.target, id: idOf(edit), theirs: shown, mine: edit };
}

/**
 * Edits that undo `edits` on the state they were applied to.  Versions are left null.
 * @param {Tables} before
 * @param {readonly Edit[]} edits
 * @returns {Edit[]}
 */
export function invert(before, edits) {
  /** @type {{segment: Map<string, any>, speaker: Map<string, any>}} */
  const changed = { segment: new Map(), speaker: new Map() };
  /** @type {Edit[]} */
  const inverse = [];
  for (const edit of edits) {
    const { target } = edit;
    const id = idOf(edit);
    const table = changed[target];
    const old = table.has(id) ? table.get(id) : before[target].get(id);
    if (edit.action === "insert") {
      table.set(id, full(target, edit.record));
      inverse.push({ action: "delete", target, id, version: null });
    } else if (edit.action === "delete") {
      table.set(id, null);
      inverse.push({ action: "insert", target, record: compact(target, old) });
    } else {
      const changes = Object.fromEntries(Object.keys(edit.changes).map((name) => [name, plain(name, old[name])]));
      table.set(id, replaced(target, old, edit.changes));
      inverse.push({ action: "update", target, id, version: null, changes });
    }
  }
  return inverse.reverse();
}

/**
 * Cut a segment in two at `atUs`; the text divides at `caret` (null: the timed words decide, and without
 * those the text stays with the first part).
 * @param {Segment} segment
 * @param {number} atUs
 * @param {number|null} caret  in characters
 * @param {string} id  of the second part
 * @returns {Edit[]}
 */
export function split(segment, atUs, caret, id) {
  refuseLocked(segment);
  if (!(segment.start_us < atUs && atUs < segment.end_us))
    throw new EditError("option", "the cut must lie inside the segment", { field: "at" });
  const count = wordsBefore(segment, atUs, caret);
  const [left, right] = divide(segment, count, caret);
  const status = segment.status === "unsure" ? "unsure" : "draft";
  /** @type {Record<string, any>} */
  const first = { end_us: atUs, text: left, status };
  if (segment.words.length)
    first.words = plain("words", clip(segment.words.slice(0, count), segment.start_us, atUs));
  if (segment.events.length)
    first.events = plain("events", segment.events.filter((item) => (item.start_us ?? 0) < atUs));
  const second = {
    ...segment,
    id,
    start_us: atUs,
    text: right,
    status,
    words: clip(segment.words.slice(count), atUs, segment.end_us),
    events: segment.events.filter((item) => (item.start_us ?? 0) >= atUs),
    note: null,
    fields: {},
    version: 0,
  };
  const record = compact("segment", /** @type {Segment} */ (second));
  return [update(segment, first), { action: "insert", target: "segment", record }];
}

/** @param {Segment} segment @param {Record<string, any>} changes @returns {Edit} */
export const update = (segment, changes) => ({
  action: "update",
  target: "segment",
  id: segment.id,
  version: segment.version,
  changes,
});

/**
 * How many words belong to the first part.
 * @param {Segment} segment
 * @param {number} atUs
 * @param {number|null} caret
 */
function wordsBefore(segment, atUs, caret) {
  if (caret === null || segment.text === null)
    return segment.words.filter((word) => (word.start_us ?? 0) + (word.end_us ?? 0) < 2 * atUs).length;
  let room = charactersIn(squash(segment.text.slice(0, unitsOf(segment.text, caret))));
  let count = 0;
  for (const word of segment.words) {
    room -= charactersIn(squash(word.word));
    if (room < 0) break;
    count += 1;
  }
  return count;
}

/**
 * @param {Segment} segment
 * @param {number} count
 * @param {number|null} caret
 * @returns {[string|null, string|null]}
 */
function divide(segment, count, caret) {
  const { text, words } = segment;
  if (text === null) return [null, null];
  if (caret !== null) return cut(text, unitsOf(text, caret));
  if (!words.length || squash(text) !== spoken(words)) return [text, null];
  return cut(text, offsetAfter(text, spoken(words.slice(0, count)).length));
}

/** @param {string} text @param {number} at @returns {[string, string]} */
const cut = (text, at) => [trimEnd(text.slice(0, at)), trimStart(text.slice(at))];

/** @param {readonly Word[]} words */
const spoken = (words) => squash(words.map((word) => word.word).join(""));

/**
 * Offset (UTF-16) just after the first `solid` UTF-16 units that are not blank.
 * @param {string} text
 * @param {number} solid
 */
function offsetAfter(text, solid) {
  let offset = 0;
  for (const unit of text.split("")) {
    if (solid === 0) return offset;
    if (squash(unit)) solid -= 1;
    offset += 1;
  }
  return offset;
}

/**
 * UTF-16 offset of a character offset.
 * @param {string} text
 * @param {number} characters
 */
export function unitsOf(text, characters) {
  let units = 0;
  for (let left = characters; left > 0 && units < text.length; left -= 1)
    units += /** @type {number} */ (text.codePointAt(units)) > 0xffff ? 2 : 1;
  return units;
}

/**
 * Character offset of a UTF-16 offset, such as a caret; inside a surrogate pair it is the one before it.
 * @param {string} text
 * @param {number} units
 */
export function charactersOf(text, units) {
  let characters = 0;
  for (let at = 0; at < text.length; characters += 1) {
    at += /** @type {number} */ (text.codePointAt(at)) > 0xffff ? 2 : 1;
    if (at > units) break;
  }
  return characters;
}

/** @param {string} text */
const charactersIn = (text) => charactersOf(text, text.length);

/**
 * Words with their times held inside a stretch.
 * @param {readonly Word[]} words
 * @param {number} start
 * @param {number} end
 * @returns {Word[]}
 */
function clip(words, start, end) {
  return words.map((word) => {
    if (word.start_us === null || word.end_us === null) return word;
    const [from, to] = [Math.max(word.start_us, start), Math.min(word.end_us, end)];
    return { ...word, start_us: from < to ? from : null, end_us: from < to ? to : null };
  });
}

/**
 * Join two segments of one channel into the first; the second is deleted.
 * @param {Segment} first
 * @param {Segment} second
 * @returns {Edit[]}
 */
export function merge(first, second) {
  refuseLocked(first, second);
  if (first.channel !== second.channel)
    throw new EditError("option", "the two segments lie on different channels", { field: "merge" });
  const statuses = new Set([first.status, second.status]);
  const names = new Set([...Object.keys(first.fields), ...Object.keys(second.fields)]);
  const scores = [first.confidence, second.confidence].filter((item) => item !== null);
  const wanted = {
    start_us: Math.min(first.start_us, second.start_us),
    end_us: Math.max(first.end_us, second.end_us),
    text: joinText(first.text, second.text),
    language: first.language || second.language,
    speaker: first.speaker || second.speaker,
    noise_labels: union(first.noise_labels, second.noise_labels),
    tags: union(first.tags, second.tags),
    events: [...first.events, ...second.events],
    is_valid: first.is_valid && second.is_valid,
    invalid_reason: first.invalid_reason || second.invalid_reason,
    fields: Object.fromEntries(
      [...names].map((name) => [name, joinText(first.fields[name] ?? null, second.fields[name] ?? null) || ""]),
    ),
    words: [...first.words, ...second.words],
    status: statuses.has("unsure") ? "unsure" : statuses.size === 1 && statuses.has("done") ? "done" : "draft",
    confidence: scores.length ? Math.min(...scores) : null,
    note: [first.note, second.note].filter((note) => note).join("\n") || null,
  };
  const changes = Object.fromEntries(
    Object.entries(wanted)
      .filter(([name, value]) => !same(value, /** @type {any} */ (first)[name]))
      .map(([name, value]) => [name, plain(name, value)]),
  );
  return [
    update(first, changes),
    { action: "delete", target: "segment", id: second.id, version: second.version },
  ];
}

/**
 * Two texts as one, with a blank between them unless one side of the seam is written unspaced (Chinese).
 * @param {string|null} first
 * @param {string|null} second
 * @returns {string|null} null only if both are
 */
export function joinText(first, second) {
  if (first === null || second === null) return first === null ? second : first;
  if (!first || !second) return first + second;
  const last = String.fromCodePoint(/** @type {number} */ (first.codePointAt(lastAt(first))));
  const next = String.fromCodePoint(/** @type {number} */ (second.codePointAt(0)));
  return UNSPACED.test(last) || UNSPACED.test(next) ? first + second : `${first} ${second}`;
}

/** Where the last character starts. @param {string} text */
function lastAt(text) {
  const at = text.length - 2;
  return at >= 0 && /** @type {number} */ (text.codePointAt(at)) > 0xffff ? at : text.length - 1;
}

/** @param {readonly string[]} first @param {readonly string[]} second */
const union = (first, second) => [...first, ...second.filter((item) => !first.includes(item))];

/**
 * Changes for a new text: words in its unchanged head and tail keep their times.  The words need not be all of
 * the old text; each is looked for behind the one before, and one that is not found is dropped.
 * @param {Segment} segment
 * @param {string|null} text
 * @returns {Record<string, any>}
 */
export function retext(segment, text) {
  if (!segment.words.length) return { text };
  const [before, after] = [squash(segment.text ?? ""), squash(text ?? "")];
  const head = commonHead(before, after);
  const tail = commonTail(before, after, head);
  let at = 0;
  const kept = segment.words.filter((word) => {
    const solid = squash(word.word);
    const start = before.indexOf(solid, at);
    if (start < 0) return false;
    at = start + solid.length;
    return at <= head || start >= before.length - tail;
  });
  return kept.length < segment.words.length ? { text, words: plain("words", kept) } : { text };
}

/** UTF-16 length of the common start, never half a character. @param {string} one @param {string} other */
function commonHead(one, other) {
  let count = 0;
  while (count < one.length && count < other.length && one[count] === other[count]) count += 1;
  const last = one.charCodeAt(count - 1);
  return last >= 0xd800 && last <= 0xdbff ? count - 1 : count;
}

/**
 * UTF-16 length of the common end behind `head`; half a character more holds no word more.
 * @param {string} one
 * @param {string} other
 * @param {number} head
 */
function commonTail(one, other, head) {
  const room = Math.min(one.length, other.length) - head;
  let count = 0;
  while (count < room && one[one.length - 1 - count] === other[other.length - 1 - count]) count += 1;
  return count;
}

/**
 * Move the edges of a segment; word times are held inside.
 * @param {Segment} segment
 * @param {number} startUs
 * @param {number} endUs
 * @returns {Edit[]}
 */
export function retime(segment, startUs, endUs) {
  refuseLocked(segment);
  check("segment", { ...segment, start_us: startUs, end_us: endUs });
  /** @type {Record<string, any>} */
  const changes = { start_us: startUs, end_us: endUs };
  const words = clip(segment.words, startUs, endUs);
  if (!same(words, segment.words)) changes.words = plain("words", words);
  return [update(segment, changes)];
}

/** @param {Segment[]} segments */
export function refuseLocked(...segments) {
  for (const segment of segments)
    if (segment.is_locked)
      throw new EditError("record", `segment ${segment.id} is locked; unlock it first`, {
        field: "is_locked",
        id: segment.id,
      });
}
