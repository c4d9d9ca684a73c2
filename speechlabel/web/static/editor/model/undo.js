// Undo and redo.  An undo posts the inverse edits as a step of its own that names the step it took back; so
// the stacks can be rebuilt from the journal after a reload, and a redo is the undo of an undo.

import { DEFAULTS, full, plain, same } from "./records.js";
import { idOf } from "./edits.js";

/** @typedef {import("../types.js").Edit} Edit */
/** @typedef {import("../types.js").UndoStep} UndoStep */
/** @typedef {import("../types.js").UndoResult} UndoResult */
/** @typedef {import("./edits.js").Tables} Tables */

const LIMIT = 2000; // steps kept in this page; the server gives the last 500 after a reload

export class UndoStack {
  /** @param {readonly UndoStep[]} steps  oldest first */
  constructor(steps = []) {
    /** @type {UndoStep[]} */
    this.done = [];
    /** @type {UndoStep[]} */
    this.undone = [];
    for (const step of steps) this.record(step);
  }

  /**
   * Take note of a step that was made.  One that grows the newest step (typing in one visit) is merged into it;
   * typing that was taken back to what was there leaves no step, for undoing it would show nothing.
   * @param {UndoStep} step
   */
  record({ step, undoes, forward, inverse }) {
    const top = this.done.at(-1);
    if (top?.step === step && !undoes) {
      this.done.pop();
      const all = grown(top, forward, inverse);
      if (!isIdle(all)) this.done.push(all);
      return;
    }
    const entry = { step, undoes: undoes ?? null, forward, inverse };
    if (!undoes) {
      if (!isIdle(entry)) this.done.push(entry);
      this.undone = [];
      if (this.done.length > LIMIT) this.done.shift();
    } else if (drop(this.done, undoes)) this.undone.push(entry);
    else if (drop(this.undone, undoes)) this.done.push(entry);
  }

  /** Whether the newest step is this one, so that typing may grow it. @param {string} step */
  endsWith(step) {
    return this.done.at(-1)?.step === step;
  }
}

/** @param {UndoStep[]} steps @param {string} name @returns {boolean} */
function drop(steps, name) {
  const at = steps.findLastIndex((item) => item.step === name);
  if (at >= 0) steps.splice(at, 1);
  return at >= 0;
}

/** Whether a step left every value as it was. @param {UndoStep} step */
function isIdle({ forward, inverse }) {
  const before = new Map(inverse.map((edit) => [`${edit.target} ${idOf(edit)}`, edit]));
  return forward.every((edit) => {
    const old = before.get(`${edit.target} ${idOf(edit)}`);
    if (edit.action !== "update" || old?.action !== "update") return false;
    return Object.entries(edit.changes).every(([name, value]) => same(plain(name, value), plain(name, old.changes[name])));
  });
}

/** @param {UndoStep} step @param {Edit[]} forward @param {Edit[]} inverse @returns {UndoStep} */
function grown(step, forward, inverse) {
  // The newest value counts for doing it again, the oldest for taking it back.
  return { ...step, forward: combined(step.forward, forward), inverse: combined(inverse, step.inverse) };
}

/**
 * Updates of the same records as one list of updates; later values win.
 * @param {readonly Edit[]} first
 * @param {readonly Edit[]} then
 * @returns {Edit[]}
 */
export function combined(first, then) {
  /** @type {Map<string, Edit>} */
  const out = new Map();
  for (const edit of [...first, ...then]) {
    const key = `${edit.target} ${idOf(edit)}`;
    const old = out.get(key);
    if (edit.action === "update" && old?.action === "update")
      out.set(key, { ...old, changes: { ...old.changes, ...edit.changes } });
    else out.set(key, edit);
  }
  return [...out.values()];
}

/**
 * Whether the records still are as a step left them.
 * @param {Tables} tables
 * @param {readonly Edit[]} forward
 */
export function holds(tables, forward) {
  /** @type {Map<string, boolean>} the last edit of a record says how it was left */
  const held = new Map();
  for (const edit of forward) {
    const { target } = edit;
    const id = idOf(edit);
    /** @type {any} */
    const now = tables[target].get(id);
    held.set(`${target} ${id}`, edit.action === "delete" ? !now : now !== undefined && isLeft(now, edit));
  }
  return [...held.values()].every((isHeld) => isHeld);
}

/** @param {any} now @param {import("../types.js").InsertEdit|import("../types.js").UpdateEdit} edit */
function isLeft(now, edit) {
  if (edit.action === "insert") return isSame(edit.target, now, edit.record);
  return Object.entries(edit.changes).every(([name, value]) => same(plain(name, now[name]), plain(name, value)));
}

/** @param {"segment"|"speaker"} target @param {any} record @param {Record<string, any>} json */
function isSame(target, record, json) {
  return same({ ...record, version: 0 }, { ...full(target, json), version: 0 });
}

/**
 * Edits with the versions that the records have now.  What cannot be done any more (the record is gone, or is
 * there already) is left out or becomes an update, so that an undo that was confirmed goes as far as it can.
 * @param {Tables} tables
 * @param {readonly Edit[]} edits
 * @returns {Edit[]}
 */
export function fitted(tables, edits) {
  /** @type {Edit[]} */
  const out = [];
  /** @type {Map<string, boolean>} */
  const present = new Map();
  for (const edit of edits) {
    const { target } = edit;
    const id = idOf(edit);
    const key = `${target} ${id}`;
    const now = tables[target].get(id);
    const isThere = present.get(key) ?? now !== undefined;
    const version = now ? now.version : null;
    if (edit.action === "insert") {
      present.set(key, true);
      out.push(isThere ? { action: "update", target, id, version, changes: whole(target, edit.record) } : edit);
    } else if (isThere) {
      present.set(key, edit.action !== "delete");
      out.push({ ...edit, version });
    }
  }
  return out;
}

/** Every field of a record as changes. @param {"segment"|"speaker"} target @param {Record<string, any>} json */
export function whole(target, json) {
  const changes = { ...DEFAULTS[target], ...json };
  delete changes.id;
  delete changes.version;
  return changes;
}

/** What a step did, for telling people. @param {readonly Edit[]} edits @returns {UndoResult["kind"]} */
export function kindOf(edits) {
  if (edits.some((edit) => edit.target === "speaker")) return "speaker";
  const shape = edits.map(({ action }) => action[0]).join(""); // of one segment, or of several one after another
  if (/^(ui+)+$/.test(shape) || /^(d+u)+$/.test(shape)) return "split";
  if (/^d+i+$/.test(shape)) return "recut"; // taken back, it is one too
  if (/^(ud+)+$/.test(shape) || /^(i+u)+$/.test(shape)) return "merge";
  return edits[0]?.action ?? "update";
}
