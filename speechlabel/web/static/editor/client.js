// The only file that talks to the server: opens a recording, saves steps (queue.js), fetches peaks and audio
// (media.js).  Tells what people need to know: saved, saving, offline, conflict, read only.

import { Media } from "./media.js";
import { SaveQueue } from "./queue.js";
import { TabLock, browserLocks } from "./tablock.js";
import { openOutbox } from "./outbox.js";
import { EditError } from "./records.js";

/** @typedef {import("./types.js").Opened} Opened */
/** @typedef {import("./types.js").SaveState} SaveState */
/** @typedef {import("./types.js").Target} Target */
/** @typedef {import("./queue.js").Outcome} Outcome */
/** @typedef {import("./outbox.js").Entry} Entry */

const TIMEOUT_MS = 15_000; // a connection that says nothing for so long is taken for dead
const KEEPALIVE_BYTES = 60_000; // browsers refuse to send more than 64 KiB after the page has gone

/** The server said no, or could not be reached; `code` names it for translation. */
export class ClientError extends Error {
  /** @param {string} code @param {string} message @param {number} [status] */
  constructor(code, message, status = 0) {
    super(message);
    this.name = "ClientError";
    this.code = code;
    this.status = status;
  }
}

export class Client {
  /** @type {SaveQueue|null} */
  #queue = null;
  /** @type {TabLock|null} */
  #lock = null;
  /** @type {Media|null} */
  #media = null;
  /** @type {import("./scope.js").Scope|null} of the open recording */
  #scope = null;
  /** @type {Set<(client: Client) => void>} */
  #listeners = new Set();
  #last = "";
  #place = "";

  /**
   * @param {object} parts
   * @param {string} [parts.api]  address before "/api" and "/media"; "" is this server
   * @param {import("./outbox.js").OutboxStorage|Promise<import("./outbox.js").OutboxStorage>} [parts.storage]
   * @param {import("./scope.js").Scope} parts.scope
   * @param {typeof fetch} [parts.fetch]
   * @param {import("./tablock.js").LockEnvironment} [parts.locks]
   * @param {() => number} [parts.random]
   */
  constructor({ api = "", storage = openOutbox(), scope, fetch = (...args) => globalThis.fetch(...args), locks, random }) {
    this.api = api;
    this.storage = storage;
    this.scope = scope;
    this.fetch = fetch;
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
      if (this.pending > 0 && (!this.durable || this.conflicts.length > 0)) event.preventDefault();
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
    const [opened, storage] = await Promise.all([this.#get(this.#place), this.storage]);
    if (scope.isDisposed) throw new ClientError("closed", "another recording was opened meanwhile");
    const { transcript, author, media } = opened;
    const owner = `${new URL(this.api || "/", globalThis.location?.href ?? "http://local").origin} ${author}`;
    const queue = new SaveQueue({
      host: {
        post: (entry) => this.#post(entry),
        reopen: () => this.#get(this.#place),
        mayWrite: () => this.#lock?.isHeld ?? true,
        changed: () => this.#changed(),
      },
      storage,
      scope,
      owner,
      transcript: transcript.id,
      random: this.random,
    });
    const lock = new TabLock({
      name: `${owner} ${transcript.id}`,
      scope,
      environment: this.locks,
      beforeRelease: () => queue.flush(),
      onLost: () => this.#lost(),
    });
    await lock.acquire();
    const waiting = lock.isHeld ? await storage.list(owner, transcript.id).catch(() => []) : [];
    if (scope.isDisposed) throw new ClientError("closed", "another recording was opened meanwhile");
    queue.entries = waiting;
    this.#queue = queue;
    this.#lock = lock;
    this.#media = new Media((path) => this.#bytes(`${this.api}${media}/${path}`));
    this.#changed();
    return opened;
  }

  /** Leave the open recording. */
  close() {
    this.#leave();
    this.#scope?.dispose();
    this.#scope = this.#queue = this.#lock = this.#media = null;
  }

  /** Save what this model does; what an earlier page could not save is done again on it first. @param {import("./model.js").Model} model */
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
    this.#changed();
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
    const shown = JSON.stringify([this.state, this.pending, this.problem, this.durable, this.conflicts.length]);
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

  /** Become the tab that writes.  When it worked, open the recording anew: the other tab may have written. @returns {Promise<boolean>} */
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

  /** Steps that wait, as text to be kept in a file when all else fails. @returns {string} JSON lines */
  exportPending() {
    return (this.#queue?.entries ?? []).map((entry) => `${JSON.stringify(entry)}\n`).join("");
  }

  // Audio and peaks

  /** @param {number} level @param {number} tile @returns {Promise<import("./types.js").PeaksTile>} */
  peaks(level, tile) {
    return this.#needMedia().peaks(level, tile);
  }
  /** The tile if it is here already. @param {number} level @param {number} tile */
  peekPeaks(level, tile) {
    return this.#media?.peekPeaks(level, tile);
  }
  /** 2 s of int16 samples at the recording's rate. @param {number|null} channel @param {number} index @returns {Promise<Int16Array>} */
  pcm(channel, index) {
    return this.#needMedia().pcm(channel, index);
  }
  /** @param {number|null} channel @param {number} index */
  peekPcm(channel, index) {
    return this.#media?.peekPcm(channel, index);
  }
  #needMedia() {
    if (!this.#media) throw new ClientError("closed", "open a recording first");
    return this.#media;
  }

  // Requests

  /** @param {string} path @returns {Promise<Opened>} */
  async #get(path) {
    const { answer, body } = await this.#request(`${this.api}${path}`, { headers: { Accept: "application/json" } }, json);
    if (answer.ok && body?.transcript) return /** @type {Opened} */ (body);
    throw refusal(answer, body);
  }

  /** @param {string} address @returns {Promise<ArrayBuffer>} */
  async #bytes(address) {
    const { answer, body } = await this.#request(address, {}, async (answer) => {
      const isPage = (answer.headers.get("content-type") ?? "").startsWith("text/html");
      return answer.ok && !isPage ? answer.arrayBuffer() : json(answer);
    });
    if (body instanceof ArrayBuffer) return body;
    throw refusal(answer, body);
  }

  /**
   * @template T
   * @param {string} address
   * @param {RequestInit} options
   * @param {(answer: Response) => Promise<T>} read  within the same time limit
   * @returns {Promise<{answer: Response, body: T}>}
   */
  async #request(address, options, read) {
    const abort = new AbortController();
    const cancel = this.scope.timeout(() => abort.abort(), TIMEOUT_MS);
    try {
      const answer = await this.fetch(address, { credentials: "same-origin", ...options, signal: abort.signal });
      return { answer, body: await read(answer) };
    } catch (error) {
      throw new ClientError("network", `no answer from the server: ${/** @type {Error} */ (error).message}`);
    } finally {
      cancel();
    }
  }

  /** @param {Entry} entry @param {boolean} [keepalive] @returns {RequestInit} */
  #body({ op_id, visit, undoes, edits }, keepalive = false) {
    return {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ op_id, visit, lease: null, undoes, edits }),
      keepalive,
    };
  }

  /** @param {Entry} entry @returns {Promise<Outcome>} */
  async #post(entry) {
    try {
      const { answer, body } = await this.#request(this.#edits(entry), this.#body(entry), json);
      return outcomeOf(entry, answer, body);
    } catch (error) {
      return { kind: "retry", reason: error instanceof ClientError ? error.code : "network" };
    }
  }

  /** @param {Entry} entry */
  #edits(entry) {
    return `${this.api}/api/transcripts/${encodeURIComponent(entry.transcript)}/edits`;
  }

  /** The page goes: send the first step after it; the others wait in the outbox. */
  #leave() {
    const entry = this.#queue?.leave();
    if (!entry) return;
    const options = this.#body(entry, true);
    if (String(options.body).length * 3 > KEEPALIVE_BYTES) return;
    this.fetch(this.#edits(entry), { credentials: "same-origin", ...options }).catch(() => {});
  }
}

/** @param {Response} answer @returns {Promise<any>} null when it is not JSON */
async function json(answer) {
  const text = await answer.text();
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @param {Response} answer @param {any} body @returns {ClientError} */
function refusal(answer, body) {
  const code = body?.error?.code ?? (answer.ok ? "not_ack" : problemOf(answer.status));
  return new ClientError(code, body?.error?.message ?? `the server answered ${answer.status}`, answer.status);
}

/** @param {number} status */
function problemOf(status) {
  if (status === 401 || status === 403) return "signed_out";
  /** @type {Record<number, string>} */
  const known = { 404: "not_found", 413: "too_large", 429: "busy", 503: "locked", 507: "disk_full" };
  return known[status] ?? "server";
}

/**
 * What an answer to a save means.  Only JSON that echoes the step's name is an acknowledgement: a captive
 * portal answers 200 too.
 * @param {Entry} entry
 * @param {Response} answer
 * @param {any} body
 * @returns {Outcome}
 */
function outcomeOf(entry, answer, body) {
  const { status } = answer;
  if (status === 200 && body?.op_id === entry.op_id && Number.isSafeInteger(body.revision) && body.versions)
    return { kind: "ack", saved: body };
  const seconds = Number(answer.headers.get("retry-after") ?? 0);
  /** @type {Outcome} */
  const retry = { kind: "retry", reason: status === 200 ? "not_ack" : problemOf(status), afterMs: (seconds || 0) * 1000 };
  const error = body?.error;
  const message = String(error?.message ?? "");
  const isReused = error?.reason === "op_reused" || error?.code === "op_reused";
  if (status === 422 && body) return { kind: "refused", reason: isReused ? "op_reused" : "refused", message };
  if (!error) return retry;
  if (status === 412) return { kind: "stale", conflicts: error.conflicts ?? [], message };
  if (status === 428) return { kind: "refused", reason: "version_missing", message };
  if (status === 409) return { kind: "readonly", reason: error.reason ?? error.code, message };
  return retry;
}
