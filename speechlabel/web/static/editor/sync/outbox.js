// Where edits wait until the server has them: IndexedDB with strict durability, or memory where a browser has
// none (private windows); then the client says so.

/**
 * One step on its way to the server.  Once `sent`, its content is frozen, so that sending it again is the same
 * request; only the newest entry that is not sent may still grow.
 * @typedef {import("../types.js").Step & {
 *   key: number, owner: string, transcript: string, sent: boolean, format: 1, renamed?: boolean,
 *   of?: import("../types.js").Of,
 * }} Entry  `key` orders them; `owner` is server and person, so that one person's edits never go out as another's
 */

/**
 * @typedef {object} OutboxStorage
 * @property {boolean} durable  whether entries outlive the page
 * @property {(owner: string) => Promise<Entry[]>} list  all that waits of one owner, in order
 * @property {(put: readonly Entry[], remove: readonly number[]) => Promise<void>} write  all or nothing
 * @property {(put: readonly Entry[]) => void} [hold]  keep them at once until they are written, if it can
 */

/** @implements {OutboxStorage} */
export class MemoryOutbox {
  durable = false;
  /** @type {Map<number, string>} JSON, so that later changes of an entry do not reach what was written */
  rows = new Map();

  /** @param {string} owner @returns {Promise<Entry[]>} */
  async list(owner) {
    const entries = [...this.rows.values()].map((row) => /** @type {Entry} */ (JSON.parse(row)));
    return entries.filter((entry) => entry.owner === owner).sort((one, other) => one.key - other.key);
  }

  /** @param {readonly Entry[]} put @param {readonly number[]} remove */
  async write(put, remove) {
    for (const key of remove) this.rows.delete(key);
    for (const entry of put) this.rows.set(entry.key, JSON.stringify(entry));
  }
}

const STORE = "steps";
const HELD = "speechlabel.outbox."; // then the key of the entry
/** How long a database may take, in ms: a broken one must not hold up saving. */
export const HANG_MS = 3000;

/** @implements {OutboxStorage} */
export class IndexedDbOutbox {
  durable = true;

  /** @param {IDBDatabase} database @param {Storage} [local] */
  constructor(database, local = localOfBrowser()) {
    this.database = database;
    this.local = local;
  }

  /** @param {string} owner @returns {Promise<Entry[]>} */
  async list(owner) {
    const index = this.database.transaction(STORE, "readonly").objectStore(STORE).index("owner");
    /** @type {Entry[]} */
    const written = await finished(index.getAll(owner));
    // What is held is newer than what was written under the same key: the page went before it was written.
    const held = this.#held().filter((entry) => entry.owner === owner);
    const entries = new Map([...written, ...held].map((entry) => [entry.key, entry]));
    return [...entries.values()].sort((one, other) => one.key - other.key);
  }

  /**
   * A transaction takes as long as the disk, and ends with the page; local storage takes what is typed until
   * then at once.
   * @param {readonly Entry[]} put
   */
  hold(put) {
    try {
      for (const entry of put) this.local?.setItem(HELD + entry.key, JSON.stringify(entry));
    } catch {
      // Full: then the transaction alone must do.
    }
  }

  /** @returns {Entry[]} */
  #held() {
    const names = Object.keys(this.local ?? {}).filter((name) => name.startsWith(HELD));
    return names.flatMap((name) => {
      try {
        return [/** @type {Entry} */ (JSON.parse(this.local?.getItem(name) ?? ""))];
      } catch {
        return [];
      }
    });
  }

  /** @param {readonly Entry[]} put @param {readonly number[]} remove @returns {Promise<void>} */
  write(put, remove) {
    return new Promise((resolve, reject) => {
      // Browsers default to relaxed: then a power cut can take what was reported as written.
      const transaction = this.database.transaction(STORE, "readwrite", { durability: "strict" });
      const texts = put.map((entry) => JSON.stringify(entry));
      transaction.oncomplete = () => {
        for (const key of remove) this.local?.removeItem(HELD + key);
        put.forEach(({ key }, i) => {
          // Unless more was typed meanwhile.
          if (this.local?.getItem(HELD + key) === texts[i]) this.local?.removeItem(HELD + key);
        });
        resolve();
      };
      transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("outbox write failed"));
      const store = transaction.objectStore(STORE);
      for (const key of remove) store.delete(key);
      for (const entry of put) store.put(entry);
    });
  }
}

/** @returns {Storage|undefined} undefined where the person's settings block it */
function localOfBrowser() {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}

/** @type {Promise<OutboxStorage>|null} */
let shared = null;

/**
 * The one outbox of this page.  Each recording opens an editor of its own: with an outbox each, a connection
 * would stay open after each, and one in memory would be gone with its recording.
 * @returns {Promise<OutboxStorage>}
 */
export function outboxOfPage() {
  return (shared ??= openOutbox());
}

/**
 * The browser's outbox, or one in memory when IndexedDB is missing, refuses, or does not answer.
 * @param {IDBFactory|undefined} [factory]
 * @returns {Promise<OutboxStorage>}
 */
export async function openOutbox(factory = globalThis.indexedDB) {
  let timer;
  const late = new Promise((/** @type {(storage: OutboxStorage) => void} */ resolve) => {
    timer = setTimeout(() => resolve(new MemoryOutbox()), HANG_MS);
  });
  const storage = await Promise.race([openDatabase(factory), late]);
  clearTimeout(timer);
  return storage;
}

/** @param {IDBFactory|undefined} factory @returns {Promise<OutboxStorage>} */
async function openDatabase(factory) {
  try {
    if (!factory) return new MemoryOutbox();
    const request = factory.open("speechlabel-outbox", 1);
    request.onupgradeneeded = () => {
      const store = request.result.createObjectStore(STORE, { keyPath: "key" });
      store.createIndex("owner", "owner");
    };
    const database = await finished(request);
    database.onclose = () => (shared = null);
    database.onversionchange = () => {
      database.close(); // never block a newer page in another tab
      shared = null;
    };
    globalThis.navigator?.storage?.persist?.().catch(() => {}); // asks that it is not evicted when space is short
    return new IndexedDbOutbox(database);
  } catch {
    return new MemoryOutbox();
  }
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function finished(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
