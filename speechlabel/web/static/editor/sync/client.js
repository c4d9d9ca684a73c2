// All that the editor has to do with the server (server.js): opens a recording, saves steps (queue.js), fetches
// peaks and audio (media.js), lists recordings.  Tells what people need to know: saved, saving, offline, conflict, read only.

import { ClientError } from "./answers.js";
import { Elsewhere } from "./elsewhere.js";
import { Media } from "../hear/media.js";
import { SaveQueue } from "./queue.js";
import { Server } from "./server.js";
import { TabLock, browserLocks } from "./tablock.js";
import { outboxOfPage } from "./outbox.js";
import { EditError } from "../model/records.js";
import { fileOf, waitingOf } from "./waiting.js";

/** @typedef {import("../types.js").Opened} Opened */
/** @typedef {import("../types.js").SaveState} SaveState */
/** @typedef {import("../types.js").Target} Target */
/** @typedef {import("./outbox.js").Entry} Entry */

export { ClientError };

export class Client {
  /** @type {SaveQueue|null} */
  #queue = null;
  /** @type {TabLock|null} */
  #lock = null;
  /** @type {Media|null} */
  #media = null;
  /** @type {import("../scope.js").Scope|null} of the open recording */
  #scope = null;
  /** @type {Elsewhere|null} */
  #elsewhere = null;
  /** The open pass is gone, another one took its place: open the recording anew. */
  onGone = () => {};
  /** What was made on a pass that is gone was taken into the open one. */
  onAdopted = () => {};
  /** @type {Set<(client: Client) => void>} */
  #listeners = new Set();
  #last = "";
  #place = "";

  /**
   * @param {object} parts
   * @param {string} [parts.api]  address before "/api" and "/media"; "" is this server
   * @param {import("./outbox.js").OutboxStorage|Promise<import("./outbox.js").OutboxStorage>} [parts.storage]
   * @param {import("../scope.js").Scope} parts.scope
   * @param {typeof fetch} [parts.fetch]
   * @param {import("./tablock.js").LockEnvironment} [parts.locks]
   * @param {() => number} [parts.random]
   */
  constructor({ api = "", storage = outboxOfPage(), scope, fetch, locks, random }) {
    this.api = api;
    this.storage = storage;
    this.scope = scope;
    this.server = new Server({ api, scope, fetch });
    this.locks = locks ?? browserLocks();
    this.random = random;
    if (typeof window !== "undefined") this.#watch();
  }

  #watch() {
    this.scope.listen(window, "online", () => this.#queue?.retry());
    this.scope.listen(window, "pagehide", () => {
      this.#leave();
      this.#lock?.release(); // or a reload would find the lock held by the page that it replaced
    });
    this.scope.listen(window, "pageshow", (event) => {
      if (event.persisted) void this.#comeBack();
    });
    this.scope.listen(window, "beforeunload", (event) => {
      const waits = this.pending + (this.durable ? 0 : this.pendingElsewhere);
      if (waits > 0 && (!this.durable || this.conflicts.length > 0)) event.preventDefault();
    });
  }

  /**
   * Open a recording.  Leaves the one that was open (what waits of it stays in the outbox).
   * @param {string} project
   * @param {string} recording
   * @returns {Promise<Opened>} make a Model of it and `attach` it
   */
  async open(project, recording) {
    this.close();
    this.#place = `/api/projects/${encodeURIComponent(project)}/recordings/${encodeURIComponent(recording)}/open`;
    const scope = (this.#scope = this.scope.child());
    const [opened, storage] = await Promise.all([this.#get(), this.storage]);
    if (scope.isDisposed) throw new ClientError("closed", "another recording was opened meanwhile");
    const { transcript, author, media } = opened;
    const owner = `${new URL(this.api || "/", globalThis.location?.href ?? "http://local").origin} ${author}`;
    const entries = await storage.list(owner).catch(() => []);
    const { name, metadata } = opened.recording;
    const of = { project, recording, name, title: metadata?.title ?? null };
    const { queue, lock } = this.#saver(storage, scope, owner, transcript.id, of);
    await lock.acquire();
    if (scope.isDisposed) throw new ClientError("closed", "another recording was opened meanwhile");
    if (lock.isHeld) queue.entries = entries.filter((entry) => entry.transcript === transcript.id);
    this.#queue = queue;
    this.#lock = lock;
    const { sample_rate: sampleRate } = opened.recording;
    this.#media = new Media((path) => this.server.bytes(`${media}/${path}`), { sampleRate });
    this.#elsewhere = new Elsewhere({
      storage,
      scope,
      owner,
      home: queue,
      saver: (inner, other) => this.#saver(storage, inner, owner, other),
      changed: () => this.#changed(),
      onAdopted: () => this.onAdopted(),
    });
    this.#changed();
    void this.#elsewhere.send(entries);
    return opened;
  }

  /**
   * @param {import("./outbox.js").OutboxStorage} storage
   * @param {import("../scope.js").Scope} scope
   * @param {string} owner
   * @param {string} transcript
   * @param {import("../types.js").Of} [of]
   */
  #saver(storage, scope, owner, transcript, of) {
    const queue = new SaveQueue({
      host: {
        post: (entry) => this.server.post(entry),
        reopen: () => this.#get(),
        mayWrite: () => lock.isHeld,
        changed: () => this.#changed(),
        gone: () => queue === this.#queue && this.onGone(),
      },
      storage,
      scope,
      owner,
      transcript,
      of,
      random: this.random,
    });
    /** @type {TabLock} */
    const lock = new TabLock({
      name: `${owner} ${transcript}`,
      scope,
      environment: this.locks,
      beforeRelease: () => queue.flush(),
      onLost: () => {
        if (lock === this.#lock) this.#lost();
      },
    });
    return { queue, lock };
  }

  /** Leave the open recording. */
  close() {
    this.#leave();
    this.#scope?.dispose();
    this.#scope = this.#queue = this.#lock = this.#media = this.#elsewhere = null;
  }

  /**
   * Save what this model does; what an earlier page could not save is done again on it first.
   * @param {import("../model/model.js").Model} model
   */
  attach(model) {
    const queue = this.#queue;
    if (!queue) throw new ClientError("closed", "open a recording first");
    queue.model = model;
    model.readOnly = !this.#lock?.isHeld;
    for (const entry of queue.entries) {
      try {
        model.replay(entry);
      } catch (error) {
        if (!(error instanceof EditError)) throw error; // the server will refuse it too, and it is shown then
      }
    }
    model.onStep = (step) => queue.push(step);
    queue.retry();
    this.#elsewhere?.homeIsOpen();
    this.#changed();
  }

  /** @returns {Promise<Opened>} the recording as the server has it now */
  #get() {
    return this.server.json(this.#place, (body) => Boolean(body?.transcript));
  }

  // What people see

  /** @returns {SaveState} never "saved" on a guess */
  get state() {
    const queue = this.#queue;
    if (!queue) return "saved";
    if (queue.conflicts.length) return "conflict";
    if (this.isReadOnly) return "readonly";
    if (queue.entries.length === 0) return "saved";
    return queue.failures > 0 ? "offline" : "saving";
  }
  /** Steps that the server does not have yet. */
  get pending() {
    return this.#queue?.entries.length ?? 0;
  }
  /** Steps of other recordings that the server does not have yet. */
  get pendingElsewhere() {
    return this.#elsewhere?.count() ?? 0;
  }
  /** Of those, what was tried and did not get through. */
  get stuckElsewhere() {
    return this.#elsewhere?.count({ stuck: true }) ?? 0;
  }
  /** Why saving waits: "network", "not_ack", "signed_out", "disk_full", "locked" …; null when nothing is wrong. */
  get problem() {
    return this.#queue?.problem ?? null;
  }
  /** False: this browser keeps nothing when the page goes, so warn. */
  get durable() {
    return this.#queue?.durable ?? true;
  }
  get conflicts() {
    return this.#queue?.conflicts ?? [];
  }
  get isReadOnly() {
    return this.#lock !== null && (!this.#lock.isHeld || this.#queue?.isStopped === true);
  }

  /** @param {(client: Client) => void} fn  called whenever any of the above changes @returns {() => void} stops */
  onState(fn) {
    this.#listeners.add(fn);
    return () => void this.#listeners.delete(fn);
  }

  #changed() {
    const { state, pending, problem, durable, conflicts } = this;
    const shown = JSON.stringify([state, pending, this.stuckElsewhere, problem, durable, conflicts.length]);
    if (shown === this.#last) return;
    this.#last = shown;
    for (const fn of [...this.#listeners]) fn(this);
  }

  /** Send what waits now. @returns {Promise<boolean>} whether all of it is saved */
  async flush() {
    return (await this.#queue?.flush()) ?? true;
  }

  /** Settle one conflict. @param {Target} target @param {string} id @param {"mine"|"theirs"} choice */
  resolve(target, id, choice) {
    this.#queue?.resolve(target, id, choice);
  }

  /**
   * Become the tab that writes.  When it worked, open the recording anew: the other tab may have written.
   * @returns {Promise<boolean>}
   */
  async takeOver() {
    const held = (await this.#lock?.takeOver()) ?? false;
    this.#changed();
    return held;
  }

  /** The browser shows a page again that it had put aside. */
  async #comeBack() {
    if (await this.#lock?.acquire()) this.#queue?.retry();
    else this.#lost();
  }

  #lost() {
    if (this.#queue?.model) this.#queue.model.readOnly = true;
    this.#changed();
  }

  /** All that waits, the open recording first. @returns {import("../types.js").Waiting[]} */
  waiting() {
    const { transcript = "", entries = [], of = null } = this.#queue ?? {};
    const reason = this.conflicts.length ? "conflict" : this.problem;
    const here = entries.length ? [waitingOf(transcript, entries, reason, of)] : [];
    return [...here, ...(this.#elsewhere?.waiting() ?? [])];
  }

  /** Steps that wait, as the text of a file to be kept when all else fails: see waiting.js. */
  exportPending() {
    return fileOf([...(this.#queue?.entries ?? []), ...(this.#elsewhere?.entries() ?? [])], new Date());
  }

  /**
   * Put the steps of such a file into the outbox; they are sent when the recording is opened anew.
   * @param {string} text @returns {Promise<number>} how many were not there yet
   */
  async bringBack(text) {
    if (!this.#elsewhere) throw new ClientError("closed", "open a recording first");
    return this.#elsewhere.bringBack(text);
  }

  /** Try everything that waits now. */
  async tryNow() {
    await this.flush();
    await this.#elsewhere?.sendAgain();
  }

  /** Forget steps of another transcript that cannot be saved any more. @param {string} transcript */
  async discard(transcript) {
    await this.#elsewhere?.discard(transcript);
  }

  // Audio and peaks

  /** @param {number} level @param {number} tile @returns {Promise<import("../types.js").PeaksTile>} */
  peaks(level, tile) {
    return this.#needMedia().peaks(level, tile);
  }
  /** The tile if it is here already. @param {number} level @param {number} tile */
  peekPeaks(level, tile) {
    return this.#media?.peekPeaks(level, tile);
  }
  /**
   * 2 s of int16 samples at the recording's rate.
   * @param {number|null} channel
   * @param {number} index
   * @param {number} [urgency] see media.js
   * @returns {Promise<Int16Array>}
   */
  pcm(channel, index, urgency) {
    return this.#needMedia().pcm(channel, index, urgency);
  }
  /** The person is somewhere else now. */
  turn() {
    this.#media?.turn();
  }
  /** @param {number|null} channel @param {number} index */
  peekPcm(channel, index) {
    return this.#media?.peekPcm(channel, index);
  }

  /** @param {string} path of spectrum.js */
  spectrogram(path) {
    return this.#needMedia().spectrogram(path);
  }
  /** @param {string} path */
  peekSpectrogram(path) {
    return this.#media?.peekSpectrogram(path);
  }
  #needMedia() {
    if (!this.#media) throw new ClientError("closed", "open a recording first");
    return this.#media;
  }

  // Other recordings

  /** @param {string} project @returns {Promise<import("../types.js").RecordingRow[]>} in the project's order */
  recordings(project) {
    return this.server.json(`/api/projects/${encodeURIComponent(project)}/recordings`, Array.isArray);
  }

  /**
   * Prepare a recording anew with its channels as one lane or a lane each; a person's pass stays as it is.
   * @param {string} project @param {string} recording @param {"mixed"|"separate"|"auto"} layout
   * @returns {Promise<boolean>} false: it is being prepared already
   */
  async prepare(project, recording, layout) {
    const path = `/api/projects/${encodeURIComponent(project)}/recordings/${encodeURIComponent(recording)}/prepare`;
    return (await this.server.json(path, (body) => typeof body?.queued === "boolean", { layout })).queued;
  }

  /** The page goes: send the first step after it; the others wait in the outbox. */
  #leave() {
    const entry = this.#queue?.leave();
    if (entry) this.server.postAfter(entry);
  }
}
