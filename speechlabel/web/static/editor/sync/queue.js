// The order in which steps go to the server: one at a time, each until the server has answered for it.  A step
// leaves only on an answer that echoes its op_id; whatever else comes back, it stays and is sent again.

import { combined, whole } from "../model/undo.js";
import { idOf } from "../model/edits.js";
import { full, plain, replaced } from "../model/records.js";
import { HANG_MS } from "./outbox.js";
import { changesOf, newest } from "./rehome.js";
import { uuid7 } from "../model/uuid.js";

/** @typedef {import("./outbox.js").Entry} Entry */
/** @typedef {import("../types.js").Conflict} Conflict */
/** @typedef {import("../types.js").Edit} Edit */
/** @typedef {import("../types.js").Target} Target */
/** @typedef {import("../types.js").Saved} Saved */

/**
 * What came of one request.
 * @typedef {{kind: "ack", saved: Saved}
 *   | {kind: "retry", reason: string, afterMs?: number}
 *   | {kind: "stale", conflicts: Pick<Conflict, "target"|"id"|"theirs">[], message: string}
 *   | {kind: "refused", reason: string, message: string}
 *   | {kind: "readonly", reason: string, message: string}
 *   | {kind: "gone", reason: string, message: string}} Outcome  gone: there is no such transcript any more
 */

/**
 * @typedef {object} QueueHost
 * @property {(entry: Entry) => Promise<Outcome>} post
 * @property {() => Promise<import("../types.js").Opened>} reopen  the transcript as the server has it
 * @property {() => boolean} mayWrite  this tab still is the one that writes
 * @property {() => void} changed  something that people see has changed
 * @property {() => void} [gone]  the transcript is not there any more: what waits must go into another one
 */

export const TYPING_MS = 700; // how long typing gathers before it is sent
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;

export class SaveQueue {
  /** @type {Entry[]} oldest first */
  entries = [];
  /** @type {Conflict[]} */
  conflicts = [];
  /** Failed attempts in a row. */
  failures = 0;
  /** @type {string|null} why the last attempt failed */
  problem = null;
  /** False once the outbox refused to keep something (disk full, evicted). */
  durable;
  /** @type {import("../model/model.js").Model|null} */
  model = null;
  #isSending = false;
  /** @type {(() => void)|null} */
  #cancel = null;
  /** @type {Map<number, Entry>} */
  #puts = new Map();
  /** @type {Set<number>} */
  #removes = new Set();
  /** @type {Promise<void>|null} */
  #writing = null;
  /** The server has taken the right to write away. */
  isStopped = false;
  /** @type {(() => void)[]} */
  #waiting = [];

  /**
   * @param {object} parts
   * @param {QueueHost} parts.host
   * @param {import("./outbox.js").OutboxStorage} parts.storage
   * @param {import("../scope.js").Scope} parts.scope
   * @param {string} parts.owner
   * @param {string} parts.transcript
   * @param {import("../types.js").Of} [parts.of]
   * @param {() => number} [parts.random]
   */
  constructor({ host, storage, scope, owner, transcript, of, random = Math.random }) {
    this.host = host;
    this.storage = storage;
    this.scope = scope;
    this.owner = owner;
    this.transcript = transcript;
    this.of = of;
    this.random = random;
    this.durable = storage.durable;
  }

  /** Take in a step of the model. @param {import("../types.js").Step} step */
  push(step) {
    const last = this.entries.at(-1);
    let entry;
    if (last && !last.sent && step.visit !== null && last.visit === step.visit) {
      last.edits = combined(last.edits, step.edits);
      last.inverse = combined(step.inverse, last.inverse);
      last.after = newest([last, step]);
      entry = last;
    } else {
      const key = Math.max(Date.now() * 1000, (last?.key ?? 0) + 1);
      const { owner, transcript, of } = this;
      entry = { ...step, key, owner, transcript, of, sent: false, format: /** @type {1} */ (1) };
      this.entries.push(entry);
    }
    this.#write([entry], []);
    this.#wake(step.visit === null ? 0 : TYPING_MS);
    this.host.changed();
  }

  /** Send what waits now. @returns {Promise<boolean>} whether all of it is saved */
  async flush() {
    if (this.entries.length === 0) return true;
    const settled = new Promise((/** @type {(value: void) => void} */ resolve) => this.#waiting.push(resolve));
    this.#wake(0, true);
    await settled;
    return this.entries.length === 0;
  }

  /** Try again now, as when the network is back. */
  retry() {
    this.isStopped = false;
    if (this.entries.length) this.#wake(0, true);
  }

  /** @param {number} ms @param {boolean} [isUrgent]  do not wait for an earlier appointment */
  #wake(ms, isUrgent = false) {
    if (this.#isSending || this.isStopped || this.conflicts.length) {
      if (!this.#isSending) this.#settle();
      return;
    }
    if (this.#cancel) {
      const isBackingOff = this.failures > 0;
      if (!isUrgent && (isBackingOff || ms > 0)) return;
      this.#cancel();
    }
    this.#cancel = this.scope.timeout(() => {
      this.#cancel = null;
      void this.#send();
    }, ms);
  }

  #settle() {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async #send() {
    if (this.#isSending) return;
    this.#isSending = true;
    let again = null; // ms
    // One after the other without a timer between: browsers slow the timers of hidden tabs down.
    while (this.entries.length > 0 && again === null && !this.scope.isDisposed) {
      const entry = this.entries[0];
      const outcome = await this.#attempt(entry);
      if (this.scope.isDisposed) break;
      if (outcome.kind === "ack") this.#acknowledge(entry, outcome.saved);
      else {
        again = await this.#refused(entry, outcome);
        if (again === null) break;
      }
      this.host.changed();
    }
    this.#isSending = false;
    this.host.changed();
    if (again !== null) this.#wake(again);
    this.#settle();
  }

  /** @param {Entry} entry @returns {Promise<Outcome>} */
  async #attempt(entry) {
    if (!this.host.mayWrite())
      return { kind: "readonly", reason: "other_tab", message: "another tab writes to this transcript" };
    entry.sent = true;
    // Frozen before it leaves: sent again after a crash, it is the same.
    const isWritten = await Promise.race([this.#write([entry], []).then(() => true), this.scope.sleep(HANG_MS)]);
    if (!isWritten) this.durable = false;
    return this.host.post(entry);
  }

  /**
   * @param {Entry} entry
   * @param {Exclude<Outcome, {kind: "ack"}>} outcome
   * @returns {Promise<number|null>} ms until the next attempt; null: a person must do something first
   */
  async #refused(entry, outcome) {
    this.problem = outcome.kind === "stale" ? "stale" : outcome.reason;
    if (outcome.kind === "retry") return this.#backOff(outcome.afterMs);
    if (outcome.kind === "stale") return this.#collide(outcome.conflicts, "stale", outcome.message);
    if (outcome.kind === "refused")
      return outcome.reason === "op_reused" && !entry.renamed ? this.#rename(entry) : this.#explain(entry, outcome);
    this.isStopped = true;
    if (outcome.kind === "gone") this.host.gone?.();
    return null;
  }

  /** @param {Entry} entry @param {Saved} saved */
  #acknowledge(entry, saved) {
    this.failures = 0;
    this.problem = null;
    this.entries.shift();
    const moved = this.entries.filter((later) => rebase(later, saved.versions));
    this.#write(moved, [entry.key]);
    this.model?.acknowledge(saved);
  }

  /** @param {number} [afterMs]  what the server asked for @returns {number} ms */
  #backOff(afterMs = 0) {
    const most = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures);
    this.failures += 1;
    return Math.max(afterMs, most * (0.5 + this.random() / 2));
  }

  /** The same edits under a new name. @param {Entry} entry */
  #rename(entry) {
    entry.op_id = uuid7();
    if (entry.visit === null) entry.step = entry.op_id;
    entry.renamed = true;
    this.#write([entry], []);
    return 0;
  }

  /**
   * The server will not take it as it is: show each record as the server has it.
   * @param {Entry} entry
   * @param {{reason: string, message: string}} outcome
   */
  async #explain(entry, outcome) {
    let opened;
    try {
      opened = await this.host.reopen();
    } catch {
      return this.#backOff();
    }
    const found = { segment: opened.segments, speaker: opened.speakers };
    const named = new Map(entry.edits.map((edit) => [`${edit.target} ${idOf(edit)}`, edit]));
    const conflicts = [...named.values()].map((edit) => {
      const theirs = found[edit.target].find((record) => record.id === idOf(edit)) ?? null;
      return { target: edit.target, id: idOf(edit), theirs };
    });
    return this.#collide(conflicts, outcome.reason, outcome.message);
  }

  /** @param {Pick<Conflict, "target"|"id"|"theirs">[]} conflicts @param {string} reason @param {string} message */
  #collide(conflicts, reason, message) {
    this.failures = 0;
    this.conflicts = conflicts.map(({ target, id, theirs }) => {
      const now = this.model?.tables[target].get(id) ?? null;
      // What keeping mine comes to: what I did not touch is theirs in any case.
      const mine = now && theirs ? full(target, { ...theirs, ...changesOf(target, id, now, this.entries) }) : now;
      return { target, id, theirs, mine: mine && { ...mine }, reason, message };
    });
    return conflicts.length ? null : this.#backOff(); // a refusal that names nothing: ask again later
  }

  /**
   * Settle one conflict; when the last one is settled, what is left is sent.
   * @param {Target} target
   * @param {string} id
   * @param {"mine"|"theirs"} choice
   */
  resolve(target, id, choice) {
    const conflict = this.conflicts.find((item) => item.target === target && item.id === id);
    const head = this.entries[0];
    if (!conflict || !head || !this.model) return;
    if (choice === "mine") this.#keepMine(conflict, head);
    else {
      this.#forget(target, id);
      this.model.replaceFromConflict(target, id, conflict.theirs);
    }
    this.conflicts = this.conflicts.filter((item) => item !== conflict);
    if (this.conflicts.length === 0) {
      const empty = this.entries.filter((entry) => entry.edits.length === 0).map((entry) => entry.key);
      this.entries = this.entries.filter((entry) => entry.edits.length > 0);
      if (this.entries[0] === head) {
        head.op_id = uuid7(); // other content, so another name
        head.sent = false;
      }
      this.#write(this.entries, empty);
      this.retry();
    }
    this.host.changed();
  }

  /** @param {Conflict} conflict @param {Entry} head */
  #keepMine({ target, id, theirs }, head) {
    const now = /** @type {any} */ (this.model?.tables[target].get(id) ?? null);
    const isGone = theirs === null;
    if (isGone && now === null) return this.#forget(target, id);
    const version = theirs?.version ?? null;
    let record = isGone ? now : full(target, /** @type {any} */ (theirs));
    let isFirst = true;
    head.edits = head.edits.flatMap((edit) => {
      if (edit.target !== target || idOf(edit) !== id) return [edit];
      if (isGone) {
        if (!isFirst) return [];
        isFirst = false;
        const json = { ...whole(target, now), id };
        return [/** @type {Edit} */ ({ action: "insert", target, record: jsonOf(json) })];
      }
      if (edit.action === "delete") return [{ ...edit, version }];
      const changes = edit.action === "insert" ? whole(target, edit.record) : { ...edit.changes };
      // The newest values go: what was refused may have been put right since.
      if (now) for (const name of Object.keys(changes)) changes[name] = plain(name, now[name]);
      return [/** @type {Edit} */ ({ action: "update", target, id, version, changes })];
    });
    for (const entry of this.entries)
      for (const edit of entry.edits) {
        if (edit.target !== target || idOf(edit) !== id) continue;
        if (edit.action === "update") record = replaced(target, record, edit.changes);
        else if (edit.action === "insert") record = full(target, edit.record);
        else record = null;
      }
    const shown = record === null ? null : jsonOf({ ...whole(target, record), id, version: version ?? 0 });
    this.model?.replaceFromConflict(target, id, shown);
  }

  /** Drop every edit of a record that waits. @param {Target} target @param {string} id */
  #forget(target, id) {
    const others = (/** @type {Edit} */ edit) => edit.target !== target || idOf(edit) !== id;
    for (const entry of this.entries) {
      entry.edits = entry.edits.filter(others);
      entry.inverse = entry.inverse.filter(others);
    }
  }

  /** The first entry as it should go out when the page is left, or null. @returns {Entry|null} */
  leave() {
    const entry = this.entries[0];
    if (!entry || this.#isSending || this.conflicts.length || this.isStopped || !this.host.mayWrite()) return null;
    entry.sent = true;
    void this.#write([entry], []);
    return entry;
  }

  /**
   * Write to the outbox, one transaction at a time; what gathers meanwhile goes with the next.
   * @param {readonly Entry[]} put
   * @param {readonly number[]} remove
   * @returns {Promise<void>} when all of it is written
   */
  #write(put, remove) {
    this.storage.hold?.(put);
    for (const entry of put) this.#puts.set(entry.key, entry);
    for (const key of remove) {
      this.#puts.delete(key);
      this.#removes.add(key);
    }
    this.#writing ??= this.#drain().finally(() => (this.#writing = null));
    return this.#writing;
  }

  async #drain() {
    while (this.#puts.size + this.#removes.size > 0) {
      const [puts, removes] = [[...this.#puts.values()], [...this.#removes]];
      this.#puts.clear();
      this.#removes.clear();
      try {
        await this.storage.write(puts, removes);
      } catch {
        this.durable = false; // still sent from memory; the state says that the browser keeps nothing
        this.host.changed();
      }
    }
  }
}

/** @param {Record<string, any>} record */
function jsonOf(record) {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, plain(name, value)]));
}

/**
 * Later edits of a record stand on the version that the server has just given it.
 * @param {Entry} entry
 * @param {import("../types.js").Versions} versions
 * @returns {boolean} whether anything changed
 */
function rebase(entry, versions) {
  let isChanged = false;
  entry.edits = entry.edits.map((edit) => {
    const version = versions[edit.target]?.[idOf(edit)];
    if (edit.action === "insert" || version === undefined || version === edit.version) return edit;
    isChanged = true;
    return { ...edit, version };
  });
  return isChanged;
}
