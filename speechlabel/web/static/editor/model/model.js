// State of one open transcript: sorted segments, speakers, selection, commands, undo.  Every command compiles
// to edits (edits.js); every step is handed to `onStep`.  Pure: no DOM, no fetch, no clock.

import { apply, charactersOf, idOf, invert, retext, retime, split, update } from "./edits.js";
import { EditError, cleanText, compact, different, full, plain, touched } from "./records.js";
import { Records } from "./collection.js";
import { Listeners } from "./listeners.js";
import { layerChange, written } from "./layers.js";
import { removal } from "./speaking.js";
import { mergeInLane, neighbourOf } from "../see/lanes.js";
import { UndoStack, fitted, holds, kindOf } from "./undo.js";
import { uuid7 } from "./uuid.js";

/** @typedef {import("../types.js").Segment} Segment */
/** @typedef {import("../types.js").Edit} Edit */
/** @typedef {import("../types.js").Step} Step */
/** @typedef {import("../types.js").Target} Target */
/** @typedef {import("../types.js").UndoResult} UndoResult */
/** @typedef {import("./layers.js").Typed} Typed */
/** @typedef {{id: string, field: Typed, base: Segment}} Visit */

export class Model {
  #records;
  #undo;
  /** @type {Visit|null} the stretch of typing that grows one undo step */
  #visit = null;
  #listeners = new Listeners();
  #newId;

  /**
   * @param {import("../types.js").Opened} opened
   * @param {{newId?: () => string, author?: string}} [options]
   */
  constructor(opened, { newId = uuid7, author = opened.author } = {}) {
    this.#newId = newId;
    this.author = author;
    this.project = opened.project;
    this.guideline = opened.guideline;
    this.recording = opened.recording;
    this.transcript = opened.transcript;
    this.revision = opened.transcript.revision ?? 0; // left out where nothing was saved yet
    /** True: another tab writes; every command throws `read_only`. */
    this.readOnly = false;
    /** @type {(step: Step) => void} set by the client */
    this.onStep = () => {};
    this.#records = new Records(opened.segments, opened.speakers);
    this.#undo = new UndoStack(opened.undo);
    /** @type {string|null} */
    this.currentId = null;
    /** @type {Set<string>} */
    this.selectedIds = new Set();
  }

  // Reading

  /** Sorted by start, end, id.  The model changes it in place; nobody else does. */
  get segments() {
    return this.#records.list;
  }
  get speakers() {
    return this.#records.speakers;
  }
  get tables() {
    return this.#records.tables;
  }

  /** @param {string|null} id */
  byId(id) {
    return id === null ? undefined : this.tables.segment.get(id);
  }

  /** @param {string|null} id */
  speaker(id) {
    return id === null ? undefined : this.tables.speaker.get(id);
  }

  /** Place in `segments`, or −1. @param {string} id */
  indexOf(id) {
    return this.#records.indexOf(id);
  }

  /** First index whose segment starts at or after a time. @param {number} timeUs */
  indexAt(timeUs) {
    return this.#records.indexAt(timeUs);
  }

  get current() {
    return this.byId(this.currentId);
  }
  /** Whether the newest step is typing that still grows. */
  get isTyping() {
    return this.#visit !== null;
  }
  get canUndo() {
    return this.#undo.done.length > 0;
  }
  get canRedo() {
    return this.#undo.undone.length > 0;
  }

  // Listening

  /**
   * @param {"change"|"select"|"selection"|"undo"} type  with a ModelChange, {id, previous}, null, null
   * @param {(detail: any) => void} fn
   * @returns {() => void} stops listening
   */
  on(type, fn) {
    return this.#listeners.on(type, fn);
  }

  // Selecting

  /** Make a segment the current one; leaving a segment seals its typing. @param {string|null} id */
  select(id) {
    if (id === this.currentId || (id !== null && !this.byId(id))) return;
    const previous = this.currentId;
    this.#visit = null;
    this.currentId = id;
    this.#listeners.emit("select", { id, previous });
  }

  /** @param {Iterable<string>} ids */
  setSelected(ids) {
    this.selectedIds = new Set([...ids].filter((id) => this.byId(id)));
    this.#listeners.emit("selection", null);
  }

  /** Select everything between two segments, both taken in. @param {string} fromId @param {string} toId */
  selectRange(fromId, toId) {
    const [from, to] = [this.indexOf(fromId), this.indexOf(toId)].sort((one, other) => one - other);
    if (from >= 0) this.setSelected(this.segments.slice(from, to + 1).map((segment) => segment.id));
  }

  // Commands.  Each throws EditError and changes nothing when it breaks a rule.

  /**
   * The text as it is being typed.  While the segment stays current and nothing else is done, all of it is
   * one visit and one undo step.
   * @param {string} id @param {string|null} text
   */
  setText(id, text) {
    const clean = text === null ? null : cleanText(text);
    // Words are matched against the text at the start of the visit: letter by letter they would all be lost.
    this.#type(id, "text", clean, (base, now) => ({ words: plain("words", base.words), ...retext(base, now) }));
  }

  /** The note as it is being typed, likewise. @param {string} id @param {string|null} note */
  setNote(id, note) {
    this.#type(id, "note", note === null ? null : cleanText(note), (_base, now) => ({ note: now }));
  }

  /** A further layer of the text, likewise. @param {string} id @param {string} name @param {string} value */
  setField(id, name, value) {
    this.#type(id, `fields.${name}`, cleanText(value), (base, now) => layerChange(base, name, now));
  }

  /** @param {string} id @param {Typed} field @param {string|null} value @param {(base: Segment, now: string|null) => Record<string, any>} changes */
  #type(id, field, value, changes) {
    const segment = this.#records.unlocked(id);
    const last = this.#visit;
    const grows = last?.base.id === id && last.field === field && this.#undo.endsWith(last.id);
    const visit = last && grows ? last : { id: this.#newId(), field, base: segment };
    const now = value === "" && written(visit.base, field) === null ? null : value; // all taken back: as it was
    if (now === written(segment, field)) return;
    this.#commit([update(segment, touched(segment, changes(visit.base, now)))], { visit });
  }

  /**
   * Change fields of one or many segments: one step.
   * @param {string|Iterable<string>} ids @param {Record<string, any>} changes  in JSON form
   * @returns {boolean} whether anything changed
   */
  update(ids, changes) {
    return this.updateEach((typeof ids === "string" ? [ids] : [...ids]).map((id) => [id, changes]));
  }

  /** Changes of its own for each of some segments: one step. @param {Iterable<readonly [string, Record<string, any>]>} wishes */
  updateEach(wishes) {
    /** @type {Edit[]} */
    const edits = [];
    for (const [id, changes] of wishes) {
      const unlocks = Object.keys(changes).every((name) => name === "is_locked");
      const segment = unlocks ? this.#records.known(id) : this.#records.unlocked(id);
      const words = "text" in changes && !("words" in changes) ? retext(segment, changes.text) : {};
      const wanted = touched(segment, { ...changes, ...words });
      if (Object.keys(wanted).length) edits.push(update(segment, wanted));
    }
    return this.#commit(edits);
  }

  /**
   * Cut a segment in two.
   * @param {string} id @param {number} atUs @param {number|null} caretUtf16  caret in the text as the browser counts it; null: the words decide
   * @returns {string} id of the second part
   */
  split(id, atUs, caretUtf16 = null) {
    const segment = this.#records.known(id);
    const caret = caretUtf16 === null || segment.text === null ? null : charactersOf(segment.text, caretUtf16);
    const second = this.#newId();
    this.#commit(split(segment, atUs, caret, second));
    return second;
  }

  /** Join with the next segment of the lane. @param {string} id @returns {string|null} id of the result */
  mergeNext(id) {
    const next = this.neighbour(id, 1);
    return next ? this.#merge(this.#records.known(id), next) : null;
  }

  /** Join into the previous segment of the lane. @param {string} id @returns {string|null} id of the result */
  mergePrevious(id) {
    const previous = this.neighbour(id, -1);
    return previous ? this.#merge(previous, this.#records.known(id)) : null;
  }

  /** @param {Segment} first @param {Segment} second */
  #merge(first, second) {
    const edits = mergeInLane(this.recording, first, second);
    if (this.currentId === second.id) this.select(first.id);
    this.#commit(edits);
    return first.id;
  }

  /** The next (1) or previous (−1) segment of the same lane. @param {string} id @param {1|-1} direction */
  neighbour(id, direction) {
    this.#records.known(id);
    return neighbourOf(this.recording, this.segments, this.indexOf(id), direction);
  }

  /**
   * A new segment; times are held inside the recording.
   * @param {{channel: number|null, start_us: number, end_us: number} & Record<string, any>} data
   * @returns {string} its id
   */
  insert(data) {
    const id = data.id ?? this.#newId();
    const times = { start_us: this.#inside(data.start_us), end_us: this.#inside(data.end_us) };
    const record = full("segment", { status: "draft", ...data, ...times, id });
    this.#commit([{ action: "insert", target: "segment", record: compact("segment", record) }]);
    return id;
  }

  /** @param {string|Iterable<string>} ids */
  remove(ids) {
    const gone = (typeof ids === "string" ? [ids] : [...ids]).map((id) => this.#records.unlocked(id));
    return this.#commit(gone.map(({ id, version }) => ({ action: "delete", target: "segment", id, version })));
  }

  /**
   * Move the edges, held inside the recording.
   * @param {string} id @param {number} startUs @param {number} endUs
   */
  retime(id, startUs, endUs) {
    return this.retimeAll([{ id, start_us: startUs, end_us: endUs }]);
  }

  /** The same for several segments, as when they share an edge: one step. @param {{id: string, start_us: number, end_us: number}[]} times */
  retimeAll(times) {
    const edits = times.flatMap(({ id, start_us, end_us }) => {
      const segment = this.#records.known(id);
      const [edit] = retime(segment, this.#inside(start_us), this.#inside(end_us));
      const wanted = edit.action === "update" ? touched(segment, edit.changes) : {};
      return Object.keys(wanted).length ? [update(segment, wanted)] : [];
    });
    return this.#commit(edits);
  }

  /**
   * @param {string} name @param {Record<string, any>} [extra]
   * @param {readonly string[]} [segmentIds]  what the new speaker speaks, in the same step
   * @returns {string} id of the new speaker
   */
  addSpeaker(name, extra = {}, segmentIds = []) {
    const id = extra.id ?? this.#newId();
    const record = compact("speaker", full("speaker", { ...extra, id, name: cleanText(name) }));
    const theirs = segmentIds.map((of) => this.#records.unlocked(of));
    const edits = theirs.map((segment) => update(segment, touched(segment, { speaker: id })));
    this.#commit([{ action: "insert", target: "speaker", record }, ...edits]);
    return id;
  }

  /** @param {string} id @param {Record<string, any>} changes */
  updateSpeaker(id, changes) {
    const speaker = this.#records.knownSpeaker(id);
    const wanted = different(speaker, changes);
    if (!Object.keys(wanted).length) return false;
    return this.#commit([{ action: "update", target: "speaker", id, version: speaker.version, changes: wanted }]);
  }

  /**
   * Remove a speaker, or give all its segments to another one; who speaks in a locked segment stays.
   * @param {string} id
   * @param {string|null} [heirId]
   */
  removeSpeaker(id, heirId = null) {
    if (heirId !== null) this.#records.knownSpeaker(heirId);
    return this.#commit(removal(this.segments, this.#records.knownSpeaker(id), heirId));
  }

  // Undo

  /** @param {{force?: boolean}} [options] @returns {UndoResult|null} null: nothing to undo */
  undo(options = {}) {
    const entry = this.#undo.done.at(-1);
    return entry ? this.#takeBack(entry, kindOf(entry.forward), options) : null;
  }

  /** @param {{force?: boolean}} [options] @returns {UndoResult|null} */
  redo(options = {}) {
    const entry = this.#undo.undone.at(-1);
    return entry ? this.#takeBack(entry, kindOf(entry.inverse), options) : null;
  }

  /**
   * @param {import("../types.js").UndoStep} entry
   * @param {UndoResult["kind"]} kind
   * @param {{force?: boolean}} options
   */
  #takeBack(entry, kind, { force = false }) {
    const ids = [...new Set(entry.inverse.filter((edit) => edit.target === "segment").map(idOf))];
    if (!force && !holds(this.tables, entry.forward)) return { kind, ids, edits: [], isStale: true };
    const edits = fitted(this.tables, entry.inverse);
    this.#commit(edits, { undoes: entry.step, even: true });
    return { kind, ids, edits, isStale: false };
  }

  // Saving

  /** Edits that were made elsewhere, as a step of their own. @param {Edit[]} edits */
  take(edits) {
    return this.#commit(edits);
  }

  /** Versions from the server. @param {import("../types.js").Saved} saved */
  acknowledge(saved) {
    this.revision = Math.max(this.revision, saved.revision);
    this.#records.setVersions(saved.versions);
  }

  /** Apply a step that an earlier page made and could not save; not handed to `onStep`. @param {Step} step */
  replay(step) {
    const changed = apply(this.tables, fitted(this.tables, step.edits), null);
    this.#undo.record({ step: step.step, undoes: step.undoes, forward: step.edits, inverse: step.inverse });
    this.#put(changed);
  }

  /**
   * Take the server's record in place of ours (not a step).
   * @param {Target} target
   * @param {string} id
   * @param {Record<string, any>|null} theirs  null: it is gone there
   */
  replaceFromConflict(target, id, theirs) {
    this.#visit = null;
    const record = theirs === null ? null : full(target, theirs);
    this.#put(/** @type {any} */ ({ segment: new Map(), speaker: new Map(), [target]: new Map([[id, record]]) }));
  }

  // Inside

  /** @param {number} timeUs */
  #inside(timeUs) {
    return Math.min(Math.max(Math.round(timeUs), 0), this.recording.duration_us);
  }

  /**
   * @param {Edit[]} edits
   * @param {{visit?: Visit, undoes?: string, even?: boolean}} [about]  even: a step though nothing is left to do
   * @returns {boolean}
   */
  #commit(edits, { visit, undoes, even = false } = {}) {
    if (this.readOnly) throw new EditError("read_only", "another tab writes to this transcript");
    if (!edits.length && !even) return false;
    const changed = apply(this.tables, edits, null);
    const inverse = invert(this.tables, edits);
    const op_id = this.#newId();
    const after = { segment: Object.fromEntries(changed.segment), speaker: Object.fromEntries(changed.speaker) };
    const step = { step: visit?.id ?? op_id, op_id, visit: visit?.id ?? null, undoes: undoes ?? null, edits, inverse, after };
    this.#visit = visit ?? null; // before anybody hears of it: whether one is typing decides what they do
    this.#undo.record({ step: step.step, undoes: step.undoes, forward: edits, inverse });
    if (edits.length) this.onStep(step);
    this.#put(changed);
    this.#listeners.emit("undo", null);
    return true;
  }

  /** @param {import("./edits.js").Changed} changed */
  #put(changed) {
    const at = this.currentId === null ? -1 : this.indexOf(this.currentId);
    const structure = this.#records.put(changed);
    if ([...this.selectedIds].some((id) => !this.byId(id))) this.setSelected(this.selectedIds);
    const ids = new Set(changed.segment.keys());
    this.#listeners.emit("change", { ids, structure, speakers: changed.speaker.size > 0 });
    if (this.currentId !== null && !this.byId(this.currentId))
      this.select(this.segments[Math.min(at, this.segments.length - 1)]?.id ?? null);
  }
}
