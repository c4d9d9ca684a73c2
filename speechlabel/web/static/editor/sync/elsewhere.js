// What waits of other transcripts than the open one: of other recordings, or of a pass that is gone.

import { EditError } from "../model/records.js";
import { rehomed } from "./rehome.js";
import { broughtBack, readFile, waitingOf } from "./waiting.js";

/** @typedef {import("./outbox.js").Entry} Entry */
/** @typedef {import("../scope.js").Scope} Scope */
/** @typedef {import("./queue.js").SaveQueue} SaveQueue */
/** @typedef {{entries: Entry[], problem: string|null}} Group  problem null: it is being tried */

export class Elsewhere {
  /** @type {Map<string, Group>} by transcript */
  #groups = new Map();
  /** @type {Promise<void>} */
  #home;
  homeIsOpen = () => {};

  /**
   * @param {object} parts
   * @param {import("./outbox.js").OutboxStorage} parts.storage
   * @param {Scope} parts.scope
   * @param {string} parts.owner
   * @param {SaveQueue} parts.home  of the open transcript
   * @param {(scope: Scope, transcript: string) => {queue: SaveQueue, lock: import("./tablock.js").TabLock}} parts.saver
   * @param {() => void} parts.changed
   * @param {() => void} parts.onAdopted
   */
  constructor({ storage, scope, owner, home, saver, changed, onAdopted }) {
    this.storage = storage;
    this.scope = scope;
    this.owner = owner;
    this.home = home;
    this.saver = saver;
    this.changed = changed;
    this.onAdopted = onAdopted;
    this.#home = new Promise((resolve) => (this.homeIsOpen = resolve));
  }

  /** How many steps. @param {{stuck?: boolean}} [which] stuck: only what was tried and did not get through */
  count({ stuck = false } = {}) {
    const groups = [...this.#groups.values()].filter(({ problem }) => !stuck || problem !== null);
    return groups.reduce((sum, { entries }) => sum + entries.length, 0);
  }

  /** @returns {Entry[]} */
  entries() {
    return [...this.#groups.values()].flatMap(({ entries }) => entries);
  }

  waiting() {
    return [...this.#groups].map(([transcript, { entries, problem }]) => waitingOf(transcript, entries, problem, null));
  }

  /**
   * Send it: one try at each transcript, so that their locks are soon free again.  What does not get through
   * waits on, until that recording or any other is opened.
   * @param {readonly Entry[]} all  that waits of this person
   */
  async send(all) {
    this.#groups.clear();
    for (const entry of all) {
      if (entry.transcript === this.home.transcript) continue;
      const group = this.#groups.get(entry.transcript);
      if (group) group.entries.push(entry);
      else this.#groups.set(entry.transcript, { entries: [entry], problem: null });
    }
    for (const [transcript, group] of this.#groups) {
      const scope = this.scope.child();
      const left = await this.#try(scope, transcript, group.entries);
      scope.dispose();
      if (this.scope.isDisposed) return;
      if (left.entries.length === 0) this.#groups.delete(transcript);
      else this.#groups.set(transcript, left);
      this.changed();
    }
  }

  /** Everything once more, unless that is under way. */
  async sendAgain() {
    if ([...this.#groups.values()].some(({ problem }) => problem === null)) return;
    await this.send(await this.storage.list(this.owner).catch(() => []));
  }

  /** @param {Scope} scope @param {string} transcript @param {Entry[]} entries @returns {Promise<Group>} what is left */
  async #try(scope, transcript, entries) {
    const { queue, lock } = this.saver(scope, transcript);
    if (!(await lock.acquire())) return { entries, problem: "other_tab" };
    queue.entries = [...entries];
    await queue.flush();
    const problem = queue.conflicts.length ? "conflict" : (queue.problem ?? "network");
    if (problem === "gone" && this.#isOfHome(entries) && (await this.#adopt(queue.entries))) return { entries: [], problem };
    return { entries: queue.entries, problem };
  }

  /** @param {readonly Entry[]} entries */
  #isOfHome(entries) {
    const [of, home] = [entries[0]?.of, this.home.of];
    return of !== undefined && of.project === home?.project && of.recording === home.recording;
  }

  /**
   * Take steps of a pass that is gone into the open one, which took its place.
   * @param {readonly Entry[]} entries
   * @returns {Promise<boolean>} false: they wait on
   */
  async #adopt(entries) {
    await this.#home;
    const { model } = this.home;
    if (!model || model.readOnly || entries.some((entry) => !entry.after)) return false;
    try {
      model.take(rehomed(model.tables, entries));
    } catch (error) {
      if (error instanceof EditError) return false;
      throw error;
    }
    // What was taken lies in the outbox before these leave it: writes go in order.
    await this.storage.write([], entries.map((entry) => entry.key));
    this.onAdopted();
    return true;
  }

  /** @param {string} text of a file, see waiting.js @returns {Promise<number>} how many steps were not there yet */
  async bringBack(text) {
    const entries = broughtBack(readFile(text), await this.storage.list(this.owner), this.owner);
    await this.storage.write(entries, []);
    return entries.length;
  }

  /** Forget steps that cannot be saved any more. @param {string} transcript */
  async discard(transcript) {
    const keys = this.#groups.get(transcript)?.entries.map((entry) => entry.key) ?? [];
    await this.storage.write([], keys);
    this.#groups.delete(transcript);
    this.changed();
  }
}
