// One tab writes to a transcript.  A Web Lock tells which; where there is none (plain http), a heartbeat in
// local storage does.  Another tab can ask for it over a BroadcastChannel, and takes it when nobody answers.

import { uuid7 } from "../model/uuid.js";

const BEAT_MS = 1500;
const DEAD_MS = 6000; // a tab that has not been heard of for so long is gone
const ANSWER_MS = 2000;
const SETTLE_MS = 100; // after which a write in one tab has reached the others

/**
 * @typedef {object} LockEnvironment
 * @property {LockManager} [locks]
 * @property {Pick<Storage, "getItem"|"setItem"|"removeItem">} [storage]
 * @property {typeof BroadcastChannel} [Channel]
 */

/** What this browser has. @returns {LockEnvironment} */
export function browserLocks() {
  let storage;
  try {
    storage = globalThis.localStorage;
  } catch {
    storage = undefined; // blocked by the person's settings
  }
  return { locks: globalThis.navigator?.locks, storage, Channel: globalThis.BroadcastChannel };
}

export class TabLock {
  #tab = uuid7();
  #isHeld = false;
  /** @type {(() => void)|null} gives the Web Lock back */
  #release = null;
  /** @type {(() => void)|null} */
  #stopBeat = null;
  #channel;

  /**
   * @param {object} parts
   * @param {string} parts.name
   * @param {import("../scope.js").Scope} parts.scope
   * @param {LockEnvironment} [parts.environment]
   * @param {() => Promise<unknown>} parts.beforeRelease  send what waits
   * @param {() => void} parts.onLost
   */
  constructor({ name, scope, environment = browserLocks(), beforeRelease, onLost }) {
    this.name = `speechlabel-writer:${name}`;
    this.scope = scope;
    this.environment = environment;
    this.beforeRelease = beforeRelease;
    this.onLost = onLost;
    this.#channel = environment.Channel ? new environment.Channel(this.name) : null;
    if (this.#channel) {
      const channel = this.#channel;
      scope.own(() => channel.close());
      channel.onmessage = (message) => void this.#hear(message.data);
    }
    scope.own(() => this.release());
  }

  /** Whether this tab may write, as far as it can know now. */
  get isHeld() {
    const { locks, storage } = this.environment;
    if (!this.#isHeld || locks || !storage) return this.#isHeld;
    const holder = this.#holder();
    if (holder && holder.tab !== this.#tab) this.#lose();
    return this.#isHeld;
  }

  /** Take the lock if nobody has it. @returns {Promise<boolean>} */
  async acquire() {
    if (this.#isHeld) return true;
    const { locks, storage } = this.environment;
    if (locks) return this.#request({ ifAvailable: true });
    if (!storage) return (this.#isHeld = true); // no way to tell: the server's versions still guard the data
    const holder = this.#holder();
    if (holder && holder.tab !== this.#tab && Date.now() - holder.time < DEAD_MS) return false;
    return this.#claim();
  }

  /**
   * Take the lock from the tab that has it: ask first, so that it saves what waits.
   * @returns {Promise<boolean>}
   */
  async takeOver() {
    const answered = new Promise((resolve) => {
      this.answer = () => resolve(true);
      this.scope.timeout(() => resolve(false), ANSWER_MS);
    });
    this.#channel?.postMessage({ type: "please", tab: this.#tab });
    if (this.#channel) await answered;
    if (await this.acquire()) return true;
    return this.environment.locks ? this.#request({ steal: true }) : this.#claim({ steal: true });
  }

  release() {
    this.#isHeld = false;
    this.#release?.();
    this.#stopBeat?.();
    // Also what was only being claimed: or this tab would find it taken when it soon comes back.
    const { locks, storage } = this.environment;
    if (!locks && this.#holder()?.tab === this.#tab) storage?.removeItem(this.name);
  }

  /** @param {{type: string, tab: string}} message */
  async #hear(message) {
    if (message.tab === this.#tab) return;
    if (message.type === "released") this.answer();
    if (message.type !== "please" || !this.#isHeld) return;
    await Promise.race([this.beforeRelease(), this.scope.sleep(ANSWER_MS / 2)]);
    this.#lose();
    this.#channel?.postMessage({ type: "released", tab: this.#tab });
  }

  answer() {}

  #lose() {
    this.release();
    this.onLost();
  }

  /** @param {LockOptions} options @returns {Promise<boolean>} */
  #request(options) {
    return new Promise((resolve) => {
      const held = (/** @type {Lock|null} */ lock) => {
        // It may be granted only after the recording was left: then it goes back at once.
        this.#isHeld = lock !== null && !this.scope.isDisposed;
        resolve(this.#isHeld);
        if (this.#isHeld) return new Promise((/** @type {(value: void) => void} */ free) => (this.#release = () => free()));
      };
      this.environment.locks?.request(this.name, options, held).catch(() => {
        // Another tab stole it.
        resolve(false);
        if (this.#isHeld) this.#lose();
      });
    });
  }

  /** @returns {{tab: string, time: number}|null} */
  #holder() {
    try {
      return JSON.parse(this.environment.storage?.getItem(this.name) ?? "null");
    } catch {
      return null;
    }
  }

  #beat() {
    try {
      this.environment.storage?.setItem(this.name, JSON.stringify({ tab: this.#tab, time: Date.now() }));
    } catch {
      // Storage is full: the server's versions still guard the data.
    }
  }

  /** @param {{steal?: boolean}} [options] @returns {Promise<boolean>} */
  async #claim({ steal = false } = {}) {
    // Two tabs may claim at once: the last one to write has it.  Tabs live in processes of their own and see
    // each other's writes late, the removal by the tab before among them: then it is written again.
    for (let tries = 0; tries < 5 && !this.#isHeld; tries += 1) {
      this.#beat();
      await this.scope.sleep(SETTLE_MS);
      const holder = this.#holder();
      if (holder && holder.tab !== this.#tab && !steal) return false;
      this.#isHeld = holder?.tab === this.#tab;
    }
    if (!this.#isHeld) return false;
    this.#stopBeat = this.scope.interval(() => {
      if (this.isHeld) this.#beat();
    }, BEAT_MS);
    return true;
  }
}
